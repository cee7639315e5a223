#include "plimsoll/rebalance.hpp"

#include <limits>

#include "plimsoll/digest.hpp"
#include "tests/c/handles.hpp"

namespace plimsoll::test {
namespace {

constexpr std::size_t cells = 2 * 6;
const std::vector<double> loads = {90, 40, 40, 30, 20, 70, 60, 50};

plimsoll_rebalance_request two_layers() {
  plimsoll_rebalance_request made;
  plimsoll_rebalance_request_init(&made, sizeof made);
  made.layers = 2;
  made.experts = 4;
  made.slots = 6;
  made.devices = 2;
  made.load = loads.data();
  return made;
}

RebalanceRequest two_layers_in_cpp() {
  RebalanceRequest made;
  made.load = Matrix<double>(2, 4, loads);
  made.slots = 6;
  made.devices = 2;
  return made;
}

Plan rebalanced(const plimsoll_rebalance_request& request, const plimsoll_options* options = nullptr) {
  plimsoll_error error;
  Plan plan(plimsoll_rebalance(&request, options, &error));
  EXPECT_NE(plan, nullptr) << error.pointer << " " << error.message;
  return plan;
}

TEST(CRebalance, GivesThePlanOfTheCppCall) {
  for (const RebalanceMode mode : {RebalanceMode::best, RebalanceMode::compatible}) {
    RebalanceOptions options;
    options.mode = mode;
    const Rebalanced expected = rebalance(two_layers_in_cpp(), options);
    plimsoll_rebalance_request request = two_layers();
    request.mode = mode == RebalanceMode::best ? PLIMSOLL_REBALANCE_BEST : PLIMSOLL_REBALANCE_COMPATIBLE;
    const Plan plan = rebalanced(request);
    std::vector<int32_t> slots(cells);
    std::vector<int32_t> rank(cells);
    std::vector<double> shares(cells);
    ASSERT_EQ(plimsoll_plan_slots(plan.get(), slots.data(), cells, nullptr), PLIMSOLL_OK);
    ASSERT_EQ(plimsoll_plan_rank(plan.get(), rank.data(), cells, nullptr), PLIMSOLL_OK);
    ASSERT_EQ(plimsoll_plan_shares(plan.get(), shares.data(), cells, nullptr), PLIMSOLL_OK);
    EXPECT_EQ(slots, expected.plan.slots.data());
    EXPECT_EQ(rank, expected.rank.data());
    EXPECT_EQ(shares, expected.plan.shares.data());
    EXPECT_EQ(digest_of(plan), digest(expected.plan));
    EXPECT_EQ(certificate_of(plan).objective, expected.certificate.objective);
    double imbalance = 0;
    EXPECT_EQ(plimsoll_plan_metric(plan.get(), "imbalance", &imbalance, nullptr), PLIMSOLL_OK);
    EXPECT_EQ(imbalance, expected.metrics.imbalance);
  }
}

TEST(CRebalance, FromWhatStands) {
  const Plan first = rebalanced(two_layers());
  std::vector<int32_t> slots(cells);
  ASSERT_EQ(plimsoll_plan_slots(first.get(), slots.data(), cells, nullptr), PLIMSOLL_OK);
  plimsoll_rebalance_request request = two_layers();
  request.placement = slots.data();
  request.max_moves = 0;
  const Plan second = rebalanced(request);
  std::vector<int32_t> again(cells);
  ASSERT_EQ(plimsoll_plan_slots(second.get(), again.data(), cells, nullptr), PLIMSOLL_OK);
  EXPECT_EQ(again, slots);
}

TEST(CRebalance, DeadDevicesHoldNothing) {
  const std::vector<int32_t> dead = {1};
  plimsoll_rebalance_request request = two_layers();
  request.slots = 8;
  request.dead = dead.data();
  request.dead_count = 1;
  const Plan plan = rebalanced(request);
  std::vector<int32_t> slots(16);
  ASSERT_EQ(plimsoll_plan_slots(plan.get(), slots.data(), 16, nullptr), PLIMSOLL_OK);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    for (std::size_t slot = 4; slot < 8; ++slot) EXPECT_EQ(slots[8 * layer + slot], -1);
  }
}

TEST(CRebalance, WhatItRefuses) {
  const auto refused = [](const auto& change, const plimsoll_options* options = nullptr) {
    plimsoll_rebalance_request request = two_layers();
    change(request);
    plimsoll_error error;
    EXPECT_EQ(plimsoll_rebalance(&request, options, &error), nullptr);
    EXPECT_STRNE(error.message, "");
    return error.code;
  };
  std::vector<double> broken = loads;
  broken[5] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refused([&](auto& request) { request.load = broken.data(); }), PLIMSOLL_INPUT);
  EXPECT_EQ(refused([](auto& request) { request.load = nullptr; }), PLIMSOLL_USAGE);
  EXPECT_EQ(refused([](auto& request) { request.slots = 5; }), PLIMSOLL_INPUT);
  EXPECT_EQ(refused([](auto& request) { request.layers = 0; }), PLIMSOLL_INPUT);
  EXPECT_EQ(refused([](auto& request) { request.devices = 0; }), PLIMSOLL_INPUT);
  EXPECT_EQ(refused([](auto& request) { request.nodes = 0; }), PLIMSOLL_INPUT);
  EXPECT_EQ(refused([](auto& request) { request.groups = -3; }), PLIMSOLL_INPUT);
  EXPECT_EQ(refused([](auto& request) { request.max_moves = 3; }), PLIMSOLL_INPUT);
  EXPECT_EQ(refused([](auto& request) { request.mode = 9; }), PLIMSOLL_USAGE);
  plimsoll_options given = options();
  given.method = "local";
  EXPECT_EQ(refused([](auto&) {}, &given), PLIMSOLL_USAGE);
  given = options();
  given.gap = 0.1;
  EXPECT_EQ(refused([](auto&) {}, &given), PLIMSOLL_USAGE);
}

TEST(CRebalance, HasNoFileAndNoInstance) {
  const Plan plan = rebalanced(two_layers());
  std::uint64_t bytes = 0;
  plimsoll_error error;
  EXPECT_EQ(plimsoll_plan_json(plan.get(), nullptr, 0, &bytes, &error), PLIMSOLL_UNSUPPORTED);
  const plimsoll_experts experts = eight_experts();
  const Instance instance(plimsoll_instance_from_experts(&experts, nullptr));
  std::int64_t violations = 0;
  EXPECT_EQ(plimsoll_check(instance.get(), plan.get(), &violations, nullptr, 0, &error), PLIMSOLL_UNSUPPORTED);
}

}  // namespace
}  // namespace plimsoll::test
