// What a method of `assignment` works with: the common context, spoken to in kernel items.
#pragma once

#include <span>

#include "planner/assignment/bound.hpp"
#include "planner/assignment/prepare.hpp"
#include "planner/common/context.hpp"

namespace plimsoll::assignment {

class Context : public common::Context<AssignmentPlan> {
 public:
  // Starts with quick_bound().
  Context(const Prepared& prepared, const SolveOptions& options, support::Meter& meter);

  // `bin_of`: [kernel items]. True where the plan is feasible and better than all before.
  bool offer_bins(std::span<const int> bin_of) { return offer(prepared_.expand(bin_of)); }
  // The kernel's view of the best plan, empty while there is none.
  [[nodiscard]] std::vector<int> best_bins() const;
  // Rounds the value up to a multiple of Prepared::step and keeps it, with its proof, where it is the best so far.
  // The value must be valid: rounded outward by whoever computed it.
  void raise(const Bound& bound);
  // The same on the word of a backend, by the name of the method that called it.
  void raise_by_backend(double value, const std::string& method);
  // The proof of the best bound.
  [[nodiscard]] const Proof& proof() const { return proof_; }
  // No plan is worth looking for at or above this: the best objective, less one step where steps are known. Infinite
  // while there is no plan.
  [[nodiscard]] double cutoff() const;

 private:
  const Prepared& prepared_;
  Proof proof_;
};

}  // namespace plimsoll::assignment
