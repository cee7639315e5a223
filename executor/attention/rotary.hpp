// Rotary positions (arXiv 2104.09864) in the form that rotates dimension d with d + size / 2, by the angle
// position * base^(-2 d / size), for d < size / 2.
#pragma once

#include <vector>

namespace plimsoll::executor {

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
