// What a run computes depends on the instance, the shape and the seed, and on nothing else.
#include "executor/run/runner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/executor/run/run_fixture.hpp"

namespace plimsoll::executor {
namespace {

constexpr Seating seatings[] = {{1, 1}, {2, 2}, {8, 4}, {2, 4}, {8, 1}};

Cluster fast_links(const Sizes& sizes) {
  Cluster cluster = cluster_of(sizes);
  cluster.link = Link{1e9, 1e9, 1e9, 1e-6};
  return cluster;
}

// The forms of steps: transient slots of a layer, a pool, and one slot that must be filled again and again.
std::vector<Sizes> step_forms() {
  return {{.transient_slots = 2},
          {.nodes = 2, .devices_per_node = 2, .transient_pool_slots = 2},
          {.transient_pool_slots = 1}};
}

TEST(Runner, StaticPlansGiveTheOutputWithoutAPlan) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Sizes sizes{.base_slots = 4};
    support::Random random(seed);
    const ExpertInstance instance = static_instance(sizes, random);
    std::string expected;
    for (const Seating& seating : seatings) {
      const RunPlan plan = static_run(instance, static_plan(instance, random));
      Rig rig(plan, small_shape(sizes), seating);
      const RunResult result = rig.run();
      if (expected.empty()) expected = rig.unplanned_output();
      EXPECT_TRUE(result.complete);
      EXPECT_EQ(result.output_sha256, expected) << "seed " << seed << ", threads " << seating.threads;
      EXPECT_EQ(result.windows.size(), plan.windows.size());
      EXPECT_EQ(rig.run({.preloaded = true}).output_sha256, expected);
    }
  }
}

TEST(Runner, StepPlansGiveTheOutputWithoutAPlan) {
  for (const Sizes& sizes : step_forms()) {
    for (const std::uint64_t seed : {1, 2, 3, 4}) {
      const Step step = StepMaker(sizes, seed).make();
      const RunPlan plan = step_run(step);
      ASSERT_FALSE(plan.transfers.empty());
      const Seating& seating = seatings[seed % std::size(seatings)];
      Rig rig(plan, small_shape(sizes), seating);
      const std::string expected = rig.unplanned_output();
      const Cluster links = fast_links(sizes);
      for (const RunOptions& options : {RunOptions{}, RunOptions{.links = &links}, RunOptions{.preloaded = true}}) {
        const RunResult result = rig.run(options);
        EXPECT_EQ(result.output_sha256, expected)
            << "seed " << seed << ", links " << (options.links != nullptr) << ", preloaded " << options.preloaded;
        EXPECT_EQ(result.transfers.size(), plan.transfers.size());
        const auto bytes = static_cast<std::int64_t>(plan.transfers.size() * rig.weights().expert_bytes());
        EXPECT_EQ(result.totals.bytes, options.preloaded ? 0 : bytes);
      }
    }
  }
}

// Every step of a device's kernels lies in its experts, on the lane of the thread that did it.
TEST(Runner, ThreadsLeaveSpansOfTheirSteps) {
  const Sizes sizes{.base_slots = 4};
  support::Random random(5);
  const ExpertInstance instance = static_instance(sizes, random);
  const RunPlan plan = static_run(instance, static_plan(instance, random));
  Rig rig(plan, small_shape(sizes), {2, 4});
  Recorder recorder(1000);
  EXPECT_TRUE(rig.run({}, &recorder).complete);
  std::vector<std::span<const SpanRecord>> experts(static_cast<std::size_t>(plan.devices));
  for (const Lane* lane : recorder.lanes()) {
    if (lane->name == "compute") experts[static_cast<std::size_t>(lane->device)] = lane->spans.all();
  }
  int steps = 0;
  for (const Lane* lane : recorder.lanes()) {
    if (lane->name.rfind("thread ", 0) != 0) continue;
    for (const SpanRecord& step : lane->spans.all()) {
      EXPECT_STREQ(step.category, "kernel");
      const auto& around = experts[static_cast<std::size_t>(lane->device)];
      EXPECT_TRUE(std::any_of(around.begin(), around.end(), [&](const SpanRecord& span) {
        return span.begin_ns <= step.begin_ns && step.end_ns <= span.end_ns &&
               span.arguments.layer == step.arguments.layer;
      })) << step.name;
      ++steps;
    }
  }
  EXPECT_GE(steps, 3 * static_cast<int>(plan.windows.size()));  // pack, gate and up, down
}

TEST(Runner, ThreadsAndDevicesAtOnceDoNotMatter) {
  const Sizes sizes{.devices_per_node = 8, .base_slots = 2, .transient_slots = 1};
  const RunPlan plan = step_run(StepMaker(sizes, 7).make());
  for (const NumberType type : {NumberType::f32, NumberType::bf16}) {
    std::string expected;
    for (const int devices : {1, 2, 8}) {
      for (const int threads : {1, 2, 4}) {
        Rig rig(plan, small_shape(sizes, type), {devices, threads});
        const RunResult result = rig.run();
        if (expected.empty()) expected = result.output_sha256;
        EXPECT_EQ(result.output_sha256, expected) << devices << " devices on " << threads << " threads";
      }
    }
  }
}

