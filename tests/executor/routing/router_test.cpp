#include "executor/routing/router.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "executor/routing/reference.hpp"
#include "executor/routing/router_logits.hpp"
#include "executor/routing/router_presets.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
const float not_a_number = std::nanf("");

RouterShape random_shape(support::Random& random) {
  RouterShape shape;
  shape.groups = static_cast<int>(1 + random.below(4));
  shape.experts = shape.groups * static_cast<int>(1 + random.below(5));
  shape.groups_kept = static_cast<int>(1 + random.below(static_cast<std::size_t>(shape.groups)));
  const int eligible = shape.groups_kept * (shape.experts / shape.groups);
  shape.top_k = static_cast<int>(1 + random.below(static_cast<std::size_t>(eligible)));
  shape.score = static_cast<RouterScore>(random.below(3));
  shape.selection_bias = random.below(2) == 1;
  shape.group_score = static_cast<GroupScore>(random.below(2));
  shape.renormalise = random.below(2) == 1;
  shape.scale = static_cast<float>(1 + random.below(3));
  return shape;
}

// Values so far apart that f32 and f64 rank their scores alike, and equal ones often.
float coarse(support::Random& random) { return static_cast<float>(random.below(33)) / 4.0F - 4.0F; }

void expect_same(const RouterShape& shape, const std::vector<float>& logits, const std::vector<float>& bias) {
  const Routing routing = route(shape, logits, bias);
  const std::vector<double> wide_bias(bias.begin(), bias.end());
  for (int token = 0; token < routing.tokens(); ++token) {
    const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(token) * shape.experts;
    const std::vector<double> row(begin, begin + shape.experts);
    const reference::TokenRouting expected = reference::route(shape, row, wide_bias);
    for (int j = 0; j < shape.top_k; ++j) {
      const auto place = static_cast<std::size_t>(token * shape.top_k + j);
      const auto at = static_cast<std::size_t>(j);
      ASSERT_EQ(routing.experts[place], expected.experts[at]);
      if (std::isnan(expected.weights[at])) {
        EXPECT_TRUE(std::isnan(routing.weights[place]));
      } else {
        EXPECT_NEAR(static_cast<double>(routing.weights[place]), expected.weights[at],
                    1e-6 * (1 + expected.weights[at]));
      }
    }
  }
}

TEST(Router, AgreesWithTheReference) {
  support::Random random(1);
  for (int round = 0; round < 2000; ++round) {
    const RouterShape shape = random_shape(random);
    SCOPED_TRACE(round);
    std::vector<float> logits(static_cast<std::size_t>(shape.experts) * 4);
    std::vector<float> bias(static_cast<std::size_t>(shape.experts));
    for (float& logit : logits) logit = coarse(random);
    // Never a multiple of a score's distance to another, so that only equal experts tie.
    for (float& value : bias) value = shape.selection_bias ? static_cast<float>(random.uniform()) : 0.0F;
    expect_same(shape, logits, bias);
  }
}

TEST(Router, AgreesWithTheReferenceOnNanAndInfinity) {
  support::Random random(2);
  for (int round = 0; round < 2000; ++round) {
    const RouterShape shape = random_shape(random);
    SCOPED_TRACE(round);
    std::vector<float> logits(static_cast<std::size_t>(shape.experts) * 4);
    for (float& logit : logits) {
      const std::size_t kind = random.below(8);
      logit = kind == 0 ? not_a_number : kind == 1 ? infinity : kind == 2 ? -infinity : coarse(random);
    }
    std::vector<float> bias(static_cast<std::size_t>(shape.experts), 0.0F);
    expect_same(shape, logits, bias);
  }
}

TEST(Router, TiesGoToTheLowestExpert) {
  for (const RouterScore score : {RouterScore::softmax_before, RouterScore::softmax_after, RouterScore::sigmoid}) {
    const RouterShape shape{.experts = 6, .top_k = 3, .score = score};
    EXPECT_EQ(route(shape, std::vector<float>{1, 2, 1, 2, 1, 1}, {}).experts, (std::vector<std::int32_t>{1, 3, 0}));
    EXPECT_EQ(route(shape, std::vector<float>(6, 0.5F), {}).experts, (std::vector<std::int32_t>{0, 1, 2}));
  }
}

TEST(Router, NanIsChosenLastAndInfinityShares) {
  const RouterShape shape{.experts = 4, .top_k = 3};
  const Routing nan = route(shape, std::vector<float>{not_a_number, 0, not_a_number, -infinity}, {});
  EXPECT_EQ(nan.experts, (std::vector<std::int32_t>{1, 3, 0}));
  EXPECT_EQ(nan.weights[0], 1.0F);
  EXPECT_EQ(nan.weights[1], 0.0F);
  EXPECT_TRUE(std::isnan(nan.weights[2]));
  const Routing infinite = route(shape, std::vector<float>{5, infinity, -infinity, infinity}, {});
  EXPECT_EQ(infinite.experts, (std::vector<std::int32_t>{1, 3, 0}));
  EXPECT_EQ(infinite.weights, (std::vector<float>{0.5F, 0.5F, 0}));
}

TEST(Router, BiasEntersTheChoiceAlone) {
  RouterShape shape{.experts = 3, .top_k = 2, .score = RouterScore::sigmoid, .selection_bias = true};
  const std::vector<float> logits{2, 0, -2};
  const Routing biased = route(shape, logits, std::vector<float>{0, 0, 5});
  EXPECT_EQ(biased.experts, (std::vector<std::int32_t>{2, 0}));
  EXPECT_FLOAT_EQ(biased.weights[0], 1 / (1 + std::exp(2.0F)));
  shape.selection_bias = false;
  EXPECT_EQ(route(shape, logits, std::vector<float>{0, 0, 5}).experts, (std::vector<std::int32_t>{0, 1}));
}

