// What stands around the products of an attention layer, row by row.
#pragma once

#include <span>
#include <vector>

namespace plimsoll::executor {

// to[d] = gain[d] * from[d] / sqrt(mean(from^2) + epsilon), the mean in f64, in order. In place where to == from.
void rms_norm(const float* from, const float* gain, int size, float epsilon, float* to);

// Rotary positions (arXiv 2104.09864) in the form that rotates dimension d with d + size / 2, by the angle
// position * base^(-2 d / size), for d < size / 2.
class Rotary {
 public:
  Rotary(int size, double base);
  // cos and sin of all angles of a position, [size / 2] each.
  void angles(int position, float* cosines, float* sines) const;
  void turn(const float* cosines, const float* sines, float* row) const;
  [[nodiscard]] int size() const { return size_; }

 private:
  int size_;
  std::vector<double> frequencies_;
};

}  // namespace plimsoll::executor
