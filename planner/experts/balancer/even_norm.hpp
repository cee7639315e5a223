// The norm that EvenLayer makes small: (sum of eighth powers)^(1/8).
#pragma once

#include <cmath>

namespace plimsoll::experts::balancer {

inline double power(double time) {
  const double square = time * time;
  const double fourth = square * square;
  return fourth * fourth;
}

inline double root(double sum) { return std::sqrt(std::sqrt(std::sqrt(sum))); }

}  // namespace plimsoll::experts::balancer
