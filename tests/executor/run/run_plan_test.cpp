#include "executor/run/run_plan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "executor/run/run_loads.hpp"
#include "plimsoll/error.hpp"
#include "tests/error_of.hpp"
#include "tests/executor/run/run_fixture.hpp"

namespace plimsoll::executor {
namespace {

// Every token of every expert on exactly one replica, in order.
void expect_covered(const RunPlan& plan) {
  for (const Window& window : plan.windows) {
    std::vector<std::int64_t> next(at(plan.experts), 0);
    for (const auto& on_device : window.replicas) {
      for (const RunReplica& replica : on_device) {
        EXPECT_EQ(window.row.slots.at(0, at(replica.column)), replica.expert);
        if (replica.tokens == 0) continue;
        EXPECT_EQ(replica.first, next[at(replica.expert)]);
        next[at(replica.expert)] += replica.tokens;
      }
    }
    EXPECT_EQ(next, window.load);
  }
}

// Tokens of the whole row, and of each expert at most one away from the real number.
void expect_whole(const Window& window, std::span<const double> load, double scale) {
  const double sum = std::accumulate(load.begin(), load.end(), 0.0) * scale;
  EXPECT_EQ(std::accumulate(window.load.begin(), window.load.end(), std::int64_t{0}), std::llround(sum));
  for (std::size_t e = 0; e < load.size(); ++e) {
    EXPECT_LE(std::abs(static_cast<double>(window.load[e]) - load[e] * scale), 1 + 1e-9);
  }
}

double largest_sum(const Matrix<double>& load, std::size_t first, std::size_t count) {
  double largest = 0;
  for (std::size_t layer = first; layer < first + count; ++layer) {
    largest = std::max(largest, std::accumulate(load.row(layer).begin(), load.row(layer).end(), 0.0));
  }
  return largest;
}

TEST(RunPlanStatic, WindowsAndTokens) {
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    const Sizes sizes{.layers = 4};
    support::Random random(seed);
    const ExpertInstance instance = static_instance(sizes, random);
    const ExpertPlan plan = static_plan(instance, random);
    const RunPlan all = static_run(instance, plan);
    ASSERT_EQ(all.windows.size(), 4U);
    EXPECT_EQ(all.devices, 4);
    EXPECT_EQ(all.experts, 8);
    EXPECT_EQ(all.top_k, 2);
    EXPECT_TRUE(all.transfers.empty());
    EXPECT_EQ(all.base, plan.slots);
    expect_covered(all);
    for (std::size_t w = 0; w < 4; ++w) expect_whole(all.windows[w], instance.load.row(w), 1);

    const RunPlan part = static_run(instance, plan, {.first_layer = 1, .layers = 2, .tokens = 1000});
    ASSERT_EQ(part.windows.size(), 2U);
    EXPECT_EQ(part.layers, 2);
    expect_covered(part);
    const double scale = 1000 / largest_sum(instance.load, 1, 2);
    for (std::size_t w = 0; w < 2; ++w) {
      EXPECT_EQ(part.windows[w].layer, static_cast<int>(w));
      expect_whole(part.windows[w], instance.load.row(w + 1), scale);
      EXPECT_DOUBLE_EQ(part.prediction.window_start[w], (2 * static_cast<double>(w + 1) + 1) * unit);
      EXPECT_TRUE(std::ranges::equal(part.base.row(w), plan.slots.row(w + 1)));
    }
  }
}

TEST(RunPlanStatic, DevicesMayHaveDifferentSlots) {
  support::Random random(5);
  ExpertInstance instance = static_instance({}, random);
  instance.cluster.slots = {5, 0, 4, 2};
  instance.cluster.dead = {1};
  const RunPlan run = static_run(instance, static_plan(instance, random));
  expect_covered(run);
  EXPECT_TRUE(run.windows[0].replicas[1].empty());
  for (const RunReplica& replica : run.windows[0].replicas[2]) EXPECT_EQ(replica.column, 5 + replica.slot);
}

TEST(RunPlanStatic, PartsOutsideAreRefused) {
  support::Random random(1);
  const ExpertInstance instance = static_instance({.layers = 3}, random);
  const ExpertPlan plan = static_plan(instance, random);
  for (const auto& [part, text] : {std::pair{RunPart{.first_layer = 3}, "layer 3"},
                                   {RunPart{.first_layer = -1}, "layer -1"},
                                   {RunPart{.first_layer = 2, .layers = 2}, "2 layers from layer 2"},
                                   {RunPart{.microsteps = 2}, "2 micro-steps"}}) {
    const Error error = error_of([&, part = part] { static_cast<void>(static_run(instance, plan, part)); });
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
  }
}

TEST(RunPlanStatic, AnExpertWithTokensNeedsAReplica) {
  support::Random random(1);
  ExpertInstance instance = static_instance({.layers = 1}, random);
  instance.load.at(0, 3) = 7;
  ExpertPlan plan = static_plan(instance, random);
  for (int& expert : plan.slots.row(0)) expert = expert == 3 ? -1 : expert;
  EXPECT_EQ(error_of([&] { static_cast<void>(static_run(instance, plan)); }).code(), ErrorCode::input);
}

TEST(RunLoads, ScaleByTheLargestRow) {
  EXPECT_EQ(load_scale({}, 10), 1);
  EXPECT_EQ(load_scale({.tokens = 5}, 10), 0.5);
  EXPECT_EQ(load_scale({.tokens = 5}, 0), 1);
  EXPECT_EQ(scaled_loads(std::vector<double>{1, 1, 1}, 1.0 / 3), (std::vector<std::int64_t>{1, 0, 0}));
  EXPECT_EQ(scaled_loads(std::vector<double>{0, 0}, 1), (std::vector<std::int64_t>{0, 0}));
}

TEST(Unplanned, OneDeviceServesTheSameWindows) {
  const RunPlan plan = step_run(StepMaker({.transient_slots = 1}, 3).make());
  const RunPlan alone = unplanned(plan);
  EXPECT_EQ(alone.devices, 1);
  ASSERT_EQ(alone.windows.size(), plan.windows.size());
  for (std::size_t w = 0; w < plan.windows.size(); ++w) {
    EXPECT_EQ(alone.windows[w].load, plan.windows[w].load);
    EXPECT_EQ(alone.windows[w].layer, plan.windows[w].layer);
    EXPECT_EQ(alone.windows[w].microstep, plan.windows[w].microstep);
  }
  expect_covered(alone);
}

// What must hold of the transfers of any plan.
void expect_orderly(const RunPlan& plan, const Step& step) {
  for (std::size_t t = 0; t < plan.transfers.size(); ++t) {
    const RunTransfer& transfer = plan.transfers[t];
    const Window& needed = plan.windows[at(transfer.needed_by)];
    EXPECT_EQ(needed.layer, transfer.planned.layer);
    EXPECT_EQ(needed.microstep, transfer.planned.microstep);
    EXPECT_LT(transfer.anchor, transfer.needed_by);
    EXPECT_LT(transfer.free_after, transfer.needed_by);
    EXPECT_GE(transfer.slot, plan.base_slots[at(transfer.planned.to)]);
    EXPECT_GE(transfer.offset, 0);
    int takers = 0;
    for (const RunReplica& replica : needed.replicas[at(transfer.planned.to)]) {
      if (replica.transfer != static_cast<int>(t)) continue;
      ++takers;
      EXPECT_EQ(replica.expert, transfer.planned.expert);
      EXPECT_EQ(replica.slot, transfer.slot);
    }
    EXPECT_EQ(takers, 1);
    EXPECT_EQ(transfer.source_slot < 0, transfer.planned.from_host);
    if (transfer.source >= 0) {
      ASSERT_LT(transfer.source, static_cast<int>(t));
      const RunTransfer& source = plan.transfers[at(transfer.source)];
      EXPECT_EQ(source.planned.expert, transfer.planned.expert);
      EXPECT_EQ(source.planned.layer, transfer.planned.layer);
      EXPECT_EQ(source.planned.to, transfer.planned.from);
      EXPECT_EQ(source.slot, transfer.source_slot);
      EXPECT_LE(source.planned.end_seconds, transfer.planned.start_seconds + 1e-12);
    }
    for (const int reader : transfer.readers) {
      ASSERT_LT(reader, static_cast<int>(t));
      EXPECT_EQ(plan.transfers[at(reader)].planned.from, transfer.planned.to);
      EXPECT_EQ(plan.transfers[at(reader)].source_slot, transfer.slot);
    }
    if (t > 0) {
      EXPECT_LE(plan.transfers[t - 1].planned.start_seconds, transfer.planned.start_seconds);
    }
  }
  for (const Window& window : plan.windows) {
    for (std::size_t device = 0; device < window.replicas.size(); ++device) {
      for (const RunReplica& replica : window.replicas[device]) {
        const int stands = plan.base.at(at(window.layer), at(replica.column));
        EXPECT_EQ(replica.transfer < 0, stands >= 0);
      }
    }
  }
  EXPECT_LE(plan.transfers.size(), step.plan.transfers.size());
}

TEST(RunPlanStep, WindowsTokensAndTransfers) {
  std::size_t chains = 0;
  std::size_t readers = 0;
  for (const Sizes& sizes : {Sizes{.transient_slots = 2}, Sizes{.transient_pool_slots = 1},
                             Sizes{.nodes = 2, .devices_per_node = 2, .transient_pool_slots = 2}}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Step step = StepMaker(sizes, seed).make();
      const RunPlan plan = step_run(step);
      EXPECT_EQ(plan.transfers.size(), step.plan.transfers.size());
      EXPECT_EQ(plan.windows.size(), 6U);
      expect_covered(plan);
      expect_orderly(plan, step);
      for (std::size_t w = 0; w < plan.windows.size(); ++w) {
        expect_whole(plan.windows[w], step.instance.load[w / 2].row(w % 2), 1);
      }
      for (const RunTransfer& transfer : plan.transfers) {
        chains += transfer.source >= 0 ? 1 : 0;
        readers += transfer.readers.size();
      }
      for (const RunPart& part :
           {RunPart{.first_layer = 1}, RunPart{.microsteps = 2}, RunPart{.layers = 1, .tokens = 50}}) {
        const RunPlan less = step_run(step, part);
        expect_covered(less);
        expect_orderly(less, step);
      }
    }
  }
  EXPECT_GT(chains, 50U);  // the cases that this test is for do occur
  EXPECT_GT(readers, 50U);
}

