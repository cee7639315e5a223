#include "planner/assignment/search/rounding.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "solvers/flow/matching.hpp"

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr double whole = 1 - 1e-6;
constexpr std::int64_t no_edge = std::int64_t{1} << 34;
constexpr double share_unit = 1 << 20;

// The split items, each to a bin that has a part of it, no two to one bin, and the largest parts together.
void match(const Times& times, const std::vector<LinearTarget::Part>& point, const std::vector<double>& largest,
           std::vector<int>& bin_of) {
  std::vector<int> row(z(times.items), -1);
  std::vector<int> split;
  for (int item = 0; item < times.items; ++item) {
    if (largest[z(item)] <= 0 || largest[z(item)] >= whole) continue;
    row[z(item)] = static_cast<int>(split.size());
    split.push_back(item);
  }
  if (split.empty() || split.size() > z(times.bins)) return;
  const std::size_t size = z(times.bins);
  std::vector<std::int64_t> cost(size * size, no_edge);
  for (std::size_t k = split.size(); k < size; ++k)
    std::fill_n(cost.begin() + static_cast<std::ptrdiff_t>(k * size), size, 0);
  for (const LinearTarget::Part& part : point) {
    if (row[z(part.item)] < 0) continue;
    cost[z(row[z(part.item)]) * size + z(part.bin)] = static_cast<std::int64_t>((1 - part.share) * share_unit);
  }
  const std::vector<int> column = solvers::flow::least_cost_matching(times.bins, cost);
  for (std::size_t k = 0; k < split.size(); ++k) {
    if (cost[k * size + z(column[k])] < no_edge) bin_of[z(split[k])] = column[k];
  }
}

}  // namespace

std::vector<int> rounded(const Times& times, const LinearTarget& linear) {
  std::vector<int> bin_of(z(times.items), -1);
  std::vector<double> largest(z(times.items), 0.0);
  for (const LinearTarget::Part& part : linear.point()) {
    if (part.share <= largest[z(part.item)]) continue;
    largest[z(part.item)] = part.share;
    bin_of[z(part.item)] = part.bin;
  }
  match(times, linear.point(), largest, bin_of);
  for (int item = 0; item < times.items; ++item) {
    if (bin_of[z(item)] >= 0) continue;
    double least = Times::never;
    for (const int bin : times.open[z(item)]) {
      const double price = linear.weight()[z(bin)] * times.at(item, bin) + times.cost.at(z(item), z(bin));
      if (price >= least) continue;
      least = price;
      bin_of[z(item)] = bin;
    }
  }
  return bin_of;
}

}  // namespace plimsoll::assignment
