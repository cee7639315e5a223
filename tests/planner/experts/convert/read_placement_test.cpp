// Placements in the formats of engines: as an instance's placement, in new instances and in given ones.
#include "tests/cli/files.hpp"
#include "tests/planner/experts/convert/convert_fixture.hpp"

namespace plimsoll::experts {
namespace {

// Two layers of four experts on two devices with three slots.
const std::string base_text =
    R"({"plimsoll": 1, "problem": "experts", "name": "base", "x-note": [1, {"npy": "a"}, null],
  "model": {"layers": 2, "experts": 4, "x-why": true}, "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 3},
  "load": [[4, 3, 2, 1], [1, 2, 3, 4]]})";
const Matrix<int> placed(2, 6, {0, 1, 2, 3, 0, 1, 3, 2, 1, 0, 3, 2});

const std::string vllm_ascend = R"({"moe_layer_count": 2, "layer_list": [
  {"layer_id": 0, "device_count": 2, "device_list": [{"device_id": 0, "device_expert": [0, 1, 2]},
                                                     {"device_id": 1, "device_expert": [3, 0, 1]}]},
  {"layer_id": 1, "device_count": 2, "device_list": [{"device_id": 0, "device_expert": [3, 2, 1]},
                                                     {"device_id": 1, "device_expert": [0, 3, 2]}]}]})";
const std::string trtllm =
    "initial_global_assignments:\n  4: [3, 2, 1, 0, 3, 2]\n  3: [0, 1, 2, 3, 0, 1]\nnum_slots: 6\n"
    "layer_updates_per_iter: 0\n";
const std::string sglang = R"({"physical_to_logical_map": [[0, 1, 2, 3, 0, 1], [3, 2, 1, 0, 3, 2]]})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

TEST(ReadPlacement, IntoAGivenInstanceWhereAllElseStays) {
  const common::Document base = document_of(base_text);
  for (const auto& [format, text] : {std::pair("vllm-ascend", vllm_ascend), {"trtllm", trtllm}, {"sglang", sglang}}) {
    SCOPED_TRACE(format);
    const auto result = converted(format, text, {}, &base);
    const ExpertInstance instance = instance_of(result);
    ASSERT_TRUE(instance.placement.has_value());
    EXPECT_EQ(*instance.placement, placed);
    EXPECT_EQ(instance.load, Matrix<double>(2, 4, {4, 3, 2, 1, 1, 2, 3, 4}));
    EXPECT_EQ(instance.dispatch, Dispatch::weighted);
    const support::Json json = support::parse(result.text);
    EXPECT_EQ(json.find("x-note")->shown(), document_of(base_text).json.find("x-note")->shown());
    EXPECT_NE(json.find("model")->find("x-why"), nullptr);
    EXPECT_TRUE(result.notes.empty());
    // Once more: nothing is left to replace.
    const common::Document again = document_of(result.text);
    EXPECT_EQ(converted(format, text, {}, &again).text, result.text);
  }
}

TEST(ReadPlacement, WithLoadsFromAFile) {
  const test::Folder folder;
  const std::string csv = folder.file("loads.csv", "layer,expert,count\n3,0,5\n3,3,1\n4,1,7\n");
  Values values{{"load", {csv}}, {"nodes", {"1"}}};
  const auto mapped = converted("vllm-ascend", vllm_ascend, values);
  EXPECT_NE(mapped.text.find("\"x-layers\": [3, 4]"), std::string::npos);  // the loads know the numbers
  const ExpertInstance ascend = instance_of(mapped);
  EXPECT_EQ(ascend.cluster.devices(), 2);
  EXPECT_EQ(ascend.cluster.slots, (std::vector<int>{3, 3}));
  EXPECT_FALSE(ascend.cluster.duplicates);
  EXPECT_EQ(ascend.load, Matrix<double>(2, 4, {5, 0, 0, 1, 0, 7, 0, 0}));
  EXPECT_EQ(*ascend.placement, placed);

  expect_refusal(refusal("trtllm", trtllm, values), "Maybe add --devices-per-node.");
  values["slots"] = {"3"};
  const auto balanced = converted("trtllm", trtllm, values);
  EXPECT_EQ(instance_of(balanced).cluster.devices(), 2);
  EXPECT_TRUE(instance_of(balanced).cluster.duplicates);
  EXPECT_NE(balanced.text.find("\"x-layers\": [3, 4]"), std::string::npos);
  values["slots"] = {"4"};
  expect_refusal(refusal("trtllm", trtllm, values), "6 slots per layer, which --slots 4 does not divide");
  values.erase("slots");
  values["devices-per-node"] = {"4"};
  expect_refusal(refusal("sglang", sglang, values), "which 4 devices do not divide");
  expect_refusal(refusal("vllm-ascend", vllm_ascend, values), "for 2 devices, --nodes and --devices-per-node make 4");
  values["devices-per-node"] = {"2"};
  EXPECT_EQ(*instance_of(converted("sglang", sglang, values)).placement, placed);

  values["load"] = {folder.file("other.json", base_text)};
  EXPECT_EQ(instance_of(converted("sglang", sglang, values)).load.at(1, 3), 4);
  values["load"] = {folder.file("missing.csv")};
  expect_refusal(refusal("sglang", sglang, values), "missing.csv");
  values["load"] = {folder.file("broken.csv", "a,b\n1,2\n")};
  expect_refusal(refusal("sglang", sglang, values), "broken.csv\": line 1: no column is known as the expert");
  values["load"] = {folder.file("short.csv", "layer,expert,count\n3,0,5\n")};
  expect_refusal(refusal("sglang", sglang, values), "the file has 1 layer, the placement has 2");
}

