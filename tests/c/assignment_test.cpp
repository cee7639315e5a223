#include "plimsoll/assignment.hpp"

#include <limits>

#include "tests/c/handles.hpp"

namespace plimsoll::test {
namespace {

// Three items, two bins.
const std::vector<double> cost = {1, 2, 3, 3, 2, 1};
const std::vector<double> size = {1, 1, 1, 1, 1, 1};
const std::vector<double> capacity = {2, 2};

plimsoll_assignment three_items() {
  plimsoll_assignment made;
  plimsoll_assignment_init(&made, sizeof made);
  made.bins = 2;
  made.items = 3;
  made.cost = cost.data();
  made.size = size.data();
  made.capacity = capacity.data();
  return made;
}

std::vector<int32_t> bins_of(const plimsoll_assignment& given, double objective) {
  plimsoll_error error;
  const Instance instance(plimsoll_instance_from_assignment(&given, &error));
  EXPECT_NE(instance, nullptr) << error.message;
  const Plan plan(plimsoll_solve(instance.get(), nullptr, &error));
  EXPECT_NE(plan, nullptr) << error.message;
  EXPECT_EQ(certificate_of(plan).status, PLIMSOLL_STATUS_OPTIMAL);
  EXPECT_NEAR(certificate_of(plan).objective, objective, 1e-9);
  std::vector<int32_t> bin_of(3, -1);
  EXPECT_EQ(plimsoll_plan_bin_of(plan.get(), bin_of.data(), bin_of.size(), &error), PLIMSOLL_OK) << error.message;
  std::int64_t violations = -1;
  EXPECT_EQ(plimsoll_check(instance.get(), plan.get(), &violations, nullptr, 0, &error), PLIMSOLL_OK) << error.message;
  EXPECT_EQ(violations, 0);
  return bin_of;
}

TEST(CAssignment, LeastCost) {
  const std::vector<int32_t> bin_of = bins_of(three_items(), 4);
  EXPECT_EQ(bin_of[0], 0);
  EXPECT_EQ(bin_of[2], 1);
}

TEST(CAssignment, WhatIsForbiddenAndPinned) {
  const std::vector<int32_t> forbidden = {0, 0};
  const std::vector<int32_t> pinned = {1, 0};
  plimsoll_assignment given = three_items();
  given.forbidden = forbidden.data();
  given.forbidden_count = 1;
  given.pinned = pinned.data();
  given.pinned_count = 1;
  EXPECT_EQ(bins_of(given, 6), (std::vector<int32_t>{1, 0, 1}));
}

TEST(CAssignment, ChangesArePricedAndLimited) {
  const std::vector<int32_t> current = {1, 1, 0};
  plimsoll_assignment given = three_items();
  given.current = current.data();
  given.change_price = 0.25;
  EXPECT_EQ(bins_of(given, 4.5), (std::vector<int32_t>{0, 1, 1}));
  given.max_changes = 0;
  EXPECT_EQ(bins_of(given, 8), current);
}

TEST(CAssignment, Makespan) {
  const std::vector<double> speed = {1, 2};
  plimsoll_assignment given = three_items();
  given.objective = PLIMSOLL_OBJECTIVE_MAKESPAN;
  given.cost = nullptr;
  given.capacity = nullptr;
  given.speed = speed.data();
  bins_of(given, 1);
}

TEST(CAssignment, ErrorsHaveTheirPlace) {
  const auto refused = [](const auto& change, int32_t code) {
    plimsoll_assignment given = three_items();
    change(given);
    plimsoll_error error;
    EXPECT_EQ(plimsoll_instance_from_assignment(&given, &error), nullptr);
    EXPECT_EQ(error.code, code) << error.message;
    return std::string(error.pointer);
  };
  std::vector<double> broken = cost;
  broken[4] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refused([&](auto& given) { given.cost = broken.data(); }, PLIMSOLL_INPUT), "/cost/1/1");
  EXPECT_EQ(refused([](auto& given) { given.cost = nullptr; }, PLIMSOLL_USAGE), "/cost");
  EXPECT_EQ(refused([](auto& given) { given.bins = 0; }, PLIMSOLL_INPUT), "/bins");
  EXPECT_EQ(refused([](auto& given) { given.objective = 5; }, PLIMSOLL_USAGE), "");
  EXPECT_EQ(refused([](auto& given) { given.objective = PLIMSOLL_OBJECTIVE_MAKESPAN; }, PLIMSOLL_INPUT), "/cost");
  EXPECT_EQ(refused([](auto& given) { given.pinned_count = -1; }, PLIMSOLL_USAGE), "/pinned");
  EXPECT_EQ(refused([](auto& given) { given.change_price = 1; }, PLIMSOLL_INPUT), "/change_price");
  const std::vector<int32_t> pinned = {0, 2};
  const auto pin = [&](auto& given) {
    given.pinned = pinned.data();
    given.pinned_count = 1;
  };
  EXPECT_EQ(refused(pin, PLIMSOLL_INPUT), "/pinned/0/1");
}

}  // namespace
}  // namespace plimsoll::test