TEST(Runner, PartsOfAStepGiveTheirOwnOutput) {
  const Sizes sizes{.transient_slots = 1, .layers = 3};
  const Step step = StepMaker(sizes, 5).make();
  for (const RunPart& part :
       {RunPart{.first_layer = 1}, RunPart{.layers = 1}, RunPart{.first_layer = 2, .microsteps = 2},
        RunPart{.tokens = 100}, RunPart{.first_layer = 1, .layers = 1, .tokens = 9}}) {
    const RunPlan plan = step_run(step, part);
    Rig rig(plan, small_shape(sizes), {4, 2});
    EXPECT_EQ(rig.run().output_sha256, rig.unplanned_output());
  }
}

TEST(Runner, TheSeedMakesTheOutput) {
  const Sizes sizes{};
  support::Random random(3);
  const ExpertInstance instance = static_instance(sizes, random);
  const RunPlan plan = static_run(instance, static_plan(instance, random));
  Rig rig(plan, small_shape(sizes), {1, 1});
  const std::string first = rig.run({.seed = 1}).output_sha256;
  EXPECT_EQ(first.size(), 64U);
  EXPECT_NE(rig.run({.seed = 2}).output_sha256, first);
  EXPECT_EQ(rig.run({.seed = 1}).output_sha256, first);
}

TEST(Runner, NoTokensAtAll) {
  const Sizes sizes{};
  support::Random random(3);
  ExpertInstance instance = static_instance(sizes, random);
  instance.load = Matrix<double>(at(sizes.layers), at(sizes.experts), 0.0);
  const RunPlan plan = static_run(instance, static_plan(instance, random));
  Rig rig(plan, small_shape(sizes), {2, 2});
  const RunResult result = rig.run();
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.windows.size(), 2U);
  EXPECT_EQ(result.output_sha256, rig.unplanned_output());
}

TEST(Runner, TheModelsRoutingDoesNotDependOnThePlan) {
  const Sizes sizes{.devices_per_node = 4, .base_slots = 3, .transient_pool_slots = 1};
  ModelShape shape = small_shape(sizes);
  shape.router.selection_bias = true;
  shape.router.router_bias = true;
  // Two plans of the same loads: the one with transient replicas, and everything on one device.
  const Step step = StepMaker(sizes, 11).make();
  const RunPlan plan = step_run(step);
  Rig rig(plan, shape, {4, 3});
  const RunOptions by_model{.routing = RoutingBy::model};
  const RunResult result = rig.run(by_model);
  EXPECT_EQ(result.output_sha256, rig.unplanned_output(by_model));
  EXPECT_NE(result.output_sha256, rig.run().output_sha256);
  std::vector<std::int64_t> sums;
  for (std::size_t w = 0; w < plan.windows.size(); ++w) {
    const std::vector<std::int64_t>& counts = result.windows[w].counts;
    ASSERT_EQ(counts.size(), at(sizes.experts));
    sums.push_back(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
    // As many tokens in each layer of a micro-step, each with top_k experts.
    EXPECT_EQ(sums.back() % sizes.top_k, 0);
    if (plan.windows[w].layer > 0) {
      EXPECT_EQ(sums[w], sums[w - 1]);
    }
  }
  EXPECT_GT(sums.front(), 0);
}

TEST(Runner, SharedExpertsAndOtherForms) {
  const Sizes sizes{.transient_slots = 1};
  const RunPlan plan = step_run(StepMaker(sizes, 2).make());
  const ModelShape plain = small_shape(sizes);
  std::vector<std::string> outputs;
  for (int form = 0; form < 4; ++form) {
    ModelShape shape = plain;
    if (form == 1 || form == 2) shape.shared = {.inner = 24, .gate = form == 2};
    if (form == 3) {
      shape.expert.activation = Activation::clamped_swiglu;
      shape.expert.biases = true;
      shape.router.score = RouterScore::softmax_after;
      shape.router.router_bias = true;
    }
    std::string expected;
    for (const Seating& seating : {Seating{1, 1}, Seating{4, 4}}) {
      Rig rig(plan, shape, seating);
      if (expected.empty()) expected = rig.unplanned_output();
      EXPECT_EQ(rig.run().output_sha256, expected) << "form " << form;
    }
    for (const std::string& other : outputs) EXPECT_NE(other, expected);
    outputs.push_back(expected);
  }
}

TEST(Runner, EveryInstructionSetRuns) {
  const Sizes sizes{.transient_slots = 1};
  const RunPlan plan = step_run(StepMaker(sizes, 4).make());
  for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512_bf16}) {
    if (!has_isa(isa)) continue;
    Rig rig(plan, small_shape(sizes), {2, 2}, isa);
    EXPECT_EQ(rig.run().output_sha256, rig.unplanned_output()) << name_of(isa);
  }
}

TEST(Runner, StopEndsARun) {
  const Sizes sizes{.transient_slots = 1};
  const RunPlan plan = step_run(StepMaker(sizes, 6).make());
  Rig rig(plan, small_shape(sizes), {2, 2});
  std::atomic<bool> stop{false};
  std::vector<std::size_t> seen;
  RunOptions options{.stop = &stop};
  options.progress = [&](std::size_t done) {
    seen.push_back(done);
    if (done == 2) stop = true;
  };
  const RunResult result = rig.run(options);
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.windows.size(), 2U);
  EXPECT_EQ(seen, (std::vector<std::size_t>{1, 2}));
  for (const TransferTimes& times : result.transfers) EXPECT_GE(times.end, 0);
  // Stopped before the first window: nothing was done, and nothing is left over for the next run.
  const RunResult none = rig.run(options);
  EXPECT_FALSE(none.complete);
  EXPECT_TRUE(none.windows.empty());
  EXPECT_EQ(rig.run().output_sha256, rig.unplanned_output());
}

}  // namespace
}  // namespace plimsoll::executor
