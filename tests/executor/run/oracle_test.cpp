// A run against plain loops in f64: the layers of runner.hpp, experts of reference.hpp, weights by seed.
#include <gtest/gtest.h>

#include <cmath>

#include "executor/kernels/random_expert.hpp"
#include "executor/kernels/reference.hpp"
#include "executor/routing/planned_routing.hpp"
#include "tests/executor/run/run_fixture.hpp"

namespace plimsoll::executor {
namespace {

std::vector<float> normalised(const std::vector<double>& x, std::size_t width) {
  std::vector<float> hidden(x.size());
  for (std::size_t token = 0; token < x.size() / width; ++token) {
    double sum = 0;
    for (std::size_t k = 0; k < width; ++k) sum += x[token * width + k] * x[token * width + k];
    const double scale = 1 / std::sqrt(sum / static_cast<double>(width) + 1e-6);
    for (std::size_t k = 0; k < width; ++k) {
      hidden[token * width + k] = static_cast<float>(x[token * width + k] * scale);
    }
  }
  return hidden;
}

struct Oracle {
  const ModelShape& shape;
  const ModelWeights& weights;
  std::uint64_t seed;
  std::size_t width = static_cast<std::size_t>(shape.expert.width);

  // The tokens that the only micro-step begins with.
  [[nodiscard]] std::vector<double> first(std::size_t tokens) const {
    support::Random random(seed, 0);
    std::vector<double> x(tokens * width);
    for (double& value : x) value = static_cast<float>((2 * random.uniform() - 1) * std::sqrt(3.0));
    return x;
  }

  void layer(const Window& window, std::vector<double>& x) const {
    const auto tokens = static_cast<int>(x.size() / width);
    const int top_k = shape.router.top_k;
    const auto stream = static_cast<std::uint64_t>(window.layer) + 1;  // of micro-step 0
    Routing routing = planned_routing(window.load, top_k, seed, stream);
    routing.experts.resize(at(tokens * top_k), -1);
    routing.weights.resize(at(tokens * top_k), 0);
    const std::vector<float> hidden = normalised(x, width);
    std::vector<PlainExpert> experts;
    for (int expert = 0; expert < shape.router.experts; ++expert) {
      experts.push_back(random_expert(shape.expert, 1, window.layer, expert));
    }
    for (std::size_t place = 0; place < routing.experts.size(); ++place) {
      if (routing.experts[place] < 0) continue;
      const std::size_t token = place / at(top_k);
      const auto part = reference_expert(experts[at(routing.experts[place])].weights(), shape.expert, shape.type,
                                         std::span(hidden).subspan(token * width, width));
      for (std::size_t k = 0; k < width; ++k)
        x[token * width + k] += static_cast<double>(routing.weights[place]) * part[k];
    }
    if (shape.shared.inner > 0) add_shared(window.layer, hidden, x);
  }

  void add_shared(int layer, const std::vector<float>& hidden, std::vector<double>& x) const {
    const PlainExpert shared = random_expert(weights.shared_shape(), 1, layer, shape.router.experts);
    const std::span<const float> gate = weights.shared_gate(layer);
    for (std::size_t token = 0; token < x.size() / width; ++token) {
      const std::span<const float> h = std::span(hidden).subspan(token * width, width);
      const auto part = reference_expert(shared.weights(), weights.shared_shape(), shape.type, h);
      double sum = 0;
      for (std::size_t k = 0; k < gate.size(); ++k) sum += static_cast<double>(gate[k]) * static_cast<double>(h[k]);
      const double weight = gate.empty() ? 1 : 1 / (1 + std::exp(-sum));
      for (std::size_t k = 0; k < width; ++k) x[token * width + k] += weight * part[k];
    }
  }
};

// Largest difference to the oracle; elements are of size 1.
double difference(const ModelShape& shape, int layers, std::uint64_t seed) {
  const Sizes sizes{.layers = layers};
  support::Random random(seed);
  const ExpertInstance instance = static_instance(sizes, random);
  const RunPlan plan = static_run(instance, static_plan(instance, random));
  Rig rig(plan, shape, {2, 2});
  static_cast<void>(rig.run({.seed = seed}));
  const Oracle oracle{shape, rig.weights(), seed};
  std::vector<double> x = oracle.first(rig.output.size() / oracle.width);
  EXPECT_GT(x.size(), 0U);
  for (const Window& window : plan.windows) oracle.layer(window, x);
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    largest = std::max(largest, std::abs(x[i] - static_cast<double>(rig.output[i])));
  return largest;
}

// f32: sums of 48 products of size 1/7 in f32, some 1e-6. bf16: operands are rounded alike in both, so that one layer
// differs where the f32 sums of a hidden element fall on the other side of a rounding, by 2^-9 of one of 40 products.
// A second layer takes over what the first one lost, which may move more roundings.
double tolerance(NumberType type, int layers) {
  if (type == NumberType::f32) return layers == 1 ? 1e-5 : 3e-5;
  return layers == 1 ? 1e-2 : 4e-2;
}

TEST(RunOracle, RoutedExperts) {
  for (const NumberType type : {NumberType::f32, NumberType::bf16}) {
    for (const int layers : {1, 2}) {
      for (const std::uint64_t seed : {1, 2, 3}) {
        const ModelShape shape = small_shape({}, type);
        EXPECT_LT(difference(shape, layers, seed), tolerance(type, layers))
            << name_of(type) << ", " << layers << " layers";
      }
    }
  }
}

TEST(RunOracle, SharedExperts) {
  for (const NumberType type : {NumberType::f32, NumberType::bf16}) {
    for (const bool gate : {false, true}) {
      ModelShape shape = small_shape({}, type);
      shape.shared = {.inner = 24, .gate = gate};
      EXPECT_LT(difference(shape, 2, 4), tolerance(type, 2)) << name_of(type) << ", gate " << gate;
    }
  }
}

TEST(RunOracle, ClampedWithBiases) {
  for (const NumberType type : {NumberType::f32, NumberType::bf16}) {
    ModelShape shape = small_shape({}, type);
    shape.expert.activation = Activation::clamped_swiglu;
    shape.expert.biases = true;
    shape.expert.clamp_limit = 0.5F;  // of elements of size 1: it bites
    EXPECT_LT(difference(shape, 2, 5), tolerance(type, 2)) << name_of(type);
  }
}

// The oracle sees what a wrong weight would do.
TEST(RunOracle, AnotherSeedIsFarAway) {
  const ModelShape shape = small_shape({}, NumberType::f32);
  const Sizes sizes{.layers = 1};
  support::Random random(1);
  const ExpertInstance instance = static_instance(sizes, random);
  const RunPlan plan = static_run(instance, static_plan(instance, random));
  Rig rig(plan, shape, {1, 1});
  static_cast<void>(rig.run({.seed = 1}));
  const Oracle oracle{shape, rig.weights(), 2};
  std::vector<double> x = oracle.first(rig.output.size() / oracle.width);
  oracle.layer(plan.windows[0], x);
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    largest = std::max(largest, std::abs(x[i] - static_cast<double>(rig.output[i])));
  EXPECT_GT(largest, 0.5);
}

}  // namespace
}  // namespace plimsoll::executor
