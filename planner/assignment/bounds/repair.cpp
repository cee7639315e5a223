#include <algorithm>
#include <limits>

#include "planner/assignment/bounds/ascent.hpp"

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

struct Choice {
  int bin = -1;
  double regret = -1;  // what the second choice costs more; infinite where there is none
};

Choice choose(const Prepared& prepared, const Lagrangian& lagrangian, const OpenPairs& open, int item) {
  double best = -std::numeric_limits<double>::infinity();
  double second = best;
  Choice choice;
  for (int bin = 0; bin < prepared.bins; ++bin) {
    if (!open.open(bin, item)) continue;
    const double worth = lagrangian.reduced(bin, item);
    if (worth > best) {
      second = best;
      best = worth;
      choice.bin = bin;
    } else {
      second = std::max(second, worth);
    }
  }
  choice.regret = best - second;
  return choice;
}

}  // namespace

std::vector<int> repair(const Prepared& prepared, const Lagrangian& lagrangian) {
  OpenPairs open(prepared);
  std::vector<int> loose;
  for (int item = 0; item < prepared.items; ++item) {
    const auto& takers = lagrangian.takers()[z(item)];
    if (takers.size() != 1) {
      loose.push_back(item);
    } else if (open.open(takers.front(), item) && open.bin_of(item) < 0 && !open.assign(takers.front(), item)) {
      return {};
    }
  }
  for (int item = 0; item < prepared.items; ++item) {
    const auto& takers = lagrangian.takers()[z(item)];
    if (takers.size() == 1 && open.bin_of(item) < 0) loose.push_back(item);  // apart, or a second dimension is full
  }
  while (!loose.empty()) {
    std::size_t place = 0;
    Choice choice;
    for (std::size_t k = 0; k < loose.size(); ++k) {
      const Choice other = choose(prepared, lagrangian, open, loose[k]);
      if (other.bin < 0) return {};
      if (other.regret > choice.regret) {
        choice = other;
        place = k;
      }
    }
    if (!open.assign(choice.bin, loose[place])) return {};
    loose.erase(loose.begin() + static_cast<std::ptrdiff_t>(place));
  }
  return open.bins();
}

}  // namespace plimsoll::assignment
