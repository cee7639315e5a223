// The most that one bin can be worth: a 0/1 knapsack with real prices. Greedy order by density with the bounds of
// Dantzig (1957) and of the largest count, reduction of items whose choice is settled by them (Martello and Toth 1990);
// what remains goes to dynamic programming where sizes are whole and room is at most `finest_grid`, and elsewhere to
// the list search of solvers/knapsack, whose bound holds where its limit ends it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solvers/knapsack/knapsack.hpp"

namespace plimsoll::assignment {

struct Offer {
  double profit;  // above 0 to matter
  double size;
  int item;
};

class Fill {
 public:
  static constexpr double finest_grid = 8192;

  // An upper bound on the profit of any set of offers whose sizes sum to at most `room`. The order of `offers` is lost.
  double solve(std::vector<Offer>& offers, double room, bool whole);
  // The items of a set that attains it (on the grid: maybe slightly beyond the room), in no special order.
  [[nodiscard]] const std::vector<int>& chosen() const { return chosen_; }
  // Steps since the last call.
  std::uint64_t take_work();

 private:
  struct Relaxed {
    std::size_t split;  // the first offer that does not fit, in order of density
    double used;        // room taken by those before it
    double profit;      // theirs
    double upper;
  };
  static Relaxed relax(const std::vector<Offer>& offers, double room);
  double greedy(const std::vector<Offer>& offers, double room);
  double settle(const std::vector<Offer>& offers, double room, const Relaxed& relaxed, double lower);
  double search(double room, bool whole);
  double search_lists(double room);

  std::vector<Offer> core_;
  double fixed_profit_ = 0;
  std::vector<int> chosen_;
  std::vector<int> fixed_;
  std::vector<double> layers_;
  std::vector<double> sizes_;
  std::vector<double> profits_;
  std::vector<int> picked_;
  solvers::knapsack::Knapsack lists_;
  std::uint64_t work_ = 0;
};

// The same upper bound from plain formulas, for checking: the least of Dantzig's bound, the largest count times the
// best profits, and dynamic programming over all offers (left out where it would take more than `most_steps`).
double plain_fill(std::vector<Offer> offers, double room, bool whole, double most_steps = 1e9);

}  // namespace plimsoll::assignment
