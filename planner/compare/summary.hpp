// One line per method, over all instances or some of them, and each method against each other.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "planner/compare/comparison.hpp"
#include "planner/compare/measures.hpp"

namespace plimsoll::compare {

// Of mean times: 1 second, so that what ends in milliseconds does not decide the mean (Achterberg 2007).
inline constexpr double time_shift_seconds = 1;

struct MethodSummary {
  std::size_t runs = 0;     // all of them
  std::size_t plans = 0;    // confirmed
  std::size_t proven = 0;   // optimal or infeasible
  std::size_t without = 0;  // no plan within the limit
  std::size_t refused = 0;
  std::size_t failed = 0;  // crashed, or a plan that the checker refused
  std::size_t wins = 0;
  std::size_t wins_alone = 0;
  // Over the runs with a plan
  std::optional<double> mean_gap;
  std::optional<double> largest_gap;
  std::optional<double> mean_gap_to_best_bound;
  std::optional<double> mean_gap_to_reference;
  // Over the runs that took part
  std::optional<double> mean_seconds;
  std::optional<double> geometric_mean_seconds;
  std::optional<double> mean_primal_integral;
};

// In the order of the methods; over these instances only.
std::vector<MethodSummary> summarise(const Comparison& comparison, const Measures& measures,
                                     const std::vector<std::size_t>& instances);

std::vector<std::size_t> all_instances(const Comparison& comparison);
// Those that no method refused: only there do means of all methods speak of the same.
std::vector<std::size_t> common_instances(const Comparison& comparison);

// How often the row's method had the better plan than the column's, over instances (means over seeds; no plan is worse
// than any) on which both took part and neither failed.
struct Duel {
  std::size_t better = 0;
  std::size_t equal = 0;
  std::size_t worse = 0;
  double chance = 1;  // sign test over the instances that differ
};

// duels[row][column]
std::vector<std::vector<Duel>> duel(const Comparison& comparison);

// Objectives of one method on one instance over the seeds.
struct Spread {
  std::size_t plans = 0;
  std::optional<double> mean;
  std::optional<double> least;
  std::optional<double> largest;
};
Spread spread(const Comparison& comparison, std::size_t instance, std::size_t method);

}  // namespace plimsoll::compare
