// Mode compatible against what the published code returned under PyTorch, recorded by tests/golden/rebalance/record.py.
#include <gtest/gtest.h>

#include <fstream>

#include "plimsoll/error.hpp"
#include "tests/golden.hpp"
#include "tests/planner/experts/rebalance/cases.hpp"

namespace plimsoll {
namespace {

RebalanceOptions compatible(int threads = 1) {
  RebalanceOptions options;
  options.mode = RebalanceMode::compatible;
  options.dispatch = Dispatch::even;
  options.threads = threads;
  return options;
}

TEST(RebalanceCompatible, GivesTheRecordedSlotsAndRanks) {
  std::ifstream file(testing::golden("rebalance/cases.txt"));
  testing::RecordedCase recorded;
  int cases = 0;
  for (; testing::read_case(file, recorded); ++cases) {
    const Rebalanced result = rebalance(recorded.request, compatible(1 + cases % 2));
    ASSERT_EQ(result.plan.slots.data(), recorded.slots) << "case " << cases;
    ASSERT_EQ(result.rank.data(), recorded.ranks) << "case " << cases;
    EXPECT_TRUE(result.certificate.verified);
    EXPECT_LE(*result.certificate.bound, *result.certificate.objective);
  }
  EXPECT_EQ(cases, 1000);
}

TEST(RebalanceCompatible, ReordersSlotsInsideADeviceOnly) {
  std::ifstream file(testing::golden("rebalance/cases.txt"));
  testing::RecordedCase recorded;
  for (int cases = 0; cases < 200 && testing::read_case(file, recorded); ++cases) {
    const Rebalanced plain = rebalance(recorded.request, compatible());
    // What stands is the same with the slots of every device turned round.
    const auto width = static_cast<std::size_t>(recorded.request.slots / recorded.request.devices);
    Matrix<int> turned = plain.plan.slots;
    for (std::size_t layer = 0; layer < turned.rows(); ++layer) {
      const auto row = turned.row(layer);
      for (std::size_t first = 0; first < row.size(); first += width) {
        std::reverse(row.begin() + static_cast<std::ptrdiff_t>(first),
                     row.begin() + static_cast<std::ptrdiff_t>(first + width));
      }
    }
    RebalanceRequest request = recorded.request;
    request.placement = turned;
    const Rebalanced kept = rebalance(request, compatible());
    ASSERT_EQ(kept.plan.slots, turned) << "case " << cases;
    EXPECT_EQ(kept.metrics.moves, 0);
    EXPECT_NEAR(*kept.certificate.objective, *plain.certificate.objective, 1e-12 * *plain.certificate.objective);
  }
}

TEST(RebalanceCompatible, FillsWhatIsLeftInAscendingOrder) {
  RebalanceRequest request;
  request.load = Matrix<double>(1, 4, {8, 6, 4, 2});
  request.slots = 4;
  request.devices = 1;
  request.placement = Matrix<int>(1, 4, {-1, 2, 2, 0});
  const Rebalanced result = rebalance(request, compatible());
  EXPECT_EQ(result.plan.slots.data(), (std::vector<int>{1, 2, 3, 0}));
}

TEST(RebalanceCompatible, RefusesWhatThePublishedCodeDoesNotKnow) {
  RebalanceRequest request;
  request.load = Matrix<double>(1, 4, 1.0);
  request.slots = 8;
  request.devices = 4;
  request.placement = Matrix<int>(1, 8, -1);
  const auto pointer_of = [](const RebalanceRequest& refused) {
    try {
      rebalance(refused, compatible());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsupported);
      return error.pointer();
    }
    return std::string("nothing was refused");
  };
  request.dead = {2};
  EXPECT_EQ(pointer_of(request), "/dead");
  request.dead = {};
  request.max_moves = 3;
  EXPECT_EQ(pointer_of(request), "/max_moves");
}

}  // namespace
}  // namespace plimsoll
