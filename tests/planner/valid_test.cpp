// A caller's own structs are judged by the rules of the files before anything is done with them.
#include <gtest/gtest.h>

#include <limits>

#include "plimsoll/error.hpp"
#include "plimsoll/solve.hpp"

namespace plimsoll {
namespace {

ExpertInstance eight_experts() {
  ExpertInstance instance;
  instance.model.experts = 8;
  instance.cluster.devices_per_node = 8;
  instance.cluster.slots.assign(8, 2);
  instance.cluster.speed.assign(8, 1.0);
  instance.load = Matrix<double>(1, 8, {600, 560, 120, 120, 20, 10, 10, 10});
  return instance;
}

template <class Instance>
std::string refused_at(const Instance& instance) {
  try {
    static_cast<void>(solve(instance));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input) << error.what();
    return error.pointer();
  }
  return "accepted";
}

TEST(Valid, ExpertsAsTheyAre) { EXPECT_EQ(solve(eight_experts()).certificate.status, Status::optimal); }

TEST(Valid, ExpertsThatDoNotFitTogether) {
  ExpertInstance few_loads = eight_experts();
  few_loads.load = Matrix<double>(1, 7, 1.0);
  EXPECT_EQ(refused_at(few_loads), "/load");
  ExpertInstance no_load = eight_experts();
  no_load.load = {};
  EXPECT_EQ(refused_at(no_load).substr(0, 5), "/load");
  ExpertInstance not_a_number = eight_experts();
  not_a_number.load.at(0, 3) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refused_at(not_a_number), "/load/0/3");
  ExpertInstance endless = eight_experts();
  endless.cost.token_seconds = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refused_at(endless), "");
  ExpertInstance no_groups = eight_experts();
  no_groups.model.groups = 0;
  EXPECT_EQ(refused_at(no_groups), "/model/groups");
  ExpertInstance odd_groups = eight_experts();
  odd_groups.model.groups = 3;
  EXPECT_EQ(refused_at(odd_groups), "/model/groups");
  ExpertInstance dead = eight_experts();
  dead.cluster.dead = {8};
  EXPECT_EQ(refused_at(dead), "/cluster/dead/0");
  ExpertInstance slots = eight_experts();
  slots.cluster.slots = {2, 2, 1};
  EXPECT_EQ(refused_at(slots).substr(0, 14), "/cluster/slots");
  ExpertInstance placement = eight_experts();
  placement.placement = Matrix<int>(1, 16, 8);
  EXPECT_EQ(refused_at(placement), "/placement/0/0");
}

TEST(Valid, AssignmentsThatDoNotFitTogether) {
  AssignmentInstance instance;
  instance.bins = 2;
  instance.items = 3;
  instance.cost = Matrix<double>(2, 3, 1.0);
  instance.size = Matrix<double>(2, 2, 1.0);
  instance.capacity = {5, 5};
  EXPECT_EQ(refused_at(instance).substr(0, 5), "/size");
  instance.size = Matrix<double>(2, 3, 1.0);
  instance.pinned = {{3, 0}};
  EXPECT_EQ(refused_at(instance).substr(0, 7), "/pinned");
  instance.pinned = {};
  EXPECT_EQ(refused_at(instance), "accepted");
}

TEST(Valid, StepsThatDoNotFitTogether) {
  StepInstance step;
  step.experts = eight_experts();
  step.load = {step.experts.load, Matrix<double>(1, 8, 1.0)};
  EXPECT_EQ(refused_at(step), "accepted");
  step.load.back() = Matrix<double>(1, 7, 1.0);
  EXPECT_EQ(refused_at(step).substr(0, 11), "/microsteps");
}

}  // namespace
}  // namespace plimsoll
