// LayerState keeps times, counts and moves up to date through any changes, and undoes them exactly.
#include "planner/experts/search/layer.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/random.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll::experts {
namespace {

struct Contents {
  std::vector<int> expert;
  std::vector<double> tokens;
  friend bool operator==(const Contents&, const Contents&) = default;
};

Contents contents_of(const LayerState& state) {
  Contents contents;
  for (int slot = 0; slot < state.slot_count(); ++slot) {
    contents.expert.push_back(state.expert(slot));
    contents.tokens.push_back(state.tokens(slot));
  }
  return contents;
}

// Everything that the state says, recomputed from what stands on its slots.
void expect_consistent(const LayerProblem& problem, const LayerState& state) {
  const Prepared& prepared = *problem.prepared;
  std::vector<int> replicas(static_cast<std::size_t>(prepared.experts), 0);
  for (int slot = 0; slot < state.slot_count(); ++slot) {
    if (state.expert(slot) >= 0) ++replicas[static_cast<std::size_t>(state.expert(slot))];
  }
  std::int64_t moves = 0;
  double latest = 0;
  int bottleneck = 0;
  for (int device = 0; device < prepared.devices; ++device) {
    double seconds = 0;
    std::set<int> held;
    std::vector<int> copies(replicas.size(), 0);
    for (int slot = state.begin_slot(device); slot < state.end_slot(device); ++slot) {
      EXPECT_EQ(state.device(slot), device);
      const int expert = state.expert(slot);
      if (expert < 0) {
        EXPECT_EQ(state.slot_seconds(slot), 0);
        continue;
      }
      const auto e = static_cast<std::size_t>(expert);
      double tokens = prepared.even ? problem.load[e] / replicas[e] : state.tokens(slot);
      if (prepared.even && prepared.whole_tokens) tokens = std::ceil(tokens);
      EXPECT_DOUBLE_EQ(state.slot_seconds(slot), prepared.curve.seconds(tokens));
      seconds += prepared.curve.seconds(tokens);
      held.insert(expert);
      ++copies[e];
    }
    seconds /= prepared.speed(device);
    EXPECT_DOUBLE_EQ(state.device_seconds(device), seconds);
    if (state.device_seconds(device) > latest) bottleneck = device;
    latest = std::max(latest, state.device_seconds(device));
    std::int64_t arrivals = 0;
    for (const int expert : held) arrivals += prepared.has_placement() && !problem.stood(expert, device) ? 1 : 0;
    EXPECT_EQ(state.device_moves(device), arrivals);
    moves += arrivals;
    for (int expert = 0; expert < prepared.experts; ++expert) {
      EXPECT_EQ(state.copies(expert, device), copies[static_cast<std::size_t>(expert)]);
    }
  }
  EXPECT_EQ(state.moves(), moves);
  EXPECT_EQ(state.seconds(), latest);
  EXPECT_EQ(state.bottleneck(), bottleneck);
  bool complete = true;
  for (int expert = 0; expert < prepared.experts; ++expert) {
    EXPECT_EQ(state.replicas(expert), replicas[static_cast<std::size_t>(expert)]);
    complete = complete && state.replicas(expert) > 0;
    for (const int slot : state.slots_of(expert)) EXPECT_EQ(state.expert(slot), expert);
    EXPECT_TRUE(std::is_sorted(state.slots_of(expert).begin(), state.slots_of(expert).end()));
  }
  EXPECT_EQ(state.complete(), complete);
}

void change(LayerState& state, const Prepared& prepared, support::Random& random) {
  const int slot = static_cast<int>(random.below(static_cast<std::size_t>(state.slot_count())));
  const int expert = static_cast<int>(random.below(static_cast<std::size_t>(prepared.experts) + 1)) - 1;
  const double tokens = expert < 0 ? 0.0 : static_cast<double>(random.below(50));
  if (random.below(4) == 0 && state.expert(slot) >= 0) {
    state.set_tokens(slot, tokens);
  } else {
    state.set(slot, expert, tokens);
  }
}

class LayerStateTest : public ::testing::TestWithParam<int> {};

TEST_P(LayerStateTest, SurvivesRandomChangesAndUndos) {
  const ExpertInstance instance = testing::medium_instance(static_cast<std::uint64_t>(GetParam()));
  const Prepared prepared(instance);
  support::Random random(static_cast<std::uint64_t>(GetParam()), 3);
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const LayerProblem problem{&prepared, layer, prepared.load(layer), prepared.slots, {}, no_limit, {}};
    LayerState state(problem);
    if (state.slot_count() == 0) continue;
    expect_consistent(problem, state);
    std::vector<std::pair<LayerState::Mark, Contents>> marks;
    for (int step = 0; step < 300; ++step) {
      if (random.below(5) == 0) marks.emplace_back(state.mark(), contents_of(state));
      if (!marks.empty() && random.below(8) == 0) {
        const std::size_t back = random.below(marks.size());
        state.undo_to(marks[back].first);
        EXPECT_EQ(contents_of(state), marks[back].second);
        marks.resize(back);
      } else {
        change(state, prepared, random);
      }
      if (step % 10 == 0) expect_consistent(problem, state);
      if (HasFailure()) return;
    }
    expect_consistent(problem, state);
  }
}