TEST(ReadPlacement, LoadsAreNeeded) {
  for (const auto& [format, text] : {std::pair("vllm-ascend", vllm_ascend), {"trtllm", trtllm}, {"sglang", sglang}}) {
    expect_refusal(refusal(format, text, cluster_values("1", "2", "3")), "Maybe add --instance BASE.json");
    expect_refusal(refusal(format, text, {{"where", {"a=b"}}}), "--where has no meaning without --load");
  }
}

TEST(ReadPlacement, ShapesMustAgreeWithTheInstance) {
  const common::Document base = document_of(base_text);
  const common::Document other = document_of(replaced(base_text, "\"slots\": 3", "\"slots\": [4, 2]"));
  expect_refusal(refusal("vllm-ascend", vllm_ascend, {}, &other), "3 slots on device 0, the instance has 4");
  EXPECT_EQ(refusal("sglang", sglang, {}, &other), "taken");  // its devices are not said
  const common::Document wide = document_of(replaced(base_text, "\"slots\": 3", "\"slots\": 4"));
  expect_refusal(refusal("sglang", sglang, {}, &wide), "6 slots per layer, the instance has 8");
  const common::Document devices =
      document_of(replaced(base_text, "\"devices_per_node\": 2", "\"devices_per_node\": 3"));
  expect_refusal(refusal("vllm-ascend", vllm_ascend, {}, &devices), "2 devices, the instance has 3");
  expect_refusal(refusal("sglang", R"({"physical_to_logical_map": [[0, 1, 2, 3, 0, 1]]})", {}, &base),
                 "the file has 1 layer, the instance has 2");
  expect_refusal(refusal("sglang", replaced(sglang, "[0, 1, 2, 3, 0, 1]", "[0, 1, 2, 3, 0, 4]"), {}, &base),
                 "of at most 3, got 4");
  expect_refusal(refusal("sglang", sglang, {{"nodes", {"1"}}}, &base), "--nodes has no meaning beside --instance");
}

TEST(ReadPlacement, LayersGoByTheNumbersThatTheInstanceNotes) {
  const common::Document base = document_of(replaced(base_text, "\"load\"", "\"x-layers\": [1, 3], \"load\""));
  const std::string all = R"({"physical_to_logical_map": [[0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 0, 1], [1, 1, 1, 1, 1, 1],
      [3, 2, 1, 0, 3, 2], [2, 2, 2, 2, 2, 2]]})";
  EXPECT_EQ(*instance_of(converted("sglang", all, {}, &base)).placement, placed);
  // By order where the numbers are not there, by --layers where that is given.
  EXPECT_EQ(*instance_of(converted("sglang", sglang, {}, &base)).placement, placed);
  EXPECT_EQ(instance_of(converted("sglang", all, {{"layers", {"1:3"}}}, &base)).placement->at(1, 0), 1);
  expect_refusal(refusal("sglang", all, {{"layers", {"1:4"}}}, &base), "--layers names 3 layers, the instance has 2");
  const common::Document broken = document_of(replaced(base_text, "\"load\"", "\"x-layers\": [3, 1], \"load\""));
  expect_refusal(refusal("sglang", all, {}, &broken), "numbers of layers that ascend");
}

