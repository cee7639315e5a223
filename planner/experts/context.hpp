// What a method of `experts` works with: the common context, and the layer bounds that tell it where the gap is open.
#pragma once

#include "planner/common/context.hpp"
#include "planner/experts/bound.hpp"
#include "planner/experts/prepare.hpp"

namespace plimsoll::experts {

class Context : public common::Context<ExpertPlan> {
 public:
  Context(const Prepared& prepared, const SolveOptions& options, support::Meter& meter);

  [[nodiscard]] const Bounds& bounds() const { return bounds_; }
  // Applies the stronger bounds to the layers that `upper` (largest device seconds per layer) leaves open; once.
  void tighten_bounds(const std::vector<double>& upper);

 private:
  const Prepared& prepared_;
  Bounds bounds_;
};

}  // namespace plimsoll::experts
