#include "plimsoll/balancer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "planner/experts/bound.hpp"
#include "planner/experts/evaluate.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"
#include "tests/damage.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll {
namespace {

ExpertInstance cluster_of(int layers, int experts, int devices, int slots, Dispatch dispatch = Dispatch::even) {
  ExpertInstance instance;
  instance.model.layers = layers;
  instance.model.experts = experts;
  instance.cluster.devices_per_node = devices;
  instance.cluster.slots.assign(static_cast<std::size_t>(devices), slots);
  instance.cluster.speed.assign(static_cast<std::size_t>(devices), 1.0);
  instance.dispatch = dispatch;
  return instance;
}

Matrix<double> random_load(support::Random& random, const ExpertInstance& instance) {
  Matrix<double> load(static_cast<std::size_t>(instance.model.layers),
                      static_cast<std::size_t>(instance.model.experts));
  const double tile = std::max<double>(1, static_cast<double>(instance.cost.tile_tokens));
  for (std::size_t layer = 0; layer < load.rows(); ++layer) {
    for (double& tokens : load.row(layer)) tokens = std::round(tile * 40 * std::exp(random.normal()));
  }
  return load;
}

bool serves_all(std::span<const int> row, int experts) {
  for (int expert = 0; expert < experts; ++expert) {
    if (std::find(row.begin(), row.end(), expert) == row.end()) return false;
  }
  return true;
}

// Every prefix of the delta: experts served, dead devices empty, shares that sum to 1, and the end as planned.
void expect_safe(const Balancer& balancer, const Delta& delta, const ExpertInstance& instance) {
  Matrix<int> slots = balancer.slots();
  std::vector<LostExpert> lost = delta.lost;
  int layer_before = -1;
  std::vector<int> seen;
  for (const BalancerMove& move : delta.moves) {
    if (move.layer != layer_before) {
      EXPECT_EQ(std::find(seen.begin(), seen.end(), move.layer), seen.end()) << "the moves of a layer are apart";
      seen.push_back(move.layer);
      layer_before = move.layer;
    }
    ASSERT_NO_THROW(apply(move, slots.row(static_cast<std::size_t>(move.layer))));
    if (move.kind == MoveKind::load) std::erase(lost, LostExpert{move.layer, move.expert});
    const bool layer_lost =
        std::any_of(lost.begin(), lost.end(), [&](const LostExpert& expert) { return expert.layer == move.layer; });
    EXPECT_TRUE(layer_lost || serves_all(slots.row(static_cast<std::size_t>(move.layer)), instance.model.experts));
    const Matrix<double> shares = balancer.shares_of(slots);
    std::vector<double> sum(static_cast<std::size_t>(instance.model.experts), 0.0);
    const auto row = slots.row(static_cast<std::size_t>(move.layer));
    for (std::size_t slot = 0; slot < row.size(); ++slot) {
      if (row[slot] >= 0) {
        sum[static_cast<std::size_t>(row[slot])] += shares.at(static_cast<std::size_t>(move.layer), slot);
      }
    }
    for (const double part : sum) EXPECT_TRUE(layer_lost || std::abs(part - 1) < 1e-9);
  }
  EXPECT_TRUE(lost.empty());
  EXPECT_EQ(slots, delta.plan.slots);
  EXPECT_LE(delta.bound_seconds, delta.seconds_after);
  if (delta.seconds_before) {
    EXPECT_LE(delta.seconds_after, *delta.seconds_before * (1 + 1e-12));
  }
}

TEST(Balancer, FollowsADriftAndKeepsEveryPromiseOnTheWay) {
  for (const Dispatch dispatch : {Dispatch::even, Dispatch::weighted}) {
    ExpertInstance instance = cluster_of(3, 12, 4, 4, dispatch);
    support::Random random(1);
    Balancer balancer(instance);
    Balancer other(instance);
    for (int microstep = 0; microstep < 8; ++microstep) {
      const Matrix<double> load = random_load(random, instance);
      balancer.observe(load);
      other.observe(load);
      const Delta delta = balancer.plan();
      expect_safe(balancer, delta, instance);
      EXPECT_EQ(delta.moves, other.plan().moves);
      balancer.commit(delta);
      other.commit(other.plan());
      EXPECT_EQ(balancer.slots(), delta.plan.slots);
      EXPECT_NEAR(balancer.seconds_of(balancer.slots()), delta.seconds_after, 1e-9 * delta.seconds_after);
    }
    EXPECT_EQ(balancer.state(), other.state());
  }
}

TEST(Balancer, SecondsAreThoseOfTheEvaluation) {
  ExpertInstance instance = cluster_of(2, 6, 3, 3);
  support::Random random(2);
  BalancerOptions options;
  options.window = 1;
  Balancer balancer(instance, options);
  instance.load = random_load(random, instance);
  balancer.observe(instance.load);
  const Delta delta = balancer.plan();
  EXPECT_DOUBLE_EQ(experts::evaluate(instance, delta.plan).objective, delta.seconds_after);
  const double bound = experts::quick_bounds(experts::Prepared(instance)).objective;
  EXPECT_NEAR(bound, delta.bound_seconds, 1e-9 * bound);
  EXPECT_LE(delta.bound_seconds, bound);
}

TEST(Balancer, MovesOnlyWhatPaysBack) {
  ExpertInstance instance = cluster_of(1, 4, 2, 3);
  instance.placement = Matrix<int>(1, 6, {0, 1, 2, 2, 3, 3});
  Matrix<double> load(1, 4, {60, 60, 10, 10});
  const auto plan = [&](double move_seconds, std::int64_t horizon) {
    instance.move_seconds = move_seconds;
    BalancerOptions options;
    options.horizon_microsteps = horizon;
    Balancer balancer(instance, options);
    balancer.observe(load);
    return balancer.plan();
  };
  const Delta cheap = plan(1, 100);
  EXPECT_FALSE(cheap.empty());
  EXPECT_GT(cheap.saved_seconds * 100, cheap.move_seconds);
  EXPECT_TRUE(cheap.reason.empty());
  const Delta dear = plan(10000, 100);
  EXPECT_TRUE(dear.empty());
  EXPECT_NE(dear.reason.find("within 100 micro-steps"), std::string::npos) << dear.reason;
  EXPECT_FALSE(plan(10000, 100000).empty());
}

TEST(Balancer, SaysWhyThereIsNothingToMove) {
  ExpertInstance instance = cluster_of(1, 4, 2, 2);
  Balancer balancer(instance);
  EXPECT_EQ(balancer.plan().reason, "no micro-step has been observed");
  instance.limits.max_moves = 0;
  Balancer still(instance);
  still.observe(Matrix<double>(1, 4, {9, 9, 1, 1}));
  EXPECT_EQ(still.plan().reason, "the limits allow no move");
}

TEST(Balancer, KeepsTheLimitsOfMoves) {
  support::Random random(3);
  for (int round = 0; round < 20; ++round) {
    ExpertInstance instance = cluster_of(4, 8, 4, 3, round % 2 == 0 ? Dispatch::even : Dispatch::weighted);
    instance.limits.max_moves = static_cast<std::int64_t>(random.below(6));
    if (round % 3 == 0) instance.limits.max_moves_per_device = 1;
    Balancer balancer(instance);
    const Matrix<int> before = balancer.slots();
    balancer.observe(random_load(random, instance));
    const Delta delta = balancer.plan();
    expect_safe(balancer, delta, instance);
    EXPECT_LE(delta.transfers, *instance.limits.max_moves);
    instance.placement = before;
    instance.load = Matrix<double>(4, 8, 1.0);
    for (const std::string& violation : experts::evaluate(instance, delta.plan).violations) {
      EXPECT_EQ(violation.find("moves"), std::string::npos) << violation;
    }
  }
}

TEST(Balancer, WithoutExchangesThereAreOnlyCopies) {
  support::Random random(4);
  ExpertInstance instance = cluster_of(3, 8, 4, 3);
  BalancerOptions options;
  options.exchanges = false;
  options.least_gain = 0;
  Balancer balancer(instance, options);
  for (int microstep = 0; microstep < 5; ++microstep) {
    balancer.observe(random_load(random, instance));
    const Delta delta = balancer.plan();
    expect_safe(balancer, delta, instance);
    for (const BalancerMove& move : delta.moves) EXPECT_EQ(move.kind, MoveKind::copy);
    balancer.commit(delta);
  }
}

TEST(Balancer, CommitsLayerByLayerAndRollsBack) {
  ExpertInstance instance = cluster_of(3, 8, 4, 3);
  support::Random random(7);
  Balancer balancer(instance);
  balancer.observe(random_load(random, instance));
  const Delta delta = balancer.plan();
  std::vector<int> layers;
  for (const BalancerMove& move : delta.moves) {
    if (layers.empty() || layers.back() != move.layer) layers.push_back(move.layer);
  }
  ASSERT_GE(layers.size(), 2U);
  const Matrix<int> before = balancer.slots();
  balancer.commit(delta, std::span(layers).first(1));
  for (int layer = 0; layer < 3; ++layer) {
    const auto l = static_cast<std::size_t>(layer);
    const auto expected = layer == layers[0] ? delta.plan.slots.row(l) : before.row(l);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), balancer.slots().row(l).begin()));
  }
  EXPECT_THROW(balancer.commit(delta, std::span(layers).first(1)), Error);
  EXPECT_THROW(static_cast<void>(balancer.plan()), Error);
  EXPECT_EQ(Balancer::from_state(balancer.state()).state(), balancer.state());

  Balancer whole = balancer;
  whole.commit(delta);
  EXPECT_EQ(whole.slots(), delta.plan.slots);
  EXPECT_THROW(whole.commit(delta), Error);

  balancer.rollback();
  EXPECT_THROW(balancer.commit(delta), Error);
  const Delta next = balancer.plan();
  expect_safe(balancer, next, instance);
  balancer.commit(next);
  EXPECT_EQ(balancer.slots(), next.plan.slots);
}

