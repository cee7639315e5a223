// Seeded random numbers that are the same on every platform: xoshiro256** (Blackman, Vigna 2018), seeded by splitmix64.
// The distributions of <random> are left to each library's taste, so those needed here are written out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::support {

class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0);
  std::uint64_t next();
  // Uniform in [0, bound); bound above 0.
  std::size_t below(std::size_t bound);
  // Uniform in [0, 1).
  double uniform();
  // Standard normal (Box-Muller).
  double normal();
  // The natural logarithm of a gamma variate of this shape (above 0) and scale 1; variates of small shapes are often
  // too small for a double.
  double log_gamma_variate(double shape);
  // Successes in so many trials (0 or more).
  std::int64_t binomial(std::int64_t trials, double probability);

 private:
  std::array<std::uint64_t, 4> state_;
};

// Parts that sum to 1, distributed by Dirichlet with these parameters (0 or more, not all 0); a part whose parameter is
// 0 is 0.
std::vector<double> dirichlet(std::span<const double> parameters, Random& random);
// How often each outcome comes in so many draws; weights (0 or more, not all 0) need not sum to 1.
std::vector<std::int64_t> multinomial(std::int64_t draws, std::span<const double> weights, Random& random);

}  // namespace plimsoll::support
