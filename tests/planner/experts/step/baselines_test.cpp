// The baselines: what each promises, on steps small enough to see through and on random ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/method.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"
#include "tests/planner/experts/shipped.hpp"
#include "tests/planner/experts/step/random_step.hpp"

namespace plimsoll::experts::step {
namespace {

using Baseline = void (*)(const Prepared&, Context&);

StepPlan run(Baseline method, const StepInstance& step, int threads = 1) {
  const Prepared prepared(step);
  SolveOptions options;
  options.threads = threads;
  support::Meter meter(1'000'000'000'000, {}, nullptr);
  Context context(prepared, options, meter);
  method(prepared, context);
  EXPECT_GT(meter.work(), 0U);
  EXPECT_TRUE(context.best().has_value());
  return context.best().value_or(StepPlan{});
}

// 2 nodes of 4 devices, 16 experts whose loads jump from micro-step to micro-step.
StepInstance jumping(int base_slots, int transient, std::uint64_t seed = 1) {
  StepInstance step;
  ExpertInstance& experts = step.experts;
  experts.name = "jumping";
  experts.model.layers = 3;
  experts.model.experts = 16;
  experts.model.groups = 4;
  experts.model.expert_bytes = 100;
  experts.cluster.nodes = 2;
  experts.cluster.devices_per_node = 4;
  experts.cluster.slots.assign(8, base_slots);
  experts.cluster.speed.assign(8, 1.0);
  experts.cluster.link = Link{100, 20, 10, 0.01};
  experts.cost.other_seconds = 1;
  experts.load = Matrix<double>(3, 16, 0.0);
  step.transient_slots = transient;
  step.schedule = default_schedule(4, false);
  support::Random random(seed, 3);
  for (int m = 0; m < 4; ++m) {
    Matrix<double>& load = step.load.emplace_back(3, 16);
    for (std::size_t layer = 0; layer < 3; ++layer) {
      for (std::size_t expert = 0; expert < 16; ++expert) {
        const double part = random.uniform();
        load.at(layer, expert) = std::floor(100 * part * part * part);
        experts.load.at(layer, expert) += load.at(layer, expert);
      }
    }
  }
  return step;
}

// The same as one static layer problem: all slots, and the loads of the sum or of one micro-step.
ExpertInstance as_static(const StepInstance& step, const Matrix<double>& load) {
  ExpertInstance instance = step.experts;
  for (int& slots : instance.cluster.slots) slots += step.transient_slots;
  instance.load = load;
  return instance;
}

void expect_refused(Baseline method, const StepInstance& step, const std::string& pointer) {
  try {
    run(method, step);
    ADD_FAILURE() << "nothing was refused, expected " << pointer;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_EQ(error.pointer(), pointer);
    EXPECT_FALSE(error.advice().empty());
  }
}

TEST(StaticStep, GoesRoundTheSlotsWithoutAPlacement) {
  const StepPlan plan = run(run_static, jumping(2, 1));
  for (std::size_t layer = 0; layer < 3; ++layer) {
    for (std::size_t column = 0; column < 24; ++column) {
      ASSERT_EQ(plan.base.at(layer, column), static_cast<int>(column) % 16);
      ASSERT_EQ(plan.microsteps[2].shares.at(layer, column), column % 16 < 8 ? 0.5 : 1.0);
    }
  }
  EXPECT_TRUE(plan.transfers.empty());
}

TEST(StaticStep, KeepsThePlacement) {
  StepInstance step = jumping(2, 1);
  step.experts.placement = Matrix<int>(3, 16);
  for (std::size_t layer = 0; layer < 3; ++layer) {
    for (std::size_t slot = 0; slot < 16; ++slot) step.experts.placement->at(layer, slot) = static_cast<int>(15 - slot);
  }
  const StepPlan filled = run(run_static, step);
  step.experts.limits.max_moves = 0;
  const StepPlan bare = run(run_static, step);
  for (std::size_t layer = 0; layer < 3; ++layer) {
    std::vector<int> further;
    for (std::size_t column = 0; column < 24; ++column) {
      if (column % 3 == 2) {
        EXPECT_EQ(bare.base.at(layer, column), -1);
        further.push_back(filled.base.at(layer, column));
      } else {
        EXPECT_EQ(filled.base.at(layer, column), static_cast<int>(15 - column / 3 * 2 - column % 3));
        EXPECT_EQ(bare.base.at(layer, column), filled.base.at(layer, column));
      }
    }
    std::sort(further.begin(), further.end());
    EXPECT_EQ(std::unique(further.begin(), further.end()), further.end());  // filled evenly
  }
  EXPECT_EQ(evaluate(step, bare).metrics.moves, 0);
}

TEST(StaticStep, EachColumnOfAPoolServesOneLayer) {
  StepInstance step = jumping(2, 0);
  step.transient_pool_slots = 2;
  for (const Baseline method : {Baseline{run_static}, Baseline{run_eplb_step}}) {
    const StepPlan plan = run(method, step);
    for (std::size_t column = 2; column < 32; column += 4) {
      for (std::size_t position = 0; position < 2; ++position) {
        int layers = 0;
        for (std::size_t layer = 0; layer < 3; ++layer) layers += plan.base.at(layer, column + position) >= 0 ? 1 : 0;
        EXPECT_EQ(layers, 1);
      }
    }
  }
}

TEST(EplbStep, IsThePublishedPlacementOfTheSum) {
  for (const bool grouped : {false, true}) {
    StepInstance step = jumping(2, 1);
    step.experts.keep_groups_on_a_node = grouped;
    const StepPlan plan = run(run_eplb_step, step);
    EXPECT_EQ(plan.base, testing::solve_with(as_static(step, step.experts.load), "eplb").plan.slots);
    for (const ExpertPlan& each : plan.microsteps) EXPECT_EQ(each.slots, plan.base);
    EXPECT_TRUE(plan.transfers.empty());
  }
}

// Each layer of each micro-step by the static method `shares`, which is tested by itself.
TEST(EplbStepShares, SolvesTheSharesOfEachMicrostep) {
  for (const double fixed : {0.0, 2.0}) {
    StepInstance step = jumping(2, 1);
    step.experts.cost.replica_seconds = fixed;
    const StepPlan plan = run(run_eplb_step_shares, step);
    double sum = 0;
    for (const Matrix<double>& load : step.load) {
      ExpertInstance instance = as_static(step, load);
      instance.placement = plan.base;
      sum += testing::solve_with(instance, "shares").certificate.objective.value_or(0);
    }
    EXPECT_NEAR(evaluate(step, plan).objective, sum, 1e-9 * sum);
    EXPECT_LT(sum, evaluate(step, run(run_eplb_step, step)).objective);
    EXPECT_EQ(plan, run(run_eplb_step_shares, step, 3));
  }
}

TEST(EplbOracle, BringsReplicasOfEachMicrostep) {
  StepInstance step = jumping(2, 1);
  const StepPlan charged = run(run_eplb_oracle, step);
  const Evaluation with_links = evaluate(step, charged);
  EXPECT_GT(with_links.metrics.transfers, 60);
  EXPECT_GT(with_links.metrics.exposed_seconds, 0);
  EXPECT_EQ(with_links.metrics.moves, 0);
  // Where links are free it beats one placement for all.
  step.experts.cluster.link.reset();
  const Evaluation free = evaluate(step, run(run_eplb_oracle, step));
  EXPECT_EQ(free.metrics.exposed_seconds, 0);
  EXPECT_LT(free.objective, evaluate(step, run(run_eplb_step, step)).objective);
  EXPECT_LT(free.objective, with_links.objective);
}

// One layer with two devices: expert 0 is hot in micro-step 0, expert 3 in micro-step 1.
TEST(EplbOracle, ReplicatesWhatIsHot) {
  StepInstance step;
  step.experts.model.layers = 1;
  step.experts.model.experts = 4;
  step.experts.model.expert_bytes = 1;
  step.experts.cluster.nodes = 1;
  step.experts.cluster.devices_per_node = 2;
  step.experts.cluster.slots = {2, 2};
  step.experts.cluster.speed = {1, 1};
  step.experts.cluster.link = Link{1, 1, 1, 0};
  step.experts.load = Matrix<double>(1, 4, std::vector<double>{10, 4, 4, 10});
  step.load = {Matrix<double>(1, 4, std::vector<double>{8, 2, 2, 2}),
               Matrix<double>(1, 4, std::vector<double>{2, 2, 2, 8})};
  step.transient_slots = 1;
  step.schedule = default_schedule(2, false);
  const StepPlan plan = run(run_eplb_oracle, step);
  // The sum puts experts 0 and 1 on device 0, 3 and 2 on device 1. A second further replica finds no device without it.
  EXPECT_EQ(plan.base, Matrix<int>(1, 6, std::vector<int>{0, 1, -1, 3, 2, -1}));
  EXPECT_EQ(plan.microsteps[0].slots, Matrix<int>(1, 6, std::vector<int>{0, 1, -1, 3, 2, 0}));
  EXPECT_EQ(plan.microsteps[1].slots, Matrix<int>(1, 6, std::vector<int>{0, 1, 3, 3, 2, -1}));
  const Evaluation evaluation = evaluate(step, plan);
  EXPECT_EQ(evaluation.waited[0], 1.0);
  EXPECT_EQ(evaluation.waited[1], 0.0);  // it came meanwhile, to a slot that nobody used before
}

TEST(BaselinesOfSteps, RefuseByName) {
  const StepInstance whole = jumping(2, 1);
  for (const Baseline method : {Baseline{run_eplb_step}, Baseline{run_eplb_step_shares}, Baseline{run_eplb_oracle}}) {
    StepInstance step = whole;
    step.experts.cluster.slots[3] = 3;
    expect_refused(method, step, "/cluster/slots");
    step = whole;
    step.experts.cluster.dead = {3};
    expect_refused(method, step, "/cluster/dead");
    step = whole;
    step.experts.placement = Matrix<int>(3, 16, 0);
    step.experts.limits.max_moves_per_device = 3;
    expect_refused(method, step, "/limits/max_moves_per_device");
    step = whole;
    step.experts.model.groups = 1;
    step.experts.keep_groups_on_a_node = true;
    expect_refused(method, step, "/model/groups");
  }
  StepInstance even = whole;
  even.experts.dispatch = Dispatch::even;
  expect_refused(run_eplb_step_shares, even, "/dispatch");
  StepInstance narrow = jumping(1, 1);
  run(run_eplb_step, narrow);
  expect_refused(run_eplb_oracle, narrow, "/cluster/slots");  // its base slots alone hold too few
  narrow.transient_slots = 0;
  narrow.transient_pool_slots = 2;
  expect_refused(run_eplb_step, narrow, "/cluster/slots");
}

// What is not refused is accepted by the evaluation: offer_or_refuse turns a violation into a refusal without a
// pointer, which is for constraints that a baseline does not look at (memory, duplicates).
TEST(BaselinesOfSteps, OfRandomStepsHold) {
  int plans = 0;
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const StepInstance step = seed % 4 == 0 ? testing::medium_step(seed) : testing::tiny_step(seed);
    if (!Prepared(step).impossible.empty()) continue;
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (const Baseline method :
         {Baseline{run_static}, Baseline{run_eplb_step}, Baseline{run_eplb_step_shares}, Baseline{run_eplb_oracle}}) {
      try {
        const StepPlan plan = run(method, step);
        EXPECT_TRUE(evaluate(step, plan).violations.empty());
        ++plans;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::unsupported);
        ++refused;
        // No refusal blames the schedule.
        EXPECT_EQ(std::string(error.what()).find("/plan/transfers"), std::string::npos) << error.what();
      }
    }
  }
  RecordProperty("plans", plans);
  RecordProperty("refused", refused);
  EXPECT_GE(plans, 300);
}

}  // namespace
}  // namespace plimsoll::experts::step