TEST(Balancer, ServesEveryExpertAfterADeathAndFillsADeviceThatJoins) {
  for (const Dispatch dispatch : {Dispatch::even, Dispatch::weighted}) {
    ExpertInstance instance = cluster_of(2, 8, 4, 3, dispatch);
    support::Random random(8);
    Balancer balancer(instance);
    balancer.observe(random_load(random, instance));
    balancer.device_died(1);
    EXPECT_THROW(balancer.device_died(1), Error);
    const Delta delta = balancer.plan();
    EXPECT_FALSE(delta.lost.empty());
    EXPECT_FALSE(delta.seconds_before);
    EXPECT_EQ(delta.moves.front().kind, MoveKind::load);
    expect_safe(balancer, delta, instance);
    for (int layer = 0; layer < 2; ++layer) {
      const auto row = delta.plan.slots.row(static_cast<std::size_t>(layer));
      EXPECT_TRUE(serves_all(row, 8));
      for (int slot = 3; slot < 6; ++slot) EXPECT_EQ(row[static_cast<std::size_t>(slot)], -1);
    }
    balancer.commit(delta);
    const double crowded = balancer.seconds_of(balancer.slots());
    balancer.device_joined(1);
    EXPECT_THROW(balancer.device_joined(1), Error);
    const Delta back = balancer.plan();
    expect_safe(balancer, back, instance);
    EXPECT_TRUE(back.lost.empty());
    EXPECT_LT(back.seconds_after, 0.9 * crowded);
  }
}

