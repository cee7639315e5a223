// Mode best: plans that hold, bounds that are bounds, and what stands respected.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>

#include "planner/experts/rebalance/request.hpp"
#include "plimsoll/error.hpp"
#include "plimsoll/solve.hpp"
#include "support/random.hpp"
#include "tests/planner/experts/brute_force.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll {
namespace {

RebalanceOptions with(Dispatch dispatch, int threads = 1) {
  RebalanceOptions options;
  options.dispatch = dispatch;
  options.threads = threads;
  options.work_limit = 300'000;
  return options;
}

RebalanceRequest random_request(support::Random& random, std::size_t layers, std::size_t experts) {
  RebalanceRequest request;
  request.load = Matrix<double>(layers, experts);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    for (double& tokens : request.load.row(layer)) {
      tokens = random.below(6) == 0 ? 0.0 : static_cast<double>(random.below(1000)) * random.uniform();
    }
  }
  return request;
}

// Every expert somewhere, ranks from 0 without holes, the certificate consistent and found again by the check.
void expect_holds(const RebalanceRequest& request, const RebalanceOptions& options, const Rebalanced& result) {
  ASSERT_TRUE(result.certificate.objective) << result.certificate.reason;
  EXPECT_TRUE(result.certificate.verified);
  EXPECT_LE(*result.certificate.bound, *result.certificate.objective);
  const ExpertInstance instance = experts::instance_of(request, options.dispatch);
  EXPECT_EQ(check(instance, result.plan, &result.certificate), std::vector<std::string>{});
  for (std::size_t layer = 0; layer < request.load.rows(); ++layer) {
    std::vector<std::vector<int>> ranks(request.load.columns());
    for (std::size_t slot = 0; slot < static_cast<std::size_t>(request.slots); ++slot) {
      const int expert = result.plan.slots.at(layer, slot);
      if (expert < 0) {
        EXPECT_EQ(result.rank.at(layer, slot), -1);
        continue;
      }
      ranks[static_cast<std::size_t>(expert)].push_back(result.rank.at(layer, slot));
    }
    for (std::vector<int>& each : ranks) {
      std::sort(each.begin(), each.end());
      for (std::size_t k = 0; k < each.size(); ++k) EXPECT_EQ(each[k], static_cast<int>(k));
    }
  }
}

TEST(RebalanceBest, AgreesWithBruteForce) {
  support::Random random(7);
  for (int turn = 0; turn < 60; ++turn) {
    RebalanceRequest request = random_request(random, 1, 2 + random.below(3));
    const bool grouped = turn % 3 == 0 && request.load.columns() % 2 == 0;
    request.devices = grouped ? 4 : 2 + static_cast<int>(random.below(2));
    request.nodes = request.groups = grouped ? 2 : 1;
    request.slots = request.devices * (grouped ? 1 + static_cast<int>(random.below(2)) : 2);
    if (static_cast<std::size_t>(request.slots) < request.load.columns()) continue;
    SCOPED_TRACE(turn);
    const auto optimum = testing::BruteForce(experts::instance_of(request, Dispatch::even)).run();
    ASSERT_TRUE(optimum.objective);
    const Rebalanced result = rebalance(request, with(Dispatch::even));
    expect_holds(request, with(Dispatch::even), result);
    EXPECT_LE(*result.certificate.bound, *optimum.objective * (1 + 1e-9));
    EXPECT_GE(*result.certificate.objective, *optimum.objective * (1 - 1e-9));
    EXPECT_LE(*result.certificate.objective, *optimum.objective * 1.02 + 1e-9);
  }
}

TEST(RebalanceBest, HoldsOnRandomShapes) {
  support::Random random(11);
  for (int turn = 0; turn < 40; ++turn) {
    RebalanceRequest request = random_request(random, 1 + random.below(4), 8 * (1 + random.below(6)));
    request.nodes = 1 + static_cast<int>(random.below(3));
    request.devices = request.nodes * (1 + static_cast<int>(random.below(4)));
    request.groups = std::vector{1, 2, 4, 8}[random.below(4)];
    const int least = (static_cast<int>(request.load.columns()) + request.devices - 1) / request.devices;
    request.slots = request.devices * (least + static_cast<int>(random.below(3)));
    const RebalanceOptions options = with(turn % 2 == 0 ? Dispatch::even : Dispatch::weighted);
    SCOPED_TRACE(turn);
    const Rebalanced first = rebalance(request, options);
    expect_holds(request, options, first);
    // The same again, with the loads changed a little, from what stands.
    request.placement = first.plan.slots;
    for (std::size_t layer = 0; layer < request.load.rows(); ++layer) {
      for (double& tokens : request.load.row(layer)) tokens *= 0.8 + 0.4 * random.uniform();
    }
    expect_holds(request, options, rebalance(request, options));
    request.max_moves = static_cast<std::int64_t>(random.below(5));
    const Rebalanced limited = rebalance(request, options);
    expect_holds(request, options, limited);
    EXPECT_LE(limited.metrics.moves, *request.max_moves);
  }
}