TEST(ReadPlacement, LayersAreNeverTakenFromTheFrontOfALongerFile) {
  // Three rows, of which the first is a dense layer: nothing says which two are meant.
  const std::string longer =
      R"({"physical_to_logical_map": [[0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 0, 1], [3, 2, 1, 0, 3, 2]]})";
  const common::Document base = document_of(base_text);
  expect_refusal(refusal("sglang", longer, {}, &base),
                 "the file has 3 layers, the instance has 2 | Maybe choose layers of the file with --layers.");
  EXPECT_EQ(*instance_of(converted("sglang", longer, {{"layers", {"1:3"}}}, &base)).placement, placed);
  const test::Folder folder;
  const std::string loads = folder.file("loads.csv", "layer,e0,e1,e2,e3\n0,1,1,1,1\n1,2,2,2,2\n2,3,3,3,3\n");
  expect_refusal(refusal("vllm-ascend", vllm_ascend, {{"load", {loads}}, {"nodes", {"1"}}}), "the file has 3 layers");
}

TEST(ReadPlacement, LoadsOfSglang) {
  const auto load_of = [](const std::string& text, const std::string& steps = {}) {
    Values values = cluster_values("1", "2", "3");
    if (!steps.empty()) values["steps"] = {steps};
    return instance_of(converted("sglang", text, values)).load;
  };
  EXPECT_EQ(load_of(R"({"logical_count": [[1, 2], [3, 4.5]]})"), Matrix<double>(2, 2, {1, 2, 3, 4.5}));
  const std::string stepped = R"({"logical_count": [[[1, 2]], [[10, 20]], [[100, 200]]], "rank": 0})";
  EXPECT_EQ(load_of(stepped), Matrix<double>(1, 2, {111, 222}));
  EXPECT_EQ(load_of(stepped, "0:2"), Matrix<double>(1, 2, {11, 22}));
  Values values = cluster_values("1", "2", "1");
  const auto both = converted("sglang", R"({"logical_count": [[1, 2]], "physical_to_logical_map": [[1, 0]]})", values);
  EXPECT_EQ(*instance_of(both).placement, Matrix<int>(1, 2, {1, 0}));
  EXPECT_EQ(instance_of(both).load, Matrix<double>(1, 2, {1, 2}));
  expect_refusal(refusal("sglang", R"({"logical_count": [[1, -2]]})", values), "got -2");
  expect_refusal(refusal("sglang", R"({"logical_count": [[[1, 2]], [[1]]]})", values), "shape of the first step");
  expect_refusal(refusal("sglang", "{}", values), "neither \"physical_to_logical_map\" nor \"logical_count\"");
}

TEST(ReadPlacement, LoadsIntoAGivenInstance) {
  const common::Document base = document_of(base_text);
  const ExpertInstance instance = instance_of(converted("csv", "layer,expert,count\n0,0,9\n1,3,8\n", {}, &base));
  EXPECT_EQ(instance.load, Matrix<double>(2, 4, {9, 0, 0, 0, 0, 0, 0, 8}));
  EXPECT_EQ(instance.name, "base");
  expect_refusal(refusal("csv", "layer,expert,count\n0,0,9\n1,4,8\n", {}, &base), "5 experts, the instance has 4");
  expect_refusal(refusal("csv", "layer,e0,e1\n0,0,9\n1,4,8\n", {}, &base), "2 experts, the instance has 4");
}

TEST(ReadPlacement, FilesOfTheInstanceAreWrittenOut) {
  const auto valid = testing::golden("experts/valid");
  common::Document base;
  base.text = test::contents((valid / "npy_all.json").string());
  base.json = support::parse(base.text);
  base.attachments.folder = valid;
  const ExpertInstance before = read_instance(base);
  ASSERT_TRUE(before.placement.has_value());
  const auto result = converted("csv", "layer,expert,count\n0,0,9\n1,3,8\n", {}, &base);
  EXPECT_EQ(result.text.find("npy"), std::string::npos) << result.text;
  ExpertInstance after = instance_of(result);  // from a place without those files
  EXPECT_EQ(after.load, Matrix<double>(2, 4, {9, 0, 0, 0, 0, 0, 0, 8}));
  after.load = before.load;
  EXPECT_EQ(write_instance(after), write_instance(before));
}

