#include "solvers/flow/max_flow.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "support/random.hpp"

namespace plimsoll::solvers::flow {
namespace {

// Flow conservation, capacities, and a cut of the same value: together they prove the maximum.
void expect_optimal(int nodes, const std::vector<Arc>& arcs, int source, int sink, const MaxFlow& result) {
  ASSERT_EQ(result.flow.size(), arcs.size());
  ASSERT_EQ(result.source_side.size(), static_cast<std::size_t>(nodes));
  std::vector<std::int64_t> excess(static_cast<std::size_t>(nodes), 0);
  std::int64_t cut = 0;
  for (std::size_t k = 0; k < arcs.size(); ++k) {
    EXPECT_GE(result.flow[k], 0);
    EXPECT_LE(result.flow[k], arcs[k].capacity);
    excess[static_cast<std::size_t>(arcs[k].from)] -= result.flow[k];
    excess[static_cast<std::size_t>(arcs[k].to)] += result.flow[k];
    const bool leaves = result.source_side[static_cast<std::size_t>(arcs[k].from)] != 0;
    const bool arrives = result.source_side[static_cast<std::size_t>(arcs[k].to)] == 0;
    if (leaves && arrives) cut += arcs[k].capacity;
  }
  for (int node = 0; node < nodes; ++node) {
    if (node == source || node == sink) continue;
    EXPECT_EQ(excess[static_cast<std::size_t>(node)], 0) << "node " << node;
  }
  EXPECT_EQ(excess[static_cast<std::size_t>(sink)], result.value);
  EXPECT_NE(result.source_side[static_cast<std::size_t>(source)], 0);
  EXPECT_EQ(result.source_side[static_cast<std::size_t>(sink)], 0);
  EXPECT_EQ(cut, result.value);
}

TEST(MaxFlow, OfASmallNetwork) {
  const std::vector<Arc> arcs = {{0, 1, 3}, {0, 2, 2}, {1, 2, 5}, {1, 3, 2}, {2, 3, 3}};
  const MaxFlow result = max_flow(4, arcs, 0, 3);
  EXPECT_EQ(result.value, 5);
  expect_optimal(4, arcs, 0, 3, result);
}

TEST(MaxFlow, IsZeroWithoutAPath) {
  const std::vector<Arc> arcs = {{0, 1, 7}, {2, 3, 7}};
  const MaxFlow result = max_flow(4, arcs, 0, 3);
  EXPECT_EQ(result.value, 0);
  expect_optimal(4, arcs, 0, 3, result);
}

TEST(MaxFlow, WithoutArcs) {
  const MaxFlow result = max_flow(2, {}, 0, 1);
  EXPECT_EQ(result.value, 0);
  EXPECT_TRUE(result.flow.empty());
}

TEST(MaxFlow, KeepsLargeCapacitiesExact) {
  const std::int64_t large = (std::int64_t{1} << 61) - 1;
  const std::vector<Arc> arcs = {{0, 1, large}, {1, 2, large - 1}};
  EXPECT_EQ(max_flow(3, arcs, 0, 2).value, large - 1);
}

TEST(MaxFlow, OfRandomNetworksIsProvenByItsCut) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    support::Random random(seed);
    const int nodes = 2 + static_cast<int>(random.below(10));
    std::vector<Arc> arcs;
    for (std::size_t k = random.below(30); k > 0; --k) {
      const int from = static_cast<int>(random.below(static_cast<std::size_t>(nodes)));
      const int to = static_cast<int>(random.below(static_cast<std::size_t>(nodes)));
      if (from != to) arcs.push_back({from, to, static_cast<std::int64_t>(random.below(20))});
    }
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_optimal(nodes, arcs, 0, nodes - 1, max_flow(nodes, arcs, 0, nodes - 1));
  }
}

TEST(MaxFlow, RefusesWhatIsNoNetwork) {
  EXPECT_THROW(max_flow(2, {{0, 2, 1}}, 0, 1), std::invalid_argument);
  EXPECT_THROW(max_flow(2, {{-1, 1, 1}}, 0, 1), std::invalid_argument);
  EXPECT_THROW(max_flow(2, {{0, 1, -1}}, 0, 1), std::invalid_argument);
  EXPECT_THROW(max_flow(2, {}, 0, 2), std::invalid_argument);
}

}  // namespace
}  // namespace plimsoll::solvers::flow