TEST_P(LayerStateTest, UndoingRestoresTheSameBits) {
  const ExpertInstance instance = testing::medium_instance(static_cast<std::uint64_t>(GetParam()) + 500);
  const Prepared prepared(instance);
  support::Random random(static_cast<std::uint64_t>(GetParam()), 4);
  const LayerProblem problem{&prepared, 0, prepared.load(0), prepared.slots, {}, no_limit, {}};
  LayerState state(problem);
  if (state.slot_count() == 0) return;
  for (int step = 0; step < 40; ++step) change(state, prepared, random);
  std::vector<double> seconds;
  for (int device = 0; device < prepared.devices; ++device) seconds.push_back(state.device_seconds(device));
  const auto mark = state.mark();
  for (int step = 0; step < 40; ++step) change(state, prepared, random);
  state.undo_to(mark);
  for (int device = 0; device < prepared.devices; ++device) {
    EXPECT_EQ(state.device_seconds(device), seconds[static_cast<std::size_t>(device)]);
  }
}

TEST_P(LayerStateTest, LoadsItsOwnPlan) {
  const ExpertInstance instance = testing::medium_instance(static_cast<std::uint64_t>(GetParam()) + 900);
  const Prepared prepared(instance);
  support::Random random(static_cast<std::uint64_t>(GetParam()), 5);
  const LayerProblem problem{&prepared, 0, prepared.load(0), prepared.slots, {}, no_limit, {}};
  LayerState state(problem);
  if (state.slot_count() == 0) return;
  for (int step = 0; step < 60; ++step) change(state, prepared, random);
  const LayerPlan plan = state.plan();
  LayerState other(problem);
  other.load(plan);
  expect_consistent(problem, other);
  EXPECT_EQ(other.moves(), plan.moves);
  EXPECT_NEAR(other.seconds(), plan.seconds, 1e-12 * plan.seconds);
  EXPECT_EQ(other.complete(), plan.feasible);
  other.clear();
  expect_consistent(problem, other);
  EXPECT_EQ(other.seconds(), 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LayerStateTest, ::testing::Range(0, 12));

TEST(LayerState, KnowsTheLimitsOnMoves) {
  ExpertInstance instance;
  instance.model.experts = 2;
  instance.cluster.devices_per_node = 2;
  instance.cluster.slots = {2, 2};
  instance.cluster.speed = {1, 1};
  instance.load = Matrix<double>(1, 2, std::vector<double>{4, 2});
  instance.placement = Matrix<int>(1, 4, std::vector<int>{0, 1, 1, -1});
  const Prepared prepared(instance);
  LayerProblem problem{&prepared, 0, prepared.load(0), prepared.slots, {}, 1, {}};
  LayerState state(problem);
  state.set(0, 0, 4);
  state.set(2, 1, 2);
  EXPECT_EQ(state.moves(), 0);
  EXPECT_EQ(state.arrival_moves(0, 1), 1);
  EXPECT_EQ(state.arrival_moves(1, 0), 0);
  state.set(3, 0, 0);
  EXPECT_EQ(state.moves(), 1);
  EXPECT_TRUE(state.within_move_limits());
  problem.device_move_limit = {0, 0};
  EXPECT_FALSE(state.within_move_limits());
  problem.device_move_limit.clear();
  problem.move_limit = 0;
  EXPECT_FALSE(state.within_move_limits());
}

}  // namespace
}  // namespace plimsoll::experts