TEST(ReadPlacement, BrokenVllmAscend) {
  const common::Document base = document_of(base_text);
  const auto changed = [&](const std::string& from, const std::string& to) {
    return refusal("vllm-ascend", replaced(vllm_ascend, from, to), {}, &base);
  };
  expect_refusal(changed("\"moe_layer_count\": 2", "\"moe_layer_count\": 3"),
                 "expected the 2 layers of layer_list, got 3");
  expect_refusal(changed("\"moe_layer_count\": 2, ", ""), "the key \"moe_layer_count\" is missing");
  expect_refusal(changed("\"layer_id\": 1", "\"layer_id\": 7"), "goes by the place in the list");
  expect_refusal(changed("\"device_id\": 1", "\"device_id\": 0"), "goes by the place in the list");
  expect_refusal(changed("\"device_count\": 2", "\"device_count\": 3"), "expected the 2 devices of device_list, got 3");
  expect_refusal(changed("[3, 0, 1]", "[3, 0]"), "expected 2 experts as in the first layer");
  expect_refusal(changed("[0, 3, 2]", "[0, 3, -1]"), "got -1");
  expect_refusal(changed("[0, 3, 2]", "[0, 3, 1.5]"), "got 1.5");
  expect_refusal(changed("[0, 3, 2]", "[0, 3, 99999999999]"), "got 99999999999");
  expect_refusal(changed("[0, 3, 2]", "7"), "expected an array");
  expect_refusal(refusal("vllm-ascend", R"({"moe_layer_count": 0, "layer_list": []})"), "at least one layer");
  expect_refusal(refusal("vllm-ascend", "[]"), "expected an object");
  expect_refusal(refusal("vllm-ascend", ""), "empty input");
}

TEST(ReadPlacement, BrokenTrtllm) {
  const common::Document base = document_of(base_text);
  const auto changed = [&](const std::string& from, const std::string& to) {
    return refusal("trtllm", replaced(trtllm, from, to), {}, &base);
  };
  expect_refusal(changed("num_slots: 6", "num_slots: 7"), "line 2, column 6: expected a sequence of num_slots = 7");
  expect_refusal(changed("num_slots: 6\n", ""), "the key \"num_slots\" is missing");
  expect_refusal(changed("num_slots", "num_slotz"), "unknown key \"num_slotz\" | Maybe 'num_slots' was meant.");
  expect_refusal(changed("0\n", "-1\n"), "line 5, column 25: expected a whole number from 0");
  expect_refusal(changed("3: [", "x: ["), "line 3, column 3: expected a whole number");
  expect_refusal(changed("  3: [", "  4: ["), "line 3, column 3: the key \"4\" stands twice");
  expect_refusal(changed("  3: [", "  04: ["), "layer 4 stands twice");
  expect_refusal(changed("[0, 1, 2, 3, 0, 1]", "[0, 1, 2, 3, 0, -1]"), "got \"-1\"");
  expect_refusal(changed("[0, 1, 2, 3, 0, 1]", "[0, 1, 2, 3, 0, 1.0]"), "got \"1.0\"");
  expect_refusal(changed("[0, 1, 2, 3, 0, 1]", "&a [0, 1, 2, 3, 0, 1]"), "anchors are not taken");
  expect_refusal(refusal("trtllm", "num_slots: 6\ninitial_global_assignments: {}\n", {}, &base), "at least one layer");
  expect_refusal(refusal("trtllm", "", {}, &base), "empty input");
  expect_refusal(refusal("trtllm", sglang, {}, &base), "unknown key \"physical_to_logical_map\"");
}

TEST(ReadPlacement, TablesOfSlots) {
  const common::Document base = document_of(base_text);
  std::string text = "layer,slot,device,expert,share\n";
  for (std::size_t layer = 0; layer < 2; ++layer) {
    for (std::size_t slot = 0; slot < 6; ++slot) {
      text += std::to_string(layer) + "," + std::to_string(slot) + "," + std::to_string(slot / 3) + "," +
              std::to_string(placed.at(layer, slot)) + ",1\n";
    }
  }
  EXPECT_EQ(*instance_of(converted("csv", text, {}, &base)).placement, placed);
  expect_refusal(refusal("csv", text + "1,5,1,2,1\n", {}, &base), "slot 5 of layer 1 stands here twice");
  expect_refusal(refusal("csv", text + "1,6,0,2,1\n", {}, &base), "slot 6 is on device 0, an earlier slot on device 1");
  expect_refusal(refusal("csv", replaced(text, "1,5,1,2,1", "1,5,0,2,1"), {}, &base), "before it was on 1");
  expect_refusal(refusal("csv", replaced(text, "1,5,1,2,1", "1,5,1,-2,1"), {}, &base), "from -1 to");
  // A slot that no row names is empty.
  EXPECT_EQ(instance_of(converted("csv", replaced(text, "1,2,0,1,1\n", ""), {}, &base)).placement->at(1, 2), -1);
}

}  // namespace
}  // namespace plimsoll::experts
