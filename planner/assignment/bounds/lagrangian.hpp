// The Lagrangian relaxation of "every item in exactly one bin": with a price for each item, every bin takes the items
// that are worth most to it, an exact knapsack (Fisher, Jaikumar, Van Wassenhove 1986):
//   L(price) = sum price - sum over bins of max { sum (price - cost) x : sizes x <= capacity, x in {0, 1} }
// (budgets of changes enter with a multiplier of their own; lists apart are left out; of several capacities the
// tightest of each bin). L is a bound for any prices. Prices that make it large come from a subgradient method with
// the direction of Camerini, Fratta and Maffioli (1975) and Polyak's step.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/assignment/bound.hpp"
#include "planner/assignment/bounds/fill.hpp"
#include "planner/assignment/bounds/open_pairs.hpp"
#include "solvers/knapsack/forced.hpp"

namespace plimsoll::assignment {

// L at the prices of a proof, from plain formulas alone; rounded down. What `check` believes.
double evaluate_lagrangian(const Prepared& prepared, const Proof& proof);

// No plan costs more: every item at its dearest bin; rounded up. A bound beyond it proves that there is no plan.
double dearest_plan(const Prepared& prepared);

// The capacity that each bin's knapsack keeps: a weight of 1 for one dimension, 0 for the others. Empty where the first
// dimension is all there is.
Matrix<double> tightest_dimensions(const Prepared& prepared);

class Lagrangian {
 public:
  explicit Lagrangian(const Prepared& prepared);

  struct Prices {
    std::vector<double> item;  // [items]
    double change = 0;         // 0 or more
  };
  [[nodiscard]] Prices first_prices() const;
  [[nodiscard]] Proof proof(const Prices& prices) const;

  // L over the open pairs, what has been assigned included.
  double evaluate(const OpenPairs& open, const Prices& prices);
  // The change of prices that raises L at first order: [items] 1 - how often the bins took it; and the changes that
  // they made beyond the budget. Of the last evaluation.
  [[nodiscard]] const std::vector<double>& slope() const { return slope_; }
  [[nodiscard]] double change_slope() const { return change_slope_; }
  // Every free item was taken exactly once and the budget holds: the relaxed plan, of cost L where the budget's price
  // is 0.
  [[nodiscard]] bool feasible() const { return feasible_; }
  // [items] the bins that took the item last; empty lists are possible.
  [[nodiscard]] const std::vector<std::vector<int>>& takers() const { return takers_; }
  // What the pair would lose its bin at least, of the last evaluation: the worth of taking it less the worth of the
  // room.
  [[nodiscard]] double reduced(int bin, int item) const;
  // What the bin's knapsack is worth, of the last evaluation.
  [[nodiscard]] double worth(int bin) const { return knapsack_[static_cast<std::size_t>(bin)].value; }
  // Closes every pair that no plan of cost `target` or less can have, after an evaluation: forcing it would raise L
  // beyond. Assigns those that no such plan can leave out. False: there is no such plan.
  bool close_beyond(OpenPairs& open, const Prices& prices, double value, double target);

  // The same with the exact worth of every bin with each item forced in and with it left out (closing.cpp): closes
  // more, and takes as long as some evaluations. `closed` counts the pairs that went.
  bool close_exactly(OpenPairs& open, const Prices& prices, double value, double target, int& closed);

  // One step along the last slope, as far as it would take L to `goal` if L were linear, times `scale`.
  void step(const OpenPairs& open, Prices& prices, double value, double goal, double scale);
  void forget_direction();

  std::uint64_t take_work();

 private:
  struct Knapsack {
    double value = 0;
    double upper = 0;    // Dantzig's bound
    double density = 0;  // worth of one unit of room there
  };
  [[nodiscard]] double cost(int bin, int item, const Prices& prices) const;
  [[nodiscard]] double size(int bin, int item) const;

  const Prepared& prepared_;
  std::vector<std::size_t> dimension_;  // [bins]
  Matrix<double> weight_;
  Fill fill_;
  solvers::knapsack::Forced forced_;
  std::vector<Offer> offers_;
  std::vector<Knapsack> knapsack_;
  std::vector<double> slope_;
  std::vector<double> direction_;
  double change_slope_ = 0;
  double change_direction_ = 0;
  std::vector<std::vector<int>> takers_;
  Prices prices_;  // of the last evaluation
  bool feasible_ = false;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::assignment