// Two devices, each with a base slot and one transient slot; two layers, three micro-steps, one expert too many.
Step by_hand(bool pool) {
  const Sizes sizes{.devices_per_node = 2, .base_slots = 1, .layers = 2, .experts = 2, .microsteps = 3};
  Step step;
  step.instance.experts = instance_of(sizes);
  (pool ? step.instance.transient_pool_slots : step.instance.transient_slots) = 1;
  step.instance.load.assign(3, Matrix<double>(2, 2, 4.0));
  step.plan.base = Matrix<int>(2, 4, std::vector<int>{0, -1, 1, -1, 0, -1, 1, -1});
  ExpertPlan rows;
  rows.slots = step.plan.base;
  rows.shares = Matrix<double>(2, 4, std::vector<double>{1, 0, 1, 0, 1, 0, 1, 0});
  step.plan.microsteps.assign(3, rows);
  return step;
}

// Puts expert 1 into device 0's transient slot for this window, brought at this time (in units).
void bring(Step& step, int microstep, int layer, double start, bool from_host = true, int from = 0) {
  step.plan.microsteps[at(microstep)].slots.at(at(layer), 1) = 1;
  step.plan.transfers.push_back({.microstep = microstep,
                                 .layer = layer,
                                 .expert = 1,
                                 .from_host = from_host,
                                 .from = from,
                                 .to = 0,
                                 .start_seconds = start * unit,
                                 .end_seconds = (start + 0.1) * unit});
}