TEST(Balancer, SaysThatTheLivingCannotHoldEveryExpert) {
  Balancer balancer(cluster_of(1, 6, 3, 2));
  balancer.device_died(0);
  const Delta delta = balancer.plan();
  EXPECT_TRUE(delta.empty());
  EXPECT_EQ(delta.certificate.status, Status::infeasible);
  EXPECT_FALSE(delta.reason.empty());
  EXPECT_EQ(delta.lost.size(), 2U);
}

TEST(Balancer, MovesAGroupToTheNodeThatLives) {
  ExpertInstance instance = cluster_of(1, 8, 2, 5);
  instance.cluster.nodes = 2;
  instance.cluster.slots.assign(4, 4);
  instance.cluster.speed.assign(4, 1.0);
  instance.model.groups = 4;
  instance.keep_groups_on_a_node = true;
  Balancer balancer(instance);
  balancer.observe(Matrix<double>(1, 8, {9, 2, 3, 4, 5, 6, 7, 8}));
  balancer.device_died(0);
  balancer.device_died(1);
  const Delta delta = balancer.plan();
  EXPECT_EQ(delta.lost.size(), 4U);
  expect_safe(balancer, delta, instance);
  EXPECT_TRUE(serves_all(delta.plan.slots.row(0), 8));
}

