// Closing pairs by exact knapsacks: with item j in bin i, that bin is worth what its knapsack is with j forced in, and
// every other bin what its own is with j left out. (Posta, Ferland and Michelon 2012 force one bin at a time; the price
// of j cancels out when all bins are told at once.)
#include <algorithm>
#include <cmath>

#include "planner/assignment/bounds/lagrangian.hpp"

namespace plimsoll::assignment {
namespace {

constexpr std::size_t most_cells = 1'000'000;  // of a knapsack's table; beyond it Dantzig's bounds do

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

bool Lagrangian::close_exactly(OpenPairs& open, const Prices& prices, double value, double target, int& closed) {
  if (prepared_.dimensions.empty()) return true;
  const double allowed = target - value + 1e-9 * std::max(1.0, std::abs(target));
  if (allowed < 0) return false;
  struct Loss {
    int item;
    double here;  // what the bins lose when the item goes here, beyond what they lose when none of them takes it
  };
  std::vector<std::vector<Loss>> losses(z(prepared_.bins));
  std::vector<double> nowhere(z(prepared_.items), 0.0);
  std::vector<double> profit;
  std::vector<double> weight;
  const std::uint64_t before = forced_.work();
  for (int bin = 0; bin < prepared_.bins; ++bin) {
    profit.clear();
    weight.clear();
    std::vector<Loss>& own = losses[z(bin)];
    for (int item = 0; item < prepared_.items; ++item) {
      if (open.bin_of(item) >= 0 || !open.open(bin, item)) continue;
      own.push_back({item, 0});
      profit.push_back(prices.item[z(item)] - cost(bin, item, prices));
      weight.push_back(size(bin, item));
    }
    const Prepared::Dimension& dimension = prepared_.dimensions[dimension_[z(bin)]];
    double room = open.room(dimension_[z(bin)], bin);
    if (!dimension.whole) room += 1e-12 * dimension.capacity[z(bin)];
    forced_.solve(profit, weight, std::max(room, 0.0), dimension.whole, most_cells);
    const double worth = knapsack_[z(bin)].value;
    for (std::size_t k = 0; k < own.size(); ++k) {
      const double in = worth - std::min(worth, forced_.in()[k]);
      const double out = worth - std::min(worth, forced_.out()[k]);
      own[k].here = in - out;
      nowhere[z(own[k].item)] += out;
    }
  }
  work_ += (forced_.work() - before) / 64 + z(prepared_.bins) * z(prepared_.items);
  for (int bin = 0; bin < prepared_.bins; ++bin) {
    for (const Loss& loss : losses[z(bin)]) {
      if (nowhere[z(loss.item)] + loss.here <= allowed || !open.open(bin, loss.item)) continue;
      ++closed;
      if (!open.close(bin, loss.item)) return false;
    }
  }
  return open.propagate();
}

}  // namespace plimsoll::assignment
