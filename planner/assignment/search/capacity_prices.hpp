// What one unit of each capacity is worth: multipliers of the capacities (and of the budget of changes) from a short
// subgradient ascent. They are guidance for the heuristics, never a certificate.
#pragma once

#include <vector>

#include "planner/assignment/search/cost_tables.hpp"

namespace plimsoll::assignment {

struct CapacityPrices {
  std::vector<double> price;  // [bins][dimensions], 0 or more, in cost per size as in the tables
  double change_price = 0;    // per item that leaves its current bin
  double bound = 0;           // the Lagrangian value, in the tables' unit of cost

  // The cost of the pair with everything it uses paid for.
  [[nodiscard]] double priced(const CostTables& tables, int item, int bin) const {
    const double* record = tables.record(item, bin);
    double value = record[0] + change_price * tables.changes(item, bin);
    for (int d = 0; d < tables.dimensions; ++d) {
      value += price[static_cast<std::size_t>(bin) * static_cast<std::size_t>(tables.dimensions) +
                     static_cast<std::size_t>(d)] *
               record[d + 1];
    }
    return value;
  }
};

// Maximises  sum_j min_i (c_ij + sum_d lambda_id a_ijd + mu h_ij) - sum_id lambda_id b_id - mu H  over lambda, mu >= 0
// (Held, Wolfe and Crowder 1974; steps scaled per capacity). `work` is what it cost, about one per pair looked at.
CapacityPrices capacity_prices(const CostTables& tables, std::uint64_t& work);

// Capacity prices that fit prices of items: per bin the ratio at which a fractional knapsack of gains
// (item_price - cost) over sizes is full. Needs one dimension.
CapacityPrices prices_from_items(const CostTables& tables, const std::vector<double>& item_price);

}  // namespace plimsoll::assignment
