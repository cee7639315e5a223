#include "plimsoll/experts.hpp"

#include <cmath>
#include <limits>

#include "plimsoll/documents.hpp"
#include "plimsoll/solve.hpp"
#include "tests/c/handles.hpp"

namespace plimsoll::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::string refused(const plimsoll_experts& experts, int32_t code) {
  plimsoll_error error;
  const Instance instance(plimsoll_instance_from_experts(&experts, &error));
  EXPECT_EQ(instance, nullptr);
  EXPECT_EQ(error.code, code) << error.message;
  EXPECT_STRNE(error.message, "");
  return error.pointer;
}

TEST(CExperts, MeansWhatTheFileMeans) {
  const plimsoll_experts given = eight_experts();
  const Instance made(plimsoll_instance_from_experts(&given, nullptr));
  const Instance read = from_source("experts/eight-experts-even.json");
  const Plan from_array(plimsoll_solve(made.get(), nullptr, nullptr));
  const Plan from_file(plimsoll_solve(read.get(), nullptr, nullptr));
  EXPECT_EQ(digest_of(from_array), digest_of(from_file));
  EXPECT_EQ(certificate_of(from_array).objective, certificate_of(from_file).objective);
  EXPECT_EQ(certificate_of(from_array).work, certificate_of(from_file).work);
}

TEST(CExperts, GivesThePlanOfTheCppCall) {
  const ExpertInstance instance = read_experts(in_instances("experts/eight-experts-even.json"));
  const ExpertSolution solution = solve(instance);
  const Instance read = from_source("experts/eight-experts-even.json");
  const Plan plan(plimsoll_solve(read.get(), nullptr, nullptr));
  std::vector<int32_t> slots(16);
  std::vector<double> shares(16);
  ASSERT_EQ(plimsoll_plan_slots(plan.get(), slots.data(), 16, nullptr), PLIMSOLL_OK);
  ASSERT_EQ(plimsoll_plan_shares(plan.get(), shares.data(), 16, nullptr), PLIMSOLL_OK);
  EXPECT_EQ(slots, solution.plan.slots.data());
  EXPECT_EQ(shares, solution.plan.shares.data());
  double imbalance = 0;
  EXPECT_EQ(plimsoll_plan_metric(plan.get(), "imbalance", &imbalance, nullptr), PLIMSOLL_OK);
  EXPECT_EQ(imbalance, solution.metrics.imbalance);
  plimsoll_error error;
  EXPECT_EQ(plimsoll_plan_metric(plan.get(), "makespan", &imbalance, &error), PLIMSOLL_UNSUPPORTED);
  EXPECT_NE(std::string(error.message).find("worst_imbalance"), std::string::npos) << error.message;
}

TEST(CExperts, TheArraysMayGoAfterwards) {
  auto load = std::make_unique<std::vector<double>>(eight_loads);
  const plimsoll_experts given = eight_experts(*load);
  const Instance made(plimsoll_instance_from_experts(&given, nullptr));
  load.reset();
  const Plan plan(plimsoll_solve(made.get(), nullptr, nullptr));
  EXPECT_NEAR(certificate_of(plan).objective, 590.0 / 3, 1e-9);
}

