// Seeded random numbers that are the same on every platform: xoshiro256** (Blackman, Vigna 2018), seeded by splitmix64.
// The distributions of <random> are left to each library's taste, so those needed here are written out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

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

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace plimsoll::support