TEST(RunPlanStep, AnchorsAreTheWindowsThatRunThen) {
  Step step = by_hand(false);
  bring(step, 0, 0, 0.3);   // before the first window
  bring(step, 0, 1, 1.5);   // while window 0 runs
  bring(step, 1, 0, 4.25);  // in the gap after window 1 (that begins at 3 and ends at 4)
  const RunPlan plan = step_run(step);
  EXPECT_EQ(plan.transfers[0].anchor, -1);
  EXPECT_EQ(plan.transfers[0].offset, 0);
  EXPECT_EQ(plan.transfers[0].free_after, -1);
  EXPECT_EQ(plan.transfers[1].anchor, 0);
  EXPECT_NEAR(plan.transfers[1].offset, 0.5 * unit, 1e-12);
  EXPECT_EQ(plan.transfers[2].anchor, 1);
  EXPECT_NEAR(plan.transfers[2].offset, unit, 1e-12);  // when the window is over: waiting is not repeated
}

TEST(RunPlanStep, SlotsOfALayerAndOfAPool) {
  for (const bool pool : {false, true}) {
    Step step = by_hand(pool);
    bring(step, 0, 0, 0.3);
    bring(step, 0, 1, 2.3);
    bring(step, 1, 0, 4.3);
    const RunPlan plan = step_run(step);
    EXPECT_EQ(plan.pooled, pool);
    // The slot of layer 0 was last read by window 0; that of the pool by window 1.
    EXPECT_EQ(plan.transfers[1].free_after, pool ? 0 : -1);
    EXPECT_EQ(plan.transfers[2].free_after, pool ? 1 : 0);
  }
}

