#include "planner/experts/json.hpp"

#include <gtest/gtest.h>

#include <set>

#include "planner/common/plan_file.hpp"
#include "tests/golden.hpp"

namespace plimsoll::experts {
namespace {

using testing::documents_in;
using testing::golden;
using testing::Refusal;
using testing::refusals_in;

ExpertInstance read_path(const std::string& path) { return read_instance(common::read_document(path)); }
ExpertInstance read_golden(const std::string& name) {
  return read_path(golden("experts/valid/" + name + ".json").string());
}
ExpertInstance read_text(const std::string& text) {
  common::Document document;
  document.json = support::parse(text);
  return read_instance(document);
}

void expect_equal(const ExpertInstance& left, const ExpertInstance& right) {
  EXPECT_EQ(left.name, right.name);
  EXPECT_EQ(left.model.layers, right.model.layers);
  EXPECT_EQ(left.model.experts, right.model.experts);
  EXPECT_EQ(left.model.groups, right.model.groups);
  EXPECT_EQ(left.model.top_k, right.model.top_k);
  EXPECT_EQ(left.model.expert_bytes, right.model.expert_bytes);
  EXPECT_EQ(left.model.gradient_bytes, right.model.gradient_bytes);
  EXPECT_EQ(left.model.dispatch_token_bytes, right.model.dispatch_token_bytes);
  EXPECT_EQ(left.model.combine_token_bytes, right.model.combine_token_bytes);
  EXPECT_EQ(left.cluster.nodes, right.cluster.nodes);
  EXPECT_EQ(left.cluster.devices_per_node, right.cluster.devices_per_node);
  EXPECT_EQ(left.cluster.slots, right.cluster.slots);
  EXPECT_EQ(left.cluster.speed, right.cluster.speed);
  EXPECT_EQ(left.cluster.dead, right.cluster.dead);
  EXPECT_EQ(left.cluster.memory_bytes, right.cluster.memory_bytes);
  EXPECT_EQ(left.cluster.duplicates, right.cluster.duplicates);
  EXPECT_EQ(left.cluster.fill_slots, right.cluster.fill_slots);
  EXPECT_EQ(left.cluster.link.has_value(), right.cluster.link.has_value());
  const Link left_link = left.cluster.link.value_or(Link{});
  const Link right_link = right.cluster.link.value_or(Link{});
  EXPECT_EQ(left_link.intra_bytes_per_second, right_link.intra_bytes_per_second);
  EXPECT_EQ(left_link.nic_bytes_per_second, right_link.nic_bytes_per_second);
  EXPECT_EQ(left_link.host_bytes_per_second, right_link.host_bytes_per_second);
  EXPECT_EQ(left_link.latency_seconds, right_link.latency_seconds);
  EXPECT_EQ(left.cluster.nic_of_device, right.cluster.nic_of_device);
  EXPECT_EQ(left.cost.token_seconds, right.cost.token_seconds);
  EXPECT_EQ(left.cost.replica_seconds, right.cost.replica_seconds);
  EXPECT_EQ(left.cost.tile_tokens, right.cost.tile_tokens);
  EXPECT_EQ(left.cost.expert_seconds, right.cost.expert_seconds);
  EXPECT_EQ(left.cost.other_seconds, right.cost.other_seconds);
  EXPECT_EQ(left.dispatch, right.dispatch);
  EXPECT_EQ(left.load, right.load);
  EXPECT_EQ(left.keep_groups_on_a_node, right.keep_groups_on_a_node);
  EXPECT_EQ(left.placement, right.placement);
  EXPECT_EQ(left.limits.max_moves, right.limits.max_moves);
  EXPECT_EQ(left.limits.max_moves_per_device, right.limits.max_moves_per_device);
  EXPECT_EQ(left.move_seconds, right.move_seconds);
}

TEST(ExpertsJson, DefaultsAreThoseOfTheFormat) {
  const ExpertInstance instance = read_golden("minimal");
  EXPECT_EQ(instance.name, "");
  EXPECT_EQ(instance.model.groups, 1);
  EXPECT_EQ(instance.model.top_k, 0);
  EXPECT_EQ(instance.cluster.slots, (std::vector<int>{2, 2, 2}));
  EXPECT_EQ(instance.cluster.speed, (std::vector<double>{1, 1, 1}));
  EXPECT_TRUE(instance.cluster.dead.empty());
  EXPECT_TRUE(instance.cluster.duplicates);
  EXPECT_TRUE(instance.cluster.fill_slots);
  EXPECT_FALSE(instance.cluster.memory_bytes.has_value());
  EXPECT_EQ(instance.cost.token_seconds, 1.0);
  EXPECT_EQ(instance.dispatch, Dispatch::weighted);
  EXPECT_EQ(instance.load.at(1, 0), 10.5);
  EXPECT_FALSE(instance.placement.has_value());
  ExpertInstance spelled_out = read_golden("defaults_spelled_out");
  EXPECT_TRUE(spelled_out.cluster.link.has_value());
  spelled_out.cluster.link.reset();
  spelled_out.name.clear();
  expect_equal(spelled_out, instance);
}

TEST(ExpertsJson, EveryKeyArrives) {
  const ExpertInstance instance = read_golden("everything");
  EXPECT_EQ(instance.name, "small");
  EXPECT_EQ(instance.model.groups, 2);
  EXPECT_EQ(instance.model.top_k, 2);
  EXPECT_EQ(instance.model.expert_bytes, 88080384);
  EXPECT_EQ(instance.model.gradient_bytes, 176160768);
  EXPECT_EQ(instance.model.dispatch_token_bytes, 7392);
  EXPECT_EQ(instance.model.combine_token_bytes, 14336);
  EXPECT_EQ(instance.cluster.devices(), 4);
  EXPECT_EQ(instance.cluster.speed[3], 1.25);
  EXPECT_EQ(instance.cluster.dead, (std::vector<int>{3}));
  EXPECT_EQ(instance.cluster.memory_bytes, 1e11);
  EXPECT_FALSE(instance.cluster.duplicates);
  EXPECT_FALSE(instance.cluster.fill_slots);
  ASSERT_TRUE(instance.cluster.link.has_value());
  EXPECT_EQ(instance.cluster.link->intra_bytes_per_second, 3.7e11);
  EXPECT_EQ(instance.cluster.link->nic_bytes_per_second, 5e10);
  EXPECT_EQ(instance.cluster.link->host_bytes_per_second, 2.5e10);
  EXPECT_EQ(instance.cluster.link->latency_seconds, 5e-6);
  EXPECT_EQ(instance.cluster.nic_of_device, (std::vector<int>{0, 0, 1, 1}));
  EXPECT_EQ(instance.cost.token_seconds, 2e-6);
  EXPECT_EQ(instance.cost.replica_seconds, 1e-5);
  EXPECT_EQ(instance.cost.tile_tokens, 16);
  EXPECT_EQ(instance.cost.other_seconds, 0.001);
  EXPECT_EQ(instance.dispatch, Dispatch::even);
  EXPECT_TRUE(instance.keep_groups_on_a_node);
  ASSERT_TRUE(instance.placement.has_value());
  EXPECT_EQ(instance.placement->at(1, 4), -1);
  EXPECT_EQ(instance.placement->at(1, 7), 3);  // what stood on a device that is dead now
  EXPECT_EQ(instance.limits.max_moves, 100);
  EXPECT_EQ(instance.limits.max_moves_per_device, 4);
  EXPECT_EQ(instance.move_seconds, 0.25);
}

TEST(ExpertsJson, ACurveReplacesTheOtherCosts) {
  const ExpertInstance instance = read_golden("expert_seconds_over_the_rest");
  EXPECT_EQ(instance.cost.expert_seconds.size(), 2U);
  EXPECT_EQ(instance.cost.replica_seconds, 0.0);
  EXPECT_EQ(instance.cost.tile_tokens, 0);
  EXPECT_EQ(instance.cost.token_seconds, 0.0);
  EXPECT_EQ(instance.cost.other_seconds, 2.0);
}

TEST(ExpertsJson, FilesStandForArraysAndCountInTheIdentity) {
  const common::Document document = common::read_document(golden("experts/valid/npy_all.json").string());
  const ExpertInstance instance = read_instance(document);
  EXPECT_EQ(instance.load.at(1, 3), 40);
  EXPECT_EQ(instance.cluster.speed, (std::vector<double>{1, 0.5, 2}));
  EXPECT_EQ(instance.cluster.dead, (std::vector<int>{1}));
  EXPECT_EQ(instance.cost.expert_seconds.at(2), (ExpertCost::Point{4096, 3e-4}));
  EXPECT_EQ(document.attachments.contents.size(), 7U);
  const std::string identity = common::identity(document);
  read_instance(document);
  EXPECT_EQ(common::identity(document), identity);  // reading twice adds nothing
  document.attachments.contents.back().back() ^= 1;
  EXPECT_NE(common::identity(document), identity);
}

TEST(ExpertsJson, HugeSizesAreRefusedBeforeMemoryIsTaken) {
  const std::string model = R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 100000}, )";
  EXPECT_THROW(
      read_text(model + R"("cluster": {"nodes": 1000000, "devices_per_node": 1, "slots": 50000000}, "load": []})"),
      Error);
  EXPECT_THROW(read_text(model + R"("cluster": {"nodes": 1, "devices_per_node": 1, "slots": 1}, "load": [[]]})"),
               Error);
}

