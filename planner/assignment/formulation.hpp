// The integer program of `assignment`: x_<bin>_<item> is 1 where the kernel item stands in the bin.
//
//   minimise  sum cost x (+ T)      with  sum over bins of x = 1 for each item,  sum of sizes <= capacity per bin and
//   dimension,  sum of x <= 1 per bin and list of items apart,  sum of changes x <= max_changes,  and for the makespan
//   sum of sizes x <= speed T per bin.
//
// On identical machines without anything else that tells them apart, item k stands in one of the first k + 1 bins.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "planner/assignment/prepare.hpp"
#include "planner/common/integer_program.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::assignment {

class Formulation {
 public:
  // With a cutoff, pairs that take longer alone are left out. Throws Error(unsupported) for too many variables.
  explicit Formulation(const Prepared& prepared, std::optional<double> cutoff = std::nullopt);

  [[nodiscard]] const solvers::mip::Model& model() const { return model_; }
  // Bins of the kernel items as a point; nothing where the plan is not in the model.
  [[nodiscard]] std::optional<std::vector<double>> encode(std::vector<int> bin_of) const;
  // Any point gives some answer; whether it is a plan is for the evaluation to say.
  [[nodiscard]] std::vector<int> decode(std::span<const double> point) const;
  // The row of a bin's capacity in a dimension, and of a bin's time, in the model; -1 where there is none.
  [[nodiscard]] int capacity_row(int bin, std::size_t dimension) const;
  // What the row's amounts are divided by.
  [[nodiscard]] double capacity_unit(int bin, std::size_t dimension) const;

 private:
  void add_variables(std::optional<double> cutoff);
  void add_item_rows();
  void add_capacity_rows();
  void add_time_rows();
  void add_apart_rows();
  void add_change_row();
  [[nodiscard]] bool alike_bins() const;
  [[nodiscard]] int variable(int bin, int item) const;

  const Prepared& prepared_;
  solvers::mip::Model model_;
  Matrix<int> variable_;  // [bins][items], -1 where the pair is not in the model
  int makespan_ = -1;
  bool alike_;
  double time_unit_ = 1;
  std::vector<int> capacity_rows_;  // [dimensions][bins]
  std::vector<double> capacity_units_;
};

// The program for the verbs `export` and `check --solution`.
std::unique_ptr<common::IntegerProgram> make_program(const AssignmentInstance& instance, std::optional<double> cutoff);

}  // namespace plimsoll::assignment
