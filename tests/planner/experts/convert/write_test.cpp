// Plans in the formats of engines: the exact text, and what the engines cannot take.
#include "tests/planner/experts/convert/convert_fixture.hpp"

namespace plimsoll::experts {
namespace {

const std::string base_text = R"({"plimsoll": 1, "problem": "experts",
  "model": {"layers": 2, "experts": 3}, "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 2},
  "load": [[4, 3, 2], [1, 2, 3]]})";
const std::string plan_text = R"({"plan": {"slots": [[0, 1, 2, 0], [2, 1, 0, 1]],
  "shares": [[0.25, 1, 1, 0.75], [1, 0.5, 1, 0.5]]}})";

std::string written(const std::string& format, const Values& values = {}, const std::string& instance = base_text,
                    const std::string& plan = plan_text) {
  return conversions()->write(format, document_of(instance), support::parse(plan), values).text;
}

std::string write_refusal(const std::string& format, const std::string& instance, const std::string& plan,
                          const Values& values = {}) {
  return refusal_of([&] { written(format, values, instance, plan); });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

TEST(WriteForeign, VllmAscend) {
  const support::Json json = support::parse(written("vllm-ascend"));
  EXPECT_EQ(std::get<std::int64_t>(json.find("moe_layer_count")->value()), 2);
  const auto& layers = *json.find("layer_list")->array();
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(std::get<std::int64_t>(layers[1].find("layer_id")->value()), 1);
  EXPECT_EQ(std::get<std::int64_t>(layers[1].find("device_count")->value()), 2);
  const auto& devices = *layers[1].find("device_list")->array();
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(std::get<std::int64_t>(devices[1].find("device_id")->value()), 1);
  EXPECT_EQ(devices[1].find("device_expert")->shown(), "[0, 1]");
}

TEST(WriteForeign, Trtllm) {
  EXPECT_EQ(written("trtllm"),
            "num_slots: 4\ninitial_global_assignments:\n  0: [0, 1, 2, 0]\n  1: [2, 1, 0, 1]\n"
            "layer_updates_per_iter: 0\n");
  EXPECT_NE(written("trtllm", {{"layers", {"3:5"}}}).find("\n  3: [0, 1, 2, 0]\n  4: [2"), std::string::npos);
  const std::string noted = replaced(base_text, "\"load\"", "\"x-layers\": [7, 9], \"load\"");
  EXPECT_NE(written("trtllm", {}, noted).find("\n  7: [0, 1, 2, 0]\n  9: [2"), std::string::npos);
  expect_refusal(write_refusal("trtllm", base_text, plan_text, {{"layers", {"3:6"}}}),
                 "names 3 layers, the plan has 2");
}

TEST(WriteForeign, Sglang) {
  EXPECT_EQ(written("sglang"), "{\n  \"physical_to_logical_map\": [\n    [0, 1, 2, 0],\n    [2, 1, 0, 1]\n  ]\n}\n");
  // Layers before and between, which the plan does not speak of, hold what SGLang starts with.
  EXPECT_EQ(written("sglang", {{"layers", {"1,3"}}}),
            "{\n  \"physical_to_logical_map\": [\n    [0, 1, 2, 0],\n    [0, 1, 2, 0],\n    [0, 1, 2, 0],\n"
            "    [2, 1, 0, 1]\n  ]\n}\n");
  expect_refusal(write_refusal("sglang", base_text, plan_text, {{"ep-dispatch-algorithm", {"dinamic"}}}),
                 "expected static, dynamic or lp");
  expect_refusal(write_refusal("sglang", base_text, plan_text, {{"layers", {"1,999999999"}}}),
                 "more than this version");
}

TEST(WriteForeign, Csv) {
  EXPECT_EQ(written("csv"),
            "layer,slot,device,expert,share\n0,0,0,0,0.25\n0,1,0,1,1\n0,2,1,2,1\n0,3,1,0,0.75\n1,0,0,2,1\n1,1,0,1,0.5\n"
            "1,2,1,0,1\n1,3,1,1,0.5\n");
}

TEST(WriteForeign, WhatTheEnginesCannotTake) {
  const std::string uneven = replaced(base_text, "\"slots\": 2", "\"slots\": [1, 3]");
  const std::string dead = replaced(replaced(base_text, "\"slots\": 2", "\"slots\": 2, \"dead\": [1]"),
                                    "\"devices_per_node\": 2", "\"devices_per_node\": 3");
  const std::string dead_plan = R"({"plan": {"slots": [[0, 1, -1, -1, 2, 0], [2, 1, -1, -1, 0, 1]],
    "shares": [[0.25, 1, 0, 0, 1, 0.75], [1, 0.5, 0, 0, 1, 0.5]]}})";
  const std::string open = replaced(base_text, "\"slots\": 2", "\"slots\": 2, \"fill_slots\": false");
  const std::string open_plan = R"({"plan": {"slots": [[0, 1, 2, -1], [2, 1, 0, 1]],
    "shares": [[1, 1, 1, 0], [1, 0.5, 1, 0.5]]}})";
  for (const std::string format : {"vllm-ascend", "trtllm", "sglang"}) {
    expect_refusal(write_refusal(format, uneven, plan_text), "device 0 has 1 slots, device 1 has 3, and " + format);
    expect_refusal(write_refusal(format, dead, dead_plan), "device 1 is dead, and " + format);
    expect_refusal(write_refusal(format, open, open_plan), "a slot of device 1 is empty, and " + format +
                                                               " takes no -1 | Maybe solve with \"fill_slots\": true.");
  }
  const std::string twice = R"({"plan": {"slots": [[0, 0, 1, 2], [2, 1, 0, 1]],
    "shares": [[0.25, 0.75, 1, 1], [1, 0.5, 1, 0.5]]}})";
  expect_refusal(write_refusal("vllm-ascend", base_text, twice),
                 "device 0 holds expert 0 twice, and vllm-ascend maps an expert to one place on a device");
  EXPECT_EQ(write_refusal("trtllm", base_text, twice), "taken");
  EXPECT_EQ(write_refusal("sglang", base_text, twice), "taken");
  // A table can say all of it.
  EXPECT_EQ(write_refusal("csv", uneven, plan_text), "taken");
  EXPECT_EQ(write_refusal("csv", dead, dead_plan), "taken");
  EXPECT_EQ(write_refusal("csv", open, open_plan), "taken");
}