TEST(CExperts, EveryFieldReachesTheInstance) {
  plimsoll_experts given = eight_experts();
  const std::vector<double> speed = {1, 2, 1, 1, 1, 1, 1, 1};
  const std::vector<int32_t> slots = {2, 2, 2, 2, 2, 2, 2, 1};
  const std::vector<int32_t> dead = {3};
  std::vector<int32_t> placement(15, -1);
  placement[0] = 5;
  given.groups = 4;
  given.nodes = 2;
  given.devices_per_node = 4;
  given.slots = 0;
  given.slots_of_device = slots.data();
  given.speed = speed.data();
  given.dead = dead.data();
  given.dead_count = 1;
  given.placement = placement.data();
  given.max_moves = 100;
  given.max_moves_per_device = 50;
  given.move_seconds = 0.5;
  given.token_seconds = 2;
  given.replica_seconds = 3;
  given.other_seconds = 4;
  given.tile_tokens = 10;
  given.expert_bytes = 7;
  given.memory_bytes = 1000;
  given.dispatch = PLIMSOLL_DISPATCH_WEIGHTED;
  given.flags =
      PLIMSOLL_EXPERTS_NO_DUPLICATES | PLIMSOLL_EXPERTS_MAY_LEAVE_SLOTS_EMPTY | PLIMSOLL_EXPERTS_KEEP_GROUPS_ON_A_NODE;
  given.name = "all of it";
  plimsoll_error error;
  const Instance made(plimsoll_instance_from_experts(&given, &error));
  ASSERT_NE(made, nullptr) << error.pointer << error.message;
  std::string text(10000, ' ');
  std::uint64_t bytes = 0;
  ASSERT_EQ(plimsoll_instance_json(made.get(), text.data(), text.size(), &bytes, nullptr), PLIMSOLL_OK);
  text.resize(bytes - 1);
  const ExpertInstance instance = parse_experts(text);
  EXPECT_EQ(instance.name, "all of it");
  EXPECT_EQ(instance.model.groups, 4);
  EXPECT_EQ(instance.model.expert_bytes, 7);
  EXPECT_EQ(instance.cluster.nodes, 2);
  EXPECT_EQ(instance.cluster.slots, slots);
  EXPECT_EQ(instance.cluster.speed, speed);
  EXPECT_EQ(instance.cluster.dead, dead);
  EXPECT_EQ(instance.cluster.memory_bytes, 1000);
  EXPECT_FALSE(instance.cluster.duplicates);
  EXPECT_FALSE(instance.cluster.fill_slots);
  EXPECT_TRUE(instance.keep_groups_on_a_node);
  EXPECT_EQ(instance.cost.token_seconds, 2);
  EXPECT_EQ(instance.cost.replica_seconds, 3);
  EXPECT_EQ(instance.cost.other_seconds, 4);
  EXPECT_EQ(instance.cost.tile_tokens, 10);
  EXPECT_EQ(instance.dispatch, Dispatch::weighted);
  EXPECT_EQ(instance.placement.value().data(), placement);
  EXPECT_EQ(instance.limits.max_moves, 100);
  EXPECT_EQ(instance.limits.max_moves_per_device, 50);
  EXPECT_EQ(instance.move_seconds, 0.5);
}

TEST(CExperts, ErrorsHaveTheirPlace) {
  std::vector<double> load = eight_loads;
  load[3] = nan;
  EXPECT_EQ(refused(eight_experts(load), PLIMSOLL_INPUT), "/load/0/3");
  load[3] = -1;
  EXPECT_EQ(refused(eight_experts(load), PLIMSOLL_INPUT), "/load/0/3");
  load[3] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refused(eight_experts(load), PLIMSOLL_INPUT), "/load/0/3");
  const auto with = [](const auto& change) {
    plimsoll_experts given = eight_experts();
    change(given);
    return given;
  };
  EXPECT_EQ(refused(with([](auto& given) { given.layers = 0; }), PLIMSOLL_INPUT), "/model/layers");
  EXPECT_EQ(refused(with([](auto& given) { given.experts = -1; }), PLIMSOLL_INPUT), "/model/experts");
  EXPECT_EQ(refused(with([](auto& given) { given.groups = 3; }), PLIMSOLL_INPUT), "/model/groups");
  EXPECT_EQ(refused(with([](auto& given) { given.slots = 0; }), PLIMSOLL_INPUT), "/cluster/slots");
  EXPECT_EQ(refused(with([](auto& given) { given.load = nullptr; }), PLIMSOLL_USAGE), "/load");
  EXPECT_EQ(refused(with([](auto& given) { given.dispatch = 7; }), PLIMSOLL_USAGE), "");
  EXPECT_EQ(refused(with([](auto& given) { given.flags = 64; }), PLIMSOLL_USAGE), "");
  EXPECT_EQ(refused(with([](auto& given) { given.dead_count = 1; }), PLIMSOLL_USAGE), "/cluster/dead");
  EXPECT_EQ(refused(with([](auto& given) { given.max_moves = 4; }), PLIMSOLL_INPUT), "/limits");
  EXPECT_EQ(refused(with([](auto& given) { given.max_moves = -2; }), PLIMSOLL_INPUT), "/limits/max_moves");
  EXPECT_EQ(refused(with([](auto& given) { given.move_seconds = nan; }), PLIMSOLL_INPUT), "/move_seconds");
}

TEST(CExperts, SizesAreJudgedBeforeArraysAreRead) {
  plimsoll_experts given = eight_experts();
  given.layers = std::numeric_limits<int32_t>::max();
  given.experts = std::numeric_limits<int32_t>::max();
  EXPECT_EQ(refused(given, PLIMSOLL_INPUT), "/load");
  given = eight_experts();
  given.nodes = std::numeric_limits<int32_t>::max();
  given.devices_per_node = std::numeric_limits<int32_t>::max();
  EXPECT_EQ(refused(given, PLIMSOLL_INPUT), "/cluster/devices_per_node");
}

}  // namespace
}  // namespace plimsoll::test