TEST(ExpertsJson, AStepIsNoInstanceWithOneLoadTable) {
  try {
    read_golden("step_minimal");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.pointer(), "/microsteps");
    EXPECT_NE(error.advice(), "");
  }
}

TEST(ExpertsJson, MistypedKeysGetAdvice) {
  try {
    read_path(golden("experts/invalid/slots_mistyped.json").string());
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.advice(), "Maybe \"slot\" should be \"slots\".");
  }
  try {
    read_path(golden("experts/invalid/expert_seconds_falling.json").string());
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.advice(), "Maybe replace each value by the running maximum.");
  }
}

class ValidInstance : public ::testing::TestWithParam<std::string> {};

TEST_P(ValidInstance, IsReadAndSurvivesWriting) {
  const ExpertInstance instance = read_path(GetParam());
  const std::string text = write_instance(instance);
  expect_equal(read_text(text), instance);
  EXPECT_EQ(write_instance(read_text(text)), text);
}

INSTANTIATE_TEST_SUITE_P(Golden, ValidInstance, ::testing::ValuesIn(documents_in("experts/valid", false)),
                         [](const auto& info) { return testing::stem_of(info.param); });

class InvalidInstance : public ::testing::TestWithParam<Refusal> {};

TEST_P(InvalidInstance, IsRefusedInOneLine) {
  try {
    read_path(GetParam().file);
    ADD_FAILURE() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input);
    EXPECT_EQ(error.pointer(), GetParam().pointer);
    EXPECT_NE(std::string(error.what()).find(GetParam().message), std::string::npos) << error.what();
    EXPECT_TRUE(testing::is_one_line(error.what())) << error.what();
    EXPECT_TRUE(error.advice().empty() || error.advice().substr(0, 6) == "Maybe ") << error.advice();
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, InvalidInstance, ::testing::ValuesIn(refusals_in("experts/invalid", false)),
                         [](const auto& info) { return testing::stem_of(info.param.file); });

