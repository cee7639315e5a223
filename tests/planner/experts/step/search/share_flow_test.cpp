// The flow that is kept up to date against LEMON's from scratch.
#include "planner/experts/step/search/share_flow.hpp"

#include <gtest/gtest.h>

#include "solvers/flow/max_flow.hpp"
#include "support/random.hpp"

namespace plimsoll::experts::step {
namespace {

TEST(ShareFlow, EqualsAFlowFromScratchWhileReplicasComeAndCapacitiesGrow) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    support::Random random(seed, 5);
    const int experts = 1 + static_cast<int>(random.below(8));
    const int devices = 1 + static_cast<int>(random.below(6));
    std::vector<std::int64_t> demand;
    for (int e = 0; e < experts; ++e) demand.push_back(static_cast<std::int64_t>(random.below(50)));
    std::vector<std::int64_t> capacity(static_cast<std::size_t>(devices), 0);
    std::vector<std::vector<char>> held(static_cast<std::size_t>(experts),
                                        std::vector<char>(static_cast<std::size_t>(devices), 0));
    ShareFlow flow(experts, devices);
    flow.clear(demand);
    std::int64_t wanted = 0;
    for (const std::int64_t units : demand) wanted += units;
    for (int round = 0; round < 25; ++round) {
      const std::size_t e = random.below(static_cast<std::size_t>(experts));
      const std::size_t d = random.below(static_cast<std::size_t>(devices));
      if (random.below(2) == 0) {
        capacity[d] += static_cast<std::int64_t>(random.below(30));
        flow.set_capacity(static_cast<int>(d), capacity[d]);
      } else if (!held[e][d]) {
        held[e][d] = 1;
        flow.add(static_cast<int>(e), static_cast<int>(d));
      }
      std::vector<solvers::flow::Arc> arcs;
      for (int k = 0; k < experts; ++k) arcs.push_back({0, 1 + k, demand[static_cast<std::size_t>(k)]});
      for (int k = 0; k < devices; ++k) {
        arcs.push_back({1 + experts + k, 1 + experts + devices, capacity[static_cast<std::size_t>(k)]});
      }
      for (int r = 0; r < flow.replicas(); ++r) {
        arcs.push_back({1 + flow.expert(r), 1 + experts + flow.device(r), 1'000'000});
      }
      const auto scratch = solvers::flow::max_flow(2 + experts + devices, arcs, 0, 1 + experts + devices);
      ASSERT_EQ(flow.saturate(), wanted - scratch.value) << "seed " << seed << ", round " << round;
      // What is served adds up, and nobody serves more than it may.
      std::vector<std::int64_t> by_device(static_cast<std::size_t>(devices), 0);
      for (int r = 0; r < flow.replicas(); ++r) {
        ASSERT_GE(flow.served(r), 0);
        by_device[static_cast<std::size_t>(flow.device(r))] += flow.served(r);
      }
      for (int k = 0; k < devices; ++k) {
        ASSERT_EQ(flow.room(k), capacity[static_cast<std::size_t>(k)] - by_device[static_cast<std::size_t>(k)]);
        ASSERT_GE(flow.room(k), 0);
      }
      // The cut: devices that are reached are full, and so are those that hold a reached expert.
      for (int r = 0; r < flow.replicas(); ++r) {
        if (flow.reached(flow.expert(r))) {
          ASSERT_TRUE(flow.reached_device(flow.device(r)));
          ASSERT_EQ(flow.room(flow.device(r)), 0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace plimsoll::experts::step
