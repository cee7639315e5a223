#include "planner/assignment/search/cost_tables.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::assignment {
namespace {

constexpr double exact_sum = 1125899906842624.0;  // 2^50: sums of so much, and twice as much, are exact

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// The power of two by which values of this magnitude are to be multiplied to become whole with exact sums.
double grid(double magnitude) {
  if (!(magnitude > 0)) return 1;
  return std::exp2(std::floor(std::log2(exact_sum / magnitude)));
}

}  // namespace

CostTables::CostTables(const Prepared& source)
    : prepared(source),
      bins(source.bins),
      items(source.items),
      dimensions(static_cast<int>(source.dimensions.size())),
      has_apart(source.has_apart()),
      limits_changes(source.limits_changes()) {
  if (limits_changes) max_changes = static_cast<double>(*source.max_changes);
  const std::size_t pairs = z(items) * z(bins);
  records_.assign(pairs * z(dimensions + 1), 0.0);
  allowed_.assign(pairs, 0);
  capacity.assign(z(bins) * z(dimensions), 0.0);
  fill_costs();
  fill_sizes();
}

void CostTables::fill_costs() {
  double magnitude = 0;
  bool all_whole = true;
  for (int item = 0; item < items; ++item) {
    double largest = 0;
    for (int bin = 0; bin < bins; ++bin) {
      allowed_[index(item, bin)] = prepared.can(bin, item) ? 1 : 0;
      if (!prepared.can(bin, item)) continue;
      const double value = prepared.cost.at(z(bin), z(item));
      largest = std::max(largest, std::abs(value));
      all_whole = all_whole && value == std::trunc(value);
    }
    magnitude += largest;
  }
  const double factor = all_whole && magnitude <= exact_sum ? 1 : grid(magnitude);
  cost_unit = 1 / factor;
  for (int item = 0; item < items; ++item) {
    for (int bin = 0; bin < bins; ++bin) {
      records_[index(item, bin) * z(dimensions + 1)] = std::nearbyint(prepared.cost.at(z(bin), z(item)) * factor);
    }
  }
}

void CostTables::fill_sizes() {
  for (int d = 0; d < dimensions; ++d) {
    const Prepared::Dimension& dimension = prepared.dimensions[z(d)];
    for (int bin = 0; bin < bins; ++bin) {
      double sum = 0;
      for (int item = 0; item < items; ++item) {
        if (can(item, bin)) sum += dimension.size.at(z(bin), z(item));
      }
      const bool exact = dimension.whole && sum <= exact_sum;
      const double factor = exact ? 1 : grid(sum);
      // Half of the relative 1e-9 that the evaluation adds to a capacity of real sizes is left to the rounding here.
      const double admitted = exact ? dimension.capacity[z(bin)] : dimension.capacity[z(bin)] * (1 - 0.5e-9) * factor;
      // What holds everything is as good as any larger capacity, and keeps the numbers small.
      capacity[z(bin) * z(dimensions) + z(d)] = std::floor(std::min(admitted, 2 * exact_sum));
      for (int item = 0; item < items; ++item) {
        if (!can(item, bin)) continue;
        records_[index(item, bin) * z(dimensions + 1) + z(d + 1)] =
            std::nearbyint(dimension.size.at(z(bin), z(item)) * factor);
      }
    }
  }
}

bool CostTables::are_apart(int item, int other) const {
  if (!has_apart) return false;
  const std::vector<int>& others = prepared.apart[z(item)];
  return std::binary_search(others.begin(), others.end(), other);
}

}  // namespace plimsoll::assignment
