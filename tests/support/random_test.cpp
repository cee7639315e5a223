#include "support/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

namespace plimsoll::support {
namespace {

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments_of(int samples, const std::function<double()>& draw) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < samples; ++i) {
    const double value = draw();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / samples;
  return {mean, squares / samples - mean * mean};
}

TEST(Random, TheSameSeedAndStreamGiveTheSameNumbers) {
  Random one(7, 2);
  Random two(7, 2);
  Random other(7, 3);
  int equal = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t number = one.next();
    EXPECT_EQ(number, two.next());
    equal += number == other.next() ? 1 : 0;
  }
  EXPECT_EQ(equal, 0);
}

TEST(Random, GammaHasItsShapeAsMeanAndVariance) {
  for (const double shape : {0.3, 1.0, 2.5, 40.0}) {
    Random random(11);
    const Moments found = moments_of(40000, [&] { return std::exp(random.log_gamma_variate(shape)); });
    EXPECT_NEAR(found.mean, shape, 0.03 * shape) << shape;
    EXPECT_NEAR(found.variance, shape, 0.08 * shape) << shape;
  }
}

TEST(Random, GammaOfATinyShapeHasAFiniteLogarithm) {
  Random random(3);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(std::isfinite(random.log_gamma_variate(1e-6)));
}

TEST(Random, BinomialCountsSuccesses) {
  struct Case {
    std::int64_t trials;
    double probability;
  };
  for (const Case& one : {Case{10, 0.3}, Case{17, 0.9}, Case{1000, 0.02}, Case{1'000'000, 0.4}}) {
    Random random(5);
    std::int64_t least = one.trials;
    std::int64_t most = 0;
    const Moments found = moments_of(20000, [&] {
      const std::int64_t count = random.binomial(one.trials, one.probability);
      least = std::min(least, count);
      most = std::max(most, count);
      return static_cast<double>(count);
    });
    const double mean = static_cast<double>(one.trials) * one.probability;
    const double variance = mean * (1 - one.probability);
    EXPECT_NEAR(found.mean, mean, 5 * std::sqrt(variance / 20000)) << one.trials;
    EXPECT_NEAR(found.variance, variance, 0.06 * variance) << one.trials;
    EXPECT_GE(least, 0);
    EXPECT_LE(most, one.trials);
  }
}

TEST(Random, BinomialKnowsItsEnds) {
  Random random(1);
  for (const std::int64_t trials : {std::int64_t{0}, std::int64_t{5}, std::int64_t{1'000'000'000'000'000}}) {
    EXPECT_EQ(random.binomial(trials, 0.0), 0);
    EXPECT_EQ(random.binomial(trials, 1.0), trials);
  }
  const auto half = static_cast<double>(random.binomial(1'000'000'000'000'000, 0.5));
  EXPECT_NEAR(half, 5e14, 1e9);  // 63 deviations
  EXPECT_NE(half, 5e14);
}

TEST(Random, DirichletPartsSumToOneAndFollowTheirParameters) {
  const std::vector<double> parameters{6, 3, 0, 1};
  Random random(9);
  std::vector<double> sums(4, 0.0);
  double squares = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::vector<double> parts = dirichlet(parameters, random);
    EXPECT_NEAR(std::accumulate(parts.begin(), parts.end(), 0.0), 1.0, 1e-12);
    EXPECT_EQ(parts[2], 0);
    for (std::size_t part = 0; part < 4; ++part) sums[part] += parts[part];
    squares += (parts[1] - 0.3) * (parts[1] - 0.3);
  }
  EXPECT_NEAR(sums[0] / 20000, 0.6, 0.006);
  EXPECT_NEAR(sums[1] / 20000, 0.3, 0.006);
  EXPECT_NEAR(squares / 20000, 0.3 * 0.7 / 11, 0.001);  // p (1 - p) / (concentration + 1)
}

TEST(Random, DirichletOfTinyParametersPutsAllIntoOnePart) {
  const std::vector<double> parameters(8, 1e-5);
  Random random(2);
  std::vector<int> chosen(8, 0);
  for (int i = 0; i < 800; ++i) {
    const std::vector<double> parts = dirichlet(parameters, random);
    for (std::size_t part = 0; part < 8; ++part) {
      ASSERT_TRUE(std::isfinite(parts[part]));
      chosen[part] += parts[part] > 0.999 ? 1 : 0;
    }
  }
  for (const int count : chosen) EXPECT_NEAR(count, 100, 50);
}

TEST(Random, MultinomialDrawsAllAndInProportion) {
  const std::vector<double> weights{0, 5, 0, 3, 2, 0};
  Random random(4);
  std::vector<std::int64_t> sums(6, 0);
  for (int i = 0; i < 2000; ++i) {
    const std::vector<std::int64_t> counts = multinomial(100, weights, random);
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), 100);
    for (std::size_t k = 0; k < 6; ++k) sums[k] += counts[k];
  }
  EXPECT_EQ(sums[0] + sums[2] + sums[5], 0);
  EXPECT_NEAR(static_cast<double>(sums[1]), 100000, 1200);
  EXPECT_NEAR(static_cast<double>(sums[3]), 60000, 1200);
  EXPECT_NEAR(static_cast<double>(sums[4]), 40000, 1200);
}

}  // namespace
}  // namespace plimsoll::support