TEST(RunPlanStep, ATransientReplicaIsTheSourceOfAnother) {
  Step step = by_hand(false);
  bring(step, 0, 0, 0.3);  // expert 1 to device 0
  // From there to device 1's transient slot; base replicas are looked at first, so expert 1 leaves device 1's base.
  step.plan.base.at(0, 2) = -1;
  for (ExpertPlan& rows : step.plan.microsteps) rows.slots.at(0, 2) = -1;
  step.plan.microsteps[1].slots.at(0, 3) = 1;
  step.plan.microsteps[1].shares.at(0, 3) = 1;
  step.plan.transfers.push_back(
      {.microstep = 1, .expert = 1, .from = 0, .to = 1, .start_seconds = 4.2 * unit, .end_seconds = 4.3 * unit});
  bring(step, 2, 0, 8.5);  // into the source's slot
  step.instance.load[1].at(0, 1) = 3;
  const RunPlan plan = step_run(step);
  EXPECT_EQ(plan.transfers[1].source, 0);
  EXPECT_EQ(plan.transfers[1].source_slot, 1);
  EXPECT_EQ(plan.transfers[2].readers, std::vector<int>{1});
  EXPECT_EQ(plan.transfers[2].free_after, 0);
  Rig rig(plan, small_shape({.experts = 2}), {2, 2});
  EXPECT_EQ(rig.run().output_sha256, rig.unplanned_output());
}

TEST(RunPlanStep, BackwardWindowsAndGradientsAreLeftOut) {
  Step step = by_hand(false);
  bring(step, 1, 0, 4.4);
  step.plan.transfers.push_back({.kind = TransferKind::gradient,
                                 .microstep = 1,
                                 .expert = 1,
                                 .from = 0,
                                 .to = 1,
                                 .start_seconds = 5 * unit,
                                 .end_seconds = 6 * unit});
  Prediction prediction = step.prediction();
  // A backward window of micro-step 0 after its two forward ones.
  prediction.windows.insert(prediction.windows.begin() + 2, {0, 1, false});
  prediction.window_start = {1 * unit, 3 * unit, 4.2 * unit, 5 * unit, 7 * unit, 9 * unit, 11 * unit};
  prediction.window_seconds.push_back(unit);
  prediction.waited.push_back(0);
  prediction.device_seconds.push_back(prediction.device_seconds.front());
  const RunPlan plan = run_plan(step.instance, step.plan, prediction, {});
  EXPECT_EQ(plan.backward_windows, 1);
  EXPECT_EQ(plan.windows.size(), 6U);
  EXPECT_EQ(plan.prediction.window_start.size(), 6U);
  ASSERT_EQ(plan.transfers.size(), 1U);
  EXPECT_EQ(plan.transfers[0].anchor, 1);  // the forward window before the backward one that is gone
  EXPECT_EQ(plan.transfers[0].needed_by, 2);
}

TEST(RunPlanStep, PlansThatDoNotHangTogether) {
  const auto message = [](const Step& step) {
    const Error error = error_of([&] { static_cast<void>(step_run(step)); });
    EXPECT_EQ(error.code(), ErrorCode::input);
    EXPECT_EQ(error.pointer(), "/plan/transfers");
    return std::string(error.what());
  };
  Step nothing_brings = by_hand(false);
  nothing_brings.plan.microsteps[0].slots.at(0, 1) = 1;
  EXPECT_NE(message(nothing_brings).find("no transfer brings expert 1 to device 0"), std::string::npos);
  Step no_slot = by_hand(false);
  bring(no_slot, 0, 0, 0.3);
  no_slot.plan.microsteps[0].slots.at(0, 1) = -1;
  EXPECT_NE(message(no_slot).find("no slot takes it"), std::string::npos);
  Step no_source = by_hand(false);
  bring(no_source, 1, 0, 4.3, false, 0);
  EXPECT_NE(message(no_source).find("does not hold it"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::executor