TEST(Balancer, ARestoredBalancerMakesTheSamePlan) {
  support::Random random(9);
  for (int round = 0; round < 4; ++round) {
    ExpertInstance instance = cluster_of(2, 8, 4, 3, round % 2 == 0 ? Dispatch::even : Dispatch::weighted);
    instance.move_seconds = 0.1;
    instance.limits.max_moves = 7;
    BalancerOptions options;
    options.window = 3;
    options.seed = 1ULL << 63;
    Balancer balancer(instance, options);
    for (int k = 0; k < 5; ++k) balancer.observe(random_load(random, instance));
    EXPECT_EQ(balancer.observations(), 3);
    balancer.commit(balancer.plan());
    if (round >= 2) balancer.device_died(2);
    balancer.observe(random_load(random, instance));
    const Balancer restored = Balancer::from_state(balancer.state());
    EXPECT_EQ(restored.state(), balancer.state());
    EXPECT_EQ(restored.epoch(), balancer.epoch());
    EXPECT_EQ(restored.plan().moves, balancer.plan().moves);
  }
  EXPECT_THROW(Balancer::from_state("{}"), Error);
}

// What is read plans and goes on; everything else is refused by one clear line.
TEST(Balancer, DamagedStatesAreReadOrRefused) {
  support::Random random(7);
  Balancer balancer(cluster_of(2, 6, 3, 3));
  for (int k = 0; k < 3; ++k) balancer.observe(random_load(random, cluster_of(2, 6, 3, 3)));
  balancer.commit(balancer.plan());
  const std::string state = balancer.state();
  int refused = 0;
  int read = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    const std::string text = testing::Damage(seed).apply(state);
    const bool was_refused = testing::refuses([&] {
      Balancer restored = Balancer::from_state(text);
      restored.rollback();
      static_cast<void>(restored.plan());
    });
    ++(was_refused ? refused : read);
  }
  EXPECT_GT(refused, 500);
  EXPECT_GT(read, 20);
}

TEST(Balancer, RefusesWhatDoesNotFit) {
  const ExpertInstance instance = cluster_of(1, 4, 2, 2);
  const auto refused = [&](auto change) {
    BalancerOptions options;
    change(options);
    EXPECT_THROW(Balancer(instance, options), Error);
  };
  refused([](BalancerOptions& options) { options.window = 0; });
  refused([](BalancerOptions& options) { options.decay = 0; });
  refused([](BalancerOptions& options) { options.horizon_microsteps = 0; });
  refused([](BalancerOptions& options) { options.least_gain = -1; });
  Balancer balancer(instance);
  EXPECT_THROW(balancer.observe(Matrix<double>(1, 3, 1.0)), Error);
  EXPECT_THROW(balancer.observe(Matrix<double>(1, 4, -1.0)), Error);
  EXPECT_THROW(balancer.observe(Matrix<double>(1, 4, std::nan(""))), Error);
  EXPECT_EQ(balancer.observations(), 0);
  EXPECT_THROW(balancer.device_died(2), Error);
  EXPECT_THROW(balancer.device_joined(0), Error);
  EXPECT_THROW(static_cast<void>(balancer.shares_of(Matrix<int>(1, 3, 0))), Error);
  EXPECT_THROW(Balancer(cluster_of(1, 5, 2, 2)), Error);
  EXPECT_THROW(Balancer(ExpertInstance{}), Error);
}

TEST(Balancer, KeepsEveryRuleOfTheFormat) {
  int planned = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    ExpertInstance instance = testing::medium_instance(seed);
    support::Random random(seed, 3);
    std::optional<Balancer> balancer;
    try {
      balancer.emplace(instance);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::input) << error.what();
      continue;
    }
    for (int microstep = 0; microstep < 2; ++microstep) {
      balancer->observe(random_load(random, instance));
      const Delta delta = balancer->plan();
      if (!delta.certificate.objective) {
        EXPECT_TRUE(delta.empty());
        continue;
      }
      expect_safe(*balancer, delta, instance);
      balancer->commit(delta);
      ++planned;
    }
  }
  EXPECT_GT(planned, 100);
}

}  // namespace
}  // namespace plimsoll
