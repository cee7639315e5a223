#include "executor/attention/rotary.hpp"

#include <cmath>
#include <cstddef>

namespace plimsoll::executor {

Rotary::Rotary(int size, double base) : size_(size) {
  for (int d = 0; d < size / 2; ++d) frequencies_.push_back(std::pow(base, -2.0 * d / size));
}

void Rotary::angles(int position, float* cosines, float* sines) const {
  for (std::size_t d = 0; d < frequencies_.size(); ++d) {
    cosines[d] = static_cast<float>(std::cos(position * frequencies_[d]));
    sines[d] = static_cast<float>(std::sin(position * frequencies_[d]));
  }
}

void Rotary::turn(const float* cosines, const float* sines, float* row) const {
  const int half = size_ / 2;
  for (int d = 0; d < half; ++d) {
    const float first = row[d];
    const float second = row[d + half];
    row[d] = first * cosines[d] - second * sines[d];
    row[d + half] = second * cosines[d] + first * sines[d];
  }
}

}  // namespace plimsoll::executor
