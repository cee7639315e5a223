#include "support/random.hpp"

#include <bit>
#include <cmath>
#include <numbers>

namespace plimsoll::support {

Random::Random(std::uint64_t seed, std::uint64_t stream) {
  std::uint64_t mix = seed * 0x9E3779B97F4A7C15ULL + stream;
  for (auto& word : state_) {
    mix += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = mix;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    word = z ^ (z >> 31);
  }
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::size_t Random::below(std::size_t bound) {
  // The bias of a 53-bit fraction is below 2^-53 * bound: nothing that a search could notice.
  return static_cast<std::size_t>(uniform() * static_cast<double>(bound));
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Random::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace plimsoll::support
