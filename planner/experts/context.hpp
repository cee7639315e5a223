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
  // A search has proven that this layer adds no less than `score` to the objective, `other_seconds` aside.
  void prove_layer(std::size_t layer, double score);
  // A search has proven that the layers together add no less than `score`, `other_seconds` aside.
  void prove_layers(double score);

 private:
  const Prepared& prepared_;
  Bounds bounds_;
};

}  // namespace plimsoll::experts
