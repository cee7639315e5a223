// The shares that engines give, against their rules played through device by device.
#include "planner/experts/convert/target_dispatch.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "planner/experts/evaluate.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll::experts {
namespace {

struct Case {
  ExpertInstance instance;
  ExpertPlan plan;
};

// Each expert somewhere, the other slots at random; even shares.
Case random_case(std::uint32_t seed, int nodes, int per_node, int slots, int experts, std::int64_t tile = 0) {
  std::mt19937 random(seed);
  Case made;
  ExpertInstance& instance = made.instance;
  instance.model.layers = 2;
  instance.model.experts = experts;
  instance.cluster.nodes = nodes;
  instance.cluster.devices_per_node = per_node;
  instance.cluster.slots.assign(static_cast<std::size_t>(nodes * per_node), slots);
  instance.cluster.speed.assign(static_cast<std::size_t>(nodes * per_node), 1.0);
  instance.cost.tile_tokens = tile;
  const auto all = static_cast<std::size_t>(nodes * per_node * slots);
  instance.load = Matrix<double>(2, static_cast<std::size_t>(experts));
  made.plan.slots = Matrix<int>(2, all);
  made.plan.shares = Matrix<double>(2, all, 0.0);
  if (tile > 0) made.plan.tokens = Matrix<std::int64_t>(2, all, 0);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    for (double& load : instance.load.row(layer)) load = static_cast<double>(random() % 1000);
    std::vector<int> held(all);
    for (std::size_t slot = 0; slot < all; ++slot) {
      held[slot] =
          static_cast<int>(slot < static_cast<std::size_t>(experts) ? slot : random() % static_cast<unsigned>(experts));
    }
    for (std::size_t i = all; i > 1; --i) std::swap(held[i - 1], held[random() % i]);
    std::copy(held.begin(), held.end(), made.plan.slots.row(layer).begin());
  }
  made.plan = dispatched(instance, made.plan, TargetDispatch::even);
  return made;
}

// What the slots get when each device sends one token to each expert (or the n-th part of one where it is random).
Matrix<double> played(const Case& made, bool nearest) {
  const auto devices = static_cast<std::size_t>(made.instance.cluster.devices());
  const auto each = static_cast<std::size_t>(made.instance.cluster.slots.front());
  const auto per_node = static_cast<std::size_t>(made.instance.cluster.devices_per_node);
  Matrix<double> got(made.plan.slots.rows(), made.plan.slots.columns(), 0.0);
  for (std::size_t layer = 0; layer < got.rows(); ++layer) {
    for (int expert = 0; expert < made.instance.model.experts; ++expert) {
      std::vector<std::size_t> copies;
      for (std::size_t slot = 0; slot < got.columns(); ++slot) {
        if (made.plan.slots.at(layer, slot) == expert) copies.push_back(slot);
      }
      for (std::size_t device = 0; device < devices; ++device) {
        if (!nearest) {
          got.at(layer, copies[device % copies.size()]) += 1.0;
          continue;
        }
        std::vector<std::size_t> here;
        std::vector<std::size_t> on_node;
        for (const std::size_t slot : copies) {
          if (slot / each == device) here.push_back(slot);
          if (slot / each / per_node == device / per_node) on_node.push_back(slot);
        }
        if (!here.empty()) {
          got.at(layer, here.front()) += 1.0;
        } else if (!on_node.empty() && on_node.size() < copies.size()) {
          got.at(layer, on_node.front()) += 1.0;
        } else {
          for (const std::size_t slot : copies) got.at(layer, slot) += 1.0 / static_cast<double>(copies.size());
        }
      }
    }
  }
  return got;
}

TEST(TargetDispatch, SharesAreThoseOfTheRulesPlayedThrough) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    const int nodes = 1 + static_cast<int>(seed % 4);
    const int per_node = 1 + static_cast<int>(seed % 5);
    const int slots = 1 + static_cast<int>(seed % 3);
    const int experts = std::max(1, nodes * per_node * slots * 2 / 3);
    const Case made = random_case(seed, nodes, per_node, slots, experts);
    const double devices = nodes * per_node;
    for (const bool nearest : {false, true}) {
      const Matrix<double> expected = played(made, nearest);
      const ExpertPlan plan =
          dispatched(made.instance, made.plan, nearest ? TargetDispatch::nearest : TargetDispatch::by_rank);
      EXPECT_EQ(plan.slots, made.plan.slots);
      for (std::size_t i = 0; i < expected.data().size(); ++i) {
        ASSERT_NEAR(plan.shares.data()[i], expected.data()[i] / devices, 1e-12) << "seed " << seed << ", slot " << i;
      }
    }
  }
}

