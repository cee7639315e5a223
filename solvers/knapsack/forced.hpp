// What a knapsack is worth with item j forced in, and with item j left out, for all j at once. Whole weights with a
// table of moderate size: exact, by dynamic programming forward and backward over the capacity. Otherwise: upper
// bounds, from the linear relaxation of each forced knapsack (Dantzig).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::solvers::knapsack {

class Forced {
 public:
  // in[j]: no choice with item j is worth more (minus infinity: j does not fit). out[j]: no choice without it is.
  // `whole`: all weights are whole numbers. `cells`: the largest table.
  void solve(std::span<const double> profit, std::span<const double> weight, double capacity, bool whole,
             std::size_t cells = 4'000'000);

  [[nodiscard]] const std::vector<double>& in() const { return in_; }
  [[nodiscard]] const std::vector<double>& out() const { return out_; }
  [[nodiscard]] double value() const { return value_; }  // no choice at all is worth more
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  void exact(std::span<const double> profit, std::span<const double> weight, std::size_t capacity);
  void linear(std::span<const double> profit, std::span<const double> weight, double capacity);

  std::vector<double> in_;
  std::vector<double> out_;
  double value_ = 0;
  double free_ = 0;  // profits of items without weight
  std::vector<int> order_;
  std::vector<double> table_;
  std::vector<double> behind_;
  std::vector<double> weights_;
  std::vector<double> profits_;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::solvers::knapsack
