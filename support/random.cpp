#include "support/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
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

// Marsaglia, Tsang: A simple method for generating gamma variables (2000). A shape below 1 is lifted by one, and the
// variate multiplied by U^(1 / shape).
double Random::log_gamma_variate(double shape) {
  const double lifted = shape < 1 ? shape + 1 : shape;
  const double d = lifted - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  while (true) {
    const double x = normal();
    const double root = 1.0 + c * x;
    if (root <= 0) continue;
    const double log_v = 3.0 * std::log(root);
    const double u = 1.0 - uniform();
    if (std::log(u) >= 0.5 * x * x + d - d * root * root * root + d * log_v) continue;
    const double value = std::log(d) + log_v;
    return shape < 1 ? value + std::log(1.0 - uniform()) / shape : value;
  }
}

// Ahrens, Dieter: Computer methods for sampling from gamma, beta, Poisson and binomial distributions (1974). The median
// of the trials' uniform numbers is a beta variate; it tells on which side of it the probability lies, so that half of
// the trials need no numbers of their own.
std::int64_t Random::binomial(std::int64_t trials, double probability) {
  constexpr std::int64_t few = 16;
  std::int64_t successes = 0;
  while (trials > few) {
    if (probability <= 0) return successes;
    if (probability >= 1) return successes + trials;
    const std::int64_t rank = 1 + trials / 2;
    const double below = log_gamma_variate(static_cast<double>(rank));
    const double above = log_gamma_variate(static_cast<double>(trials + 1 - rank));
    const double median = 1.0 / (1.0 + std::exp(above - below));
    if (median <= probability) {
      successes += rank;
      trials -= rank;
      probability = (probability - median) / (1.0 - median);
    } else {
      trials = rank - 1;
      probability /= median;
    }
  }
  for (; trials > 0; --trials) successes += uniform() < probability ? 1 : 0;
  return successes;
}

std::vector<double> dirichlet(std::span<const double> parameters, Random& random) {
  constexpr double nothing = -std::numeric_limits<double>::infinity();
  std::vector<double> parts;
  parts.reserve(parameters.size());
  for (const double parameter : parameters)
    parts.push_back(parameter > 0 ? random.log_gamma_variate(parameter) : nothing);
  const double largest = *std::max_element(parts.begin(), parts.end());
  double sum = 0;
  for (double& part : parts) sum += part = std::exp(part - largest);
  for (double& part : parts) part /= sum;
  return parts;
}

std::vector<std::int64_t> multinomial(std::int64_t draws, std::span<const double> weights, Random& random) {
  // Outcome by outcome, each among those that are left.
  std::vector<double> left(weights.size() + 1, 0.0);
  for (std::size_t i = weights.size(); i-- > 0;) left[i] = left[i + 1] + weights[i];
  std::vector<std::int64_t> counts(weights.size(), 0);
  for (std::size_t i = 0; i < weights.size() && draws > 0; ++i) {
    if (!(weights[i] > 0)) continue;
    // The last one that can come at all takes what is left.
    counts[i] = left[i + 1] > 0 ? random.binomial(draws, weights[i] / left[i]) : draws;
    draws -= counts[i];
  }
  return counts;
}

}  // namespace plimsoll::support