TEST(RebalanceBest, SameBytesForAnyNumberOfThreads) {
  for (const char* name : {"deepseek-v3-288-32-even", "gpt-oss-120b-128-32-even", "twelve-experts-groups-weighted"}) {
    const ExpertInstance instance = testing::shipped(name);
    RebalanceRequest request;
    request.load = instance.load;
    request.devices = instance.cluster.devices();
    request.slots = instance.cluster.slots.front() * request.devices;
    request.groups = request.nodes = instance.keep_groups_on_a_node ? instance.cluster.nodes : 1;
    const Rebalanced one = rebalance(request, with(instance.dispatch));
    for (const int threads : {2, 4}) {
      const Rebalanced other = rebalance(request, with(instance.dispatch, threads));
      EXPECT_EQ(one.plan, other.plan);
      EXPECT_EQ(one.rank, other.rank);
      EXPECT_EQ(one.certificate.bound, other.certificate.bound);
      EXPECT_EQ(one.certificate.work, other.certificate.work);
    }
  }
}

RebalanceRequest shipped_request(const std::string& name) {
  const ExpertInstance instance = testing::shipped(name);
  RebalanceRequest request;
  request.load = instance.load;
  request.devices = instance.cluster.devices();
  request.slots = instance.cluster.slots.front() * request.devices;
  return request;
}

TEST(RebalanceBest, ClosesTheGapOfALargeModel) {
  const Rebalanced result = rebalance(shipped_request("deepseek-v3-288-32-even"), RebalanceOptions{});
  EXPECT_LE(*result.certificate.gap, 0.003);
}

TEST(RebalanceBest, KeepsWhatIsGoodEnough) {
  RebalanceRequest request = shipped_request("deepseek-v3-288-32-even");
  const RebalanceOptions options;
  const Rebalanced first = rebalance(request, options);
  request.placement = first.plan.slots;
  const Rebalanced again = rebalance(request, options);
  EXPECT_EQ(again.plan.slots, first.plan.slots);
  EXPECT_EQ(again.metrics.moves, 0);
  // Devices in another order and slots turned round: nothing needs to move, and everything stays on its slot.
  Matrix<int> turned = first.plan.slots;
  for (std::size_t layer = 0; layer < turned.rows(); ++layer) {
    std::reverse(turned.row(layer).begin(), turned.row(layer).end());
  }
  request.placement = turned;
  const Rebalanced renamed = rebalance(request, options);
  EXPECT_EQ(renamed.plan.slots, turned);
}

TEST(RebalanceBest, MovesLittleAfterASmallChange) {
  RebalanceRequest request = shipped_request("qwen3-235b-144-16-even");
  const RebalanceOptions options;
  request.placement = rebalance(request, options).plan.slots;
  // One expert of each layer grows by a tenth of the layer's tokens on a device.
  support::Random random(3);
  for (std::size_t layer = 0; layer < request.load.rows(); ++layer) {
    const auto load = request.load.row(layer);
    double sum = 0;
    for (const double tokens : load) sum += tokens;
    load[random.below(load.size())] += 0.1 * sum / request.devices;
  }
  const Rebalanced followed = rebalance(request, options);
  EXPECT_LE(*followed.certificate.gap, 0.003);
  EXPECT_LT(followed.metrics.moves, static_cast<std::int64_t>(request.load.rows()) * request.slots / 5);
  // An expert that stays on a device stays on its slot.
  const int width = request.slots / request.devices;
  for (std::size_t layer = 0; layer < request.load.rows(); ++layer) {
    for (int slot = 0; slot < request.slots; ++slot) {
      const int stood = request.placement->at(layer, static_cast<std::size_t>(slot));
      if (followed.plan.slots.at(layer, static_cast<std::size_t>(slot)) == stood) continue;
      const auto row = followed.plan.slots.row(layer);
      const auto first = row.begin() + slot / width * width;
      const auto before = request.placement->row(layer).begin() + slot / width * width;
      EXPECT_LE(std::count(first, first + width, stood), std::count(before, before + width, stood) - 1);
    }
  }
}

TEST(RebalanceBest, LeavesDeadDevicesEmpty) {
  for (const Dispatch dispatch : {Dispatch::even, Dispatch::weighted}) {
    RebalanceRequest request = shipped_request("deepseek-v3-288-32-even");
    const Rebalanced whole = rebalance(request, with(dispatch));
    request.dead = {3, 17};
    expect_holds(request, with(dispatch), rebalance(request, with(dispatch)));
    request.placement = whole.plan.slots;
    const Rebalanced mended = rebalance(request, with(dispatch));
    expect_holds(request, with(dispatch), mended);
    const auto width = static_cast<std::size_t>(request.slots / request.devices);
    for (const int device : request.dead) {
      for (std::size_t slot = 0; slot < width; ++slot) {
        EXPECT_EQ(mended.plan.slots.at(5, static_cast<std::size_t>(device) * width + slot), -1);
      }
    }
    // A node that lost a device keeps its groups where they fit.
    request.placement.reset();
    request.groups = 8;
    request.nodes = 4;
    request.slots = 32 * 10;
    expect_holds(request, with(dispatch), rebalance(request, with(dispatch)));
  }
}

