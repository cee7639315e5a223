// Sums of given numbers are whole multiples of a unit, if there is one: a device that ends before T ends at the next
// multiple below. Loads are whole numbers of tokens cut into few equal parts, so that the unit is often coarse.
#pragma once

#include <cmath>
#include <span>

namespace plimsoll::experts {

class Lattice {
 public:
  Lattice() = default;
  // The largest unit of which every value is a multiple to within rounding; none where it would be finer than a
  // ten-thousandth of the largest value.
  explicit Lattice(std::span<const double> values);

  [[nodiscard]] double unit() const { return unit_; }
  // At least the largest sum that is at most `value`; the value itself without a unit.
  [[nodiscard]] double down(double value) const {
    return unit_ > 0 ? std::floor(value / unit_ * (1 + 1e-12) + 1e-9) * unit_ * (1 + 1e-12) : value;
  }

 private:
  double unit_ = 0;
};

}  // namespace plimsoll::experts