TEST(TargetDispatch, EvenIsTheObjectiveOfAnEvenInstance) {
  for (const std::int64_t tile : {0, 16}) {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      Case made = random_case(seed, 2, 3, 3, 11, tile);
      ExpertInstance even = made.instance;
      even.dispatch = Dispatch::even;
      const Evaluation evaluation = evaluate(even, made.plan);
      ASSERT_TRUE(evaluation.violations.empty()) << evaluation.violations.front();
      EXPECT_EQ(objective_under(made.instance, made.plan, TargetDispatch::even), evaluation.objective);
      EXPECT_EQ(objective_under(even, made.plan, TargetDispatch::as_planned), evaluation.objective);
    }
  }
}

TEST(TargetDispatch, WholeTokensStayWholeAndComplete) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const Case made = random_case(seed, 3, 2, 3, 11, 16);
    for (const TargetDispatch dispatch : {TargetDispatch::by_rank, TargetDispatch::nearest}) {
      const ExpertPlan plan = dispatched(made.instance, made.plan, dispatch);
      const Evaluation evaluation = evaluate(made.instance, plan);
      ASSERT_TRUE(evaluation.violations.empty()) << evaluation.violations.front();
      EXPECT_EQ(objective_under(made.instance, made.plan, dispatch), evaluation.objective);
    }
  }
}

TEST(TargetDispatch, OneCopyPerDeviceIsEvenOnASingleNode) {
  // Local tokens and the even rest add up to even parts where no device holds an expert twice.
  ExpertInstance instance = testing::shipped("eight-experts-even");
  instance.cluster.duplicates = false;
  const ExpertSolution solution = testing::solve_with(instance, "auto", 1000);
  const double planned = evaluate(instance, solution.plan).objective;
  EXPECT_NEAR(objective_under(instance, solution.plan, TargetDispatch::nearest), planned, 1e-9 * planned);
  EXPECT_EQ(objective_under(instance, solution.plan, TargetDispatch::even), planned);
}

TEST(TargetDispatch, SaysWhyTheTargetIsWorseAndWhatHelps) {
  const auto note = [](const ExpertInstance& instance, const ExpertPlan& plan, TargetDispatch dispatch) {
    return compare_objectives(instance, plan, dispatch, "it");
  };
  const auto ends = [](const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
  };
  ExpertInstance instance = testing::shipped("deepseek-v3-288-32-even");
  SolveOptions options;
  options.gap = 1;
  const ExpertPlan plan = solve(instance, options).plan;
  EXPECT_TRUE(ends(note(instance, plan, TargetDispatch::even), "(+0.00 %)"));
  const std::string near = note(instance, plan, TargetDispatch::nearest);
  EXPECT_TRUE(ends(near,
                   "Maybe solve again with \"keep_groups_on_a_node\": true: this target prefers copies on the "
                   "sender's node"))
      << near;
  // And it does help: copies that are all on one node are served evenly.
  const double spread = objective_under(instance, plan, TargetDispatch::nearest);
  instance.keep_groups_on_a_node = true;
  const ExpertPlan kept = solve(instance, options).plan;
  EXPECT_LT(objective_under(instance, kept, TargetDispatch::nearest), 0.98 * spread);
  EXPECT_NEAR(objective_under(instance, kept, TargetDispatch::nearest), evaluate(instance, kept).objective, 1e-6);
}

TEST(TargetDispatch, DeadDevicesSendNothing) {
  Case made = random_case(3, 1, 4, 2, 3);
  made.instance.cluster.dead = {1};
  made.instance.cluster.fill_slots = false;
  for (std::size_t layer = 0; layer < 2; ++layer) {
    made.plan.slots.row(layer)[0] = 0;
    made.plan.slots.row(layer)[1] = 1;
    made.plan.slots.row(layer)[2] = -1;
    made.plan.slots.row(layer)[3] = -1;
    made.plan.slots.row(layer)[4] = 2;
    made.plan.slots.row(layer)[5] = 0;
    made.plan.slots.row(layer)[6] = 0;
    made.plan.slots.row(layer)[7] = 1;
  }
  made.plan.shares = Matrix<double>(2, 8, 0.0);
  const ExpertPlan plan = dispatched(made.instance, made.plan, TargetDispatch::nearest);
  EXPECT_TRUE(evaluate(made.instance, plan).violations.empty());
  EXPECT_NEAR(plan.shares.at(0, 0), 1.0 / 3.0, 1e-15);
  EXPECT_NEAR(plan.shares.at(0, 1), 0.5, 1e-15);
  EXPECT_EQ(plan.shares.at(0, 4), 1.0);
}

}  // namespace
}  // namespace plimsoll::experts
