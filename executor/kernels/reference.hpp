// What kernels are tested against: the definitions in f64, as plain loops.
#pragma once

#include <span>
#include <vector>

#include "executor/kernels/combine.hpp"
#include "executor/kernels/expert_shape.hpp"
#include "executor/kernels/expert_weights.hpp"

namespace plimsoll::executor {

// output[width] of one token x[width]. With `type` bf16 the operands (weights, x, hidden) are rounded to bf16 first, so
// that what differs from a kernel is the rounding of sums alone.
[[nodiscard]] std::vector<double> reference_expert(const ExpertWeights& weights, const ExpertShape& shape,
                                                   NumberType type, std::span<const float> x);

// As combine(), beginning at work.output, which is left as it is. Returns [tokens][width].
[[nodiscard]] std::vector<double> reference_combine(const CombineWork& work);

}  // namespace plimsoll::executor
