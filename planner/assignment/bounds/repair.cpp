#include <algorithm>
#include <cstdint>
#include <limits>

#include "planner/assignment/bounds/ascent.hpp"

namespace plimsoll::assignment {
namespace {

// Few loose items are judged anew after every step, many once.
constexpr std::size_t few = 200;

std::size_t z(int index) { return static_cast<std::size_t>(index); }

struct Choice {
  int bin = -1;
  double regret = -1;  // what the second choice is worth less; infinite where there is none
};

class Repair {
 public:
  Repair(const Prepared& prepared, const Lagrangian& lagrangian)
      : prepared_(prepared),
        lagrangian_(lagrangian),
        bin_of_(z(prepared.items), -1),
        changes_left_(prepared.max_changes.value_or(std::numeric_limits<std::int64_t>::max())) {
    for (const Prepared::Dimension& dimension : prepared.dimensions) room_.push_back(dimension.capacity);
  }

  std::vector<int> run() {
    for (int item = 0; item < prepared_.items; ++item) {
      const auto& takers = lagrangian_.takers()[z(item)];
      if (takers.size() == 1 && fits(takers.front(), item)) put(takers.front(), item);
    }
    for (int item = 0; item < prepared_.items; ++item) {
      if (bin_of_[z(item)] < 0) loose_.push_back(item);
    }
    if (loose_.size() > few) order_by_regret();
    while (!loose_.empty()) {
      std::size_t place = loose_.size() - 1;
      Choice choice = choose(loose_[place]);
      for (std::size_t k = 0; k + 1 < loose_.size() && loose_.size() <= few && choice.bin >= 0; ++k) {
        const Choice other = choose(loose_[k]);
        if (other.bin >= 0 && other.regret <= choice.regret) continue;
        choice = other;
        place = k;
      }
      if (choice.bin < 0) return {};
      put(choice.bin, loose_[place]);
      loose_.erase(loose_.begin() + static_cast<std::ptrdiff_t>(place));
    }
    return bin_of_;
  }

 private:
  [[nodiscard]] bool fits(int bin, int item) const {
    if (!prepared_.can(bin, item)) return false;
    for (std::size_t d = 0; d < room_.size(); ++d) {
      if (prepared_.dimensions[d].size.at(z(bin), z(item)) > room_[d][z(bin)]) return false;
    }
    if (prepared_.limits_changes() && prepared_.changes.at(z(bin), z(item)) > changes_left_) return false;
    const auto& apart = prepared_.apart[z(item)];
    return std::none_of(apart.begin(), apart.end(), [&](int other) { return bin_of_[z(other)] == bin; });
  }

  void put(int bin, int item) {
    bin_of_[z(item)] = bin;
    for (std::size_t d = 0; d < room_.size(); ++d) room_[d][z(bin)] -= prepared_.dimensions[d].size.at(z(bin), z(item));
    if (prepared_.limits_changes()) changes_left_ -= prepared_.changes.at(z(bin), z(item));
  }

  [[nodiscard]] Choice choose(int item) const {
    double best = -std::numeric_limits<double>::infinity();
    double second = best;
    Choice choice;
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      if (!fits(bin, item)) continue;
      const double worth = lagrangian_.reduced(bin, item);
      second = std::max(second, std::min(best, worth));
      if (worth <= best) continue;
      best = worth;
      choice.bin = bin;
    }
    choice.regret = best - second;
    return choice;
  }

  // The one that loses most if it is refused comes last, where it is taken first.
  void order_by_regret() {
    std::vector<std::pair<double, int>> order;
    for (const int item : loose_) order.emplace_back(choose(item).regret, item);
    std::sort(order.begin(), order.end());
    for (std::size_t k = 0; k < order.size(); ++k) loose_[k] = order[k].second;
  }

  const Prepared& prepared_;
  const Lagrangian& lagrangian_;
  std::vector<int> bin_of_;
  std::vector<std::vector<double>> room_;  // [dimensions][bins]
  std::int64_t changes_left_;
  std::vector<int> loose_;
};

}  // namespace

std::vector<int> repair(const Prepared& prepared, const Lagrangian& lagrangian) {
  return Repair(prepared, lagrangian).run();
}

}  // namespace plimsoll::assignment