// Pointers of all keys that the schema knows.
void collect_keys(const support::Json& schema, const std::string& pointer, std::set<std::string>& keys) {
  const support::Json* properties = schema.find("properties");
  if (properties == nullptr) return;
  for (const auto& [name, value] : *properties->object()) {
    keys.insert(pointer + "/" + name);
    collect_keys(value, pointer + "/" + name, keys);
  }
}

bool holds(const support::Json& json, const std::string& pointer) {
  if (pointer.empty()) return true;
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  const support::Json* member = json.find(pointer.substr(1, end - 1));
  return member != nullptr && holds(*member, pointer.substr(end));
}

TEST(ExpertsJson, EveryKeyOfTheSchemaHasValidAndInvalidFiles) {
  std::set<std::string> keys;
  const std::string schema = std::string(PLIMSOLL_SOURCE_DIR) + "/docs/schema/experts-instance.schema.json";
  collect_keys(common::read_document(schema).json, "", keys);
  EXPECT_GT(keys.size(), 40U);
  const std::vector<Refusal> refusals = refusals_in("experts/invalid");
  EXPECT_EQ(refusals.size(), documents_in("experts/invalid").size());
  for (const std::string& key : keys) {
    bool valid = false;
    for (const std::string& path : documents_in("experts/valid"))
      valid = valid || holds(common::read_document(path).json, key);
    EXPECT_TRUE(valid) << key;
    const bool invalid = std::any_of(refusals.begin(), refusals.end(), [&](const Refusal& refusal) {
      return refusal.pointer.substr(0, key.size()) == key ||
             refusal.message == "the key \"" + key.substr(key.rfind('/') + 1) + "\" is missing";
    });
    EXPECT_TRUE(invalid) << key;
  }
}

}  // namespace
}  // namespace plimsoll::experts