TEST(Router, GroupsAreKeptByTheirBestOrTheirBestTwo) {
  RouterShape shape{.experts = 6, .top_k = 2, .score = RouterScore::softmax_after, .groups = 2, .groups_kept = 1};
  const std::vector<float> logits{9, 0, 0, 5, 5, 5};
  EXPECT_EQ(route(shape, logits, {}).experts, (std::vector<std::int32_t>{3, 4}));
  shape.group_score = GroupScore::best;
  EXPECT_EQ(route(shape, logits, {}).experts, (std::vector<std::int32_t>{0, 1}));
}

// A group that is out stays out where its scores are above those of the others, which biases can push below 0.
TEST(Router, NegativeRanksDoNotLetOtherGroupsIn) {
  const RouterShape shape{
      .experts = 4, .top_k = 2, .score = RouterScore::sigmoid, .selection_bias = true, .groups = 2, .groups_kept = 1};
  const std::vector<float> bias{-3, -3, -2, -9};
  EXPECT_EQ(route(shape, std::vector<float>{0, 0, 0, 0}, bias).experts, (std::vector<std::int32_t>{0, 1}));
}

TEST(Router, RenormalisedWeightsSumToTheScale) {
  support::Random random(3);
  for (const RouterPreset& preset : router_presets()) {
    const RouterShape& shape = preset.shape;
    SCOPED_TRACE(std::string(preset.name));
    check(shape);
    std::vector<float> logits(static_cast<std::size_t>(shape.experts) * 8);
    std::vector<float> bias(static_cast<std::size_t>(shape.experts));
    for (float& logit : logits) logit = static_cast<float>(random.normal());
    for (float& value : bias) value = static_cast<float>(0.1 * random.normal());
    const Routing routing = route(shape, logits, bias);
    const int size = shape.experts / shape.groups;
    for (int token = 0; token < routing.tokens(); ++token) {
      std::set<int> experts;
      std::set<int> groups;
      double sum = 0;
      for (int j = 0; j < shape.top_k; ++j) {
        const auto place = static_cast<std::size_t>(token * shape.top_k + j);
        experts.insert(routing.experts[place]);
        groups.insert(routing.experts[place] / size);
        sum += static_cast<double>(routing.weights[place]);
      }
      EXPECT_EQ(experts.size(), static_cast<std::size_t>(shape.top_k));
      if (shape.groups > 1) {
        EXPECT_LE(groups.size(), static_cast<std::size_t>(shape.groups_kept));
      }
      if (shape.renormalise || shape.score == RouterScore::softmax_after) {
        EXPECT_NEAR(sum, static_cast<double>(shape.scale), 1e-5);
      } else {
        EXPECT_LT(sum, static_cast<double>(shape.scale));
      }
    }
  }
}

TEST(Router, SigmoidsThatAreAllZeroGiveZeroWeights) {
  const RouterShape shape{.experts = 2, .top_k = 2, .score = RouterScore::sigmoid, .renormalise = true};
  EXPECT_EQ(route(shape, std::vector<float>{-infinity, -200}, {}).weights, (std::vector<float>{0, 0}));
}

TEST(Router, RefusesShapesThatCannotBe) {
  EXPECT_THROW(check({.experts = 4, .top_k = 5}), Error);
  EXPECT_THROW(check({.experts = 4, .top_k = 0}), Error);
  EXPECT_THROW(check({.experts = 4, .top_k = 1, .groups = 3}), Error);
  EXPECT_THROW(check({.experts = 4, .top_k = 3, .groups = 2, .groups_kept = 1}), Error);
  EXPECT_THROW(check({.experts = 4, .top_k = 1, .groups = 2, .groups_kept = 3}), Error);
  EXPECT_THROW(static_cast<void>(router_preset("no-such-model")), Error);
  EXPECT_EQ(router_preset("deepseek-v3").groups_kept, 4);
}

TEST(RouterLogits, AreSequentialSums) {
  support::Random random(4);
  const int experts = 13;
  const int width = 37;
  std::vector<float> weights(static_cast<std::size_t>(experts * width));
  std::vector<float> bias(static_cast<std::size_t>(experts));
  std::vector<float> input(static_cast<std::size_t>(width) * 3);
  for (float& value : weights) value = static_cast<float>(random.normal());
  for (float& value : bias) value = static_cast<float>(random.normal());
  for (float& value : input) value = static_cast<float>(random.normal());
  std::vector<float> logits(static_cast<std::size_t>(experts) * 3);
  RouterWeights(experts, width, weights, bias).logits(input, logits);
  for (int token = 0; token < 3; ++token) {
    for (int expert = 0; expert < experts; ++expert) {
      float sum = 0;
      for (int i = 0; i < width; ++i) {
        sum +=
            input[static_cast<std::size_t>(token * width + i)] * weights[static_cast<std::size_t>(expert * width + i)];
      }
      EXPECT_EQ(logits[static_cast<std::size_t>(token * experts + expert)],
                sum + bias[static_cast<std::size_t>(expert)]);
    }
  }
  EXPECT_THROW(RouterWeights(experts, width, std::vector<float>(3)), Error);
}

}  // namespace
}  // namespace plimsoll::executor