TEST(RebalanceBest, AnswersWhateverTheLimit) {
  RebalanceRequest request = shipped_request("gpt-oss-120b-128-32-even");
  RebalanceOptions options = with(Dispatch::even);
  options.work_limit = 0;
  expect_holds(request, options, rebalance(request, options));
  const std::atomic<bool> stop{true};
  options.stop = &stop;
  options.work_limit.reset();
  const Rebalanced stopped = rebalance(request, options);
  expect_holds(request, options, stopped);
  EXPECT_EQ(stopped.certificate.stopped_by, StoppedBy::interrupt);
}

struct Refused {
  const char* pointer;
  std::function<void(RebalanceRequest&)> change;
};

TEST(RebalanceErrors, PointToWhatIsWrong) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Refused> table = {
      {"/load", [](RebalanceRequest& r) { r.load = {}; }},
      {"/load/1/3", [](RebalanceRequest& r) { r.load.at(1, 3) = -1; }},
      {"/load/0/2", [](RebalanceRequest& r) { r.load.at(0, 2) = std::numeric_limits<double>::quiet_NaN(); }},
      {"/load/0/2", [&](RebalanceRequest& r) { r.load.at(0, 2) = infinity; }},
      {"/slots", [](RebalanceRequest& r) { r.slots = 0; }},
      {"/slots", [](RebalanceRequest& r) { r.slots = 9; }},
      {"/slots", [](RebalanceRequest& r) { r.slots = 4; }},
      {"/groups", [](RebalanceRequest& r) { r.groups = 0; }},
      {"/groups", [](RebalanceRequest& r) { r.groups = 6; }},
      {"/nodes", [](RebalanceRequest& r) { r.nodes = 3; }},
      {"/devices", [](RebalanceRequest& r) { r.devices = -4; }},
      {"/placement", [](RebalanceRequest& r) { r.placement = Matrix<int>(2, 4, 0); }},
      {"/placement/1/5",
       [](RebalanceRequest& r) {
         r.placement = Matrix<int>(2, 12, 0);
         r.placement->at(1, 5) = 8;
       }},
      {"/max_moves", [](RebalanceRequest& r) { r.max_moves = 3; }},
      {"/max_moves",
       [](RebalanceRequest& r) {
         r.placement = Matrix<int>(2, 12, 0);
         r.max_moves = 3;  // seven experts stand nowhere
       }},
      {"/dead/0", [](RebalanceRequest& r) { r.dead = {4}; }},
      {"/dead/1",
       [](RebalanceRequest& r) {
         r.dead = {2, 2};
       }},
      {"/dead",
       [](RebalanceRequest& r) {
         r.dead = {1, 2};
       }},
  };
  for (std::size_t k = 0; k < table.size(); ++k) {
    SCOPED_TRACE(std::to_string(k) + " " + table[k].pointer);
    RebalanceRequest request;
    request.load = Matrix<double>(2, 8, 1.0);
    request.slots = 12;
    request.devices = 4;
    request.nodes = 2;
    request.groups = 2;
    rebalance(request, with(Dispatch::even));
    table[k].change(request);
    try {
      rebalance(request, with(Dispatch::even));
      ADD_FAILURE() << "nothing was refused";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::input) << error.what();
      EXPECT_EQ(error.pointer(), table[k].pointer) << error.what();
    }
  }
}

TEST(RebalanceBest, IsNeverWorseThanThePublishedBalancer) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    support::Random random(seed);
    RebalanceRequest request;
    request.load = Matrix<double>(2, 32);
    for (std::size_t layer = 0; layer < 2; ++layer) {
      // A heavy tail: some experts get most of the tokens.
      for (double& tokens : request.load.row(layer)) tokens = 1000 / std::pow(1 - random.uniform(), 1 / 1.2);
    }
    request.slots = 48;
    request.devices = 8;
    request.nodes = seed % 3 == 0 ? 1 : 2;
    request.groups = seed % 2 == 0 ? 4 : 1;
    RebalanceOptions compatible;
    compatible.mode = RebalanceMode::compatible;
    const Rebalanced published = rebalance(request, compatible);
    const Rebalanced best = rebalance(request);
    // Times are summed in another order.
    EXPECT_LE(*best.certificate.objective, *published.certificate.objective * (1 + 1e-12)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace plimsoll
