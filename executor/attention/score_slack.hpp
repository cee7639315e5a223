// How far a score computed in f32 may lie from the exact dot product, and with it every bound on scores from the
// numbers it stands for.
//
// A chain of d products and sums, in whatever order and with or without FMA, errs by at most d * 2^-23 * sum |q_d k_d|
// (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), and sum |q_d k_d| <= |q| |k|. A bound is itself
// computed by at most three such sums whose operands lie in the keys' box; hence the factor. The second term is for
// numbers that dpbf16ps takes for 0 because they are below 2^-126.
#pragma once

#include "executor/attention/quantised_keys.hpp"

namespace plimsoll::executor {

// query_norm >= |q|; reach >= the norm of the largest absolute values, dimension by dimension, that a key may have.
[[maybe_unused]] static inline float score_slack(int size, float query_norm, float reach) {
  return 5.0F * 0x1p-23F * static_cast<float>(size + 8) * query_norm * reach + 1e-30F * (query_norm + reach + 1.0F);
}

// The bound |e| of quantised_keys.hpp from the sums of |t_d| and t_d^2. Not finite where nothing is known.
[[maybe_unused]] static inline float quantised_error(int size, const QuantisedTail& tail, float query_norm, float sum,
                                                     float squares, float step) {
  const float box = 0.5F * sum;
  const float ball = tail.rho * __builtin_sqrtf(squares);
  // t_d / step is rounded four times before it is made whole, by less than 2^-6 in all.
  const float rounding = 132.0F * static_cast<float>(size) * step;
  if (sum > 0 && step < 1e-30F) return __builtin_inff();  // too small to be scaled
  const float error = ((box < ball ? box : ball) + rounding) * (1.0F + 0x1p-13F);
  return error + score_slack(size, query_norm, tail.reach);
}

}  // namespace plimsoll::executor
