#pragma once

namespace plimsoll::executor {

// Of a query q and a box (centre, half): q . centre, sum |q_d| half_d and sum (q_d half_d)^2. Sizes are multiples of 8.
struct BoxSums {
  float middle;
  float box;
  float squares;
};
BoxSums box_sums_portable(const float* query, const float* box, int size);
BoxSums box_sums_avx2(const float* query, const float* box, int size);

}  // namespace plimsoll::executor