TEST(WriteForeign, SaysWhatTheTargetsDispatchMakesOfThePlan) {
  const auto notes = [](const std::string& format, const std::string& instance, const Values& values = {}) {
    return conversions()->write(format, document_of(instance), support::parse(plan_text), values).notes;
  };
  // Layer 0: 1 + 3 and 2 + 3 = 5 as planned, 2 + 3 = 5 and 2 + 2 evenly; layer 1: 3 + 1 = 4 both ways.
  ASSERT_EQ(notes("trtllm", base_text).size(), 1U);
  EXPECT_EQ(notes("trtllm", base_text)[0],
            "the plan's objective is 9 seconds, as trtllm dispatches it 9 seconds (+0.00 %)");
  const std::string heavy = replaced(base_text, "[4, 3, 2]", "[4, 5, 1]");
  // 1 + 5 = 6 and 3 + 1 as planned, 2 + 5 = 7 evenly.
  EXPECT_EQ(notes("trtllm", heavy)[0],
            "the plan's objective is 10 seconds, as trtllm dispatches it 11 seconds (+10.00 %). Maybe solve again with "
            "\"dispatch\": \"even\": this target cannot weigh copies");
  EXPECT_EQ(notes("sglang", heavy, {{"ep-dispatch-algorithm", {"lp"}}})[0],
            "the plan's objective is 10 seconds, as sglang (lp) dispatches it 10 seconds (+0.00 %)");
  EXPECT_TRUE(notes("csv", heavy).empty());
}

}  // namespace
}  // namespace plimsoll::experts
