// Foreign files that tell micro-steps apart, new instances and given ones.
#include <cmath>
#include <filesystem>

#include "tests/cli/files.hpp"
#include "tests/planner/experts/convert/convert_fixture.hpp"

namespace plimsoll::experts {
namespace {

Values with(std::initializer_list<std::pair<const char*, const char*>> more) {
  Values values = cluster_values("1", "2", "2");
  for (const auto& [option, value] : more) values[option] = {value};
  return values;
}

const std::string three = npy("(3, 2, 2)", {1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 300, 400});

TEST(ReadMicrosteps, ArraysOfLoads) {
  const auto result = converted("microsteps-npy", three, with({{"transient-slots", "1"}, {"dispatch", "weighted"}}));
  const StepInstance instance = step_of(result);
  ASSERT_EQ(instance.microsteps(), 3);
  EXPECT_EQ(instance.load[1], Matrix<double>(2, 2, {10, 20, 30, 40}));
  EXPECT_EQ(instance.experts.load, Matrix<double>(2, 2, {111, 222, 333, 444}));
  EXPECT_EQ(instance.transient_slots, 1);
  EXPECT_EQ(instance.experts.dispatch, Dispatch::weighted);
  EXPECT_TRUE(instance.sources.empty());
  EXPECT_EQ(result.text.find("\"load\""), std::string::npos);

  EXPECT_EQ(step_of(converted("microsteps-npy", three, with({{"step", "2"}}))).load,
            (std::vector<Matrix<double>>{Matrix<double>(2, 2, {100, 200, 300, 400})}));
  const StepInstance chosen = step_of(
      converted("microsteps-npy", three, with({{"steps", "1:3"}, {"layers", "1"}, {"transient-pool-slots", "4"}})));
  EXPECT_EQ(chosen.load[1], Matrix<double>(1, 2, {300, 400}));
  EXPECT_EQ(chosen.transient_pool_slots, 4);
}

TEST(ReadMicrosteps, ArraysByDevice) {
  const std::string text = npy("(1, 2, 2, 3)", {1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60});
  const StepInstance instance = step_of(converted("microsteps-npy", text, with({})));
  EXPECT_EQ(instance.load[0], Matrix<double>(2, 3, {11, 22, 33, 44, 55, 66}));
  ASSERT_EQ(instance.sources.size(), 1U);
  EXPECT_EQ(instance.sources[0][1], Matrix<double>(2, 3, {4, 5, 6, 40, 50, 60}));
  const StepInstance chosen = step_of(converted("microsteps-npy", text, with({{"layers", "1"}})));
  EXPECT_EQ(chosen.sources[0].at(0), Matrix<double>(2, 3, {4, 5, 6, 40, 50, 60}));
  Values four = cluster_values("2", "2", "2");
  expect_refusal(refusal("microsteps-npy", text, four), "the file is for 2 devices");
}

TEST(ReadMicrosteps, WrongArrays) {
  expect_refusal(refusal("microsteps-npy", "", with({})), "is no NumPy file");
  expect_refusal(refusal("microsteps-npy", npy("(2, 2)", {1, 2, 3, 4}), with({})),
                 "got shape (2, 2) | Maybe --from npy");
  expect_refusal(refusal("microsteps-npy", npy("(0, 2, 2)", {}), with({})), "is empty (0 x 2 x 1 x 2)");
  expect_refusal(refusal("microsteps-npy", npy("(1, 1, 2)", {1, -2}), with({})), "got -2 at [0][0][1]");
  expect_refusal(refusal("microsteps-npy", npy("(1, 1, 2)", {1, std::nan("")}), with({})), "got nan at [0][0][1]");
  expect_refusal(refusal("microsteps-npy", npy("(1, 1, 2)", {1, 1e16}), with({})), "got 1e+16 at [0][0][1]");
  expect_refusal(refusal("microsteps-npy", three, with({{"steps", "1:9"}})), "the steps 0 to 2, step 8");
  expect_refusal(refusal("microsteps-npy", three, with({{"layers", "2"}})), "no layer 2");
  expect_refusal(refusal("microsteps-npy", three, with({{"array", "counts"}})), "--array needs an archive");
  expect_refusal(refusal("microsteps-npy", three, {}), "--nodes");
  expect_refusal(refusal("microsteps-npy", three, with({{"transient-slots", "1"}, {"transient-pool-slots", "1"}})),
                 "only one of --transient-slots");
}

TEST(ReadMicrosteps, Archives) {
  const std::string archive = test::contents(testing::golden("foreign/microsteps.npz").string());
  expect_refusal(refusal("microsteps-npy", archive, with({})),
                 "the archive holds \"counts\", \"iters\" | Maybe add --array counts.");
  expect_refusal(refusal("microsteps-npy", archive, with({{"array", "count"}})),
                 "no array \"count\", only \"counts\", \"iters\" | Maybe add --array counts.");
  EXPECT_EQ(step_of(converted("microsteps-npy", archive, with({{"array", "counts.npy"}}))).microsteps(), 3);
  expect_refusal(refusal("microsteps-npy", archive, with({{"array", "iters"}})), "got shape (3)");
  Values summed = cluster_values("1", "2", "2");
  summed["array"] = {"counts"};
  EXPECT_EQ(instance_of(converted("npy", archive, summed)).load.at(0, 0), 8);
}

TEST(ReadMicrosteps, GivenInstances) {
  const common::Document with_loads = document_of(R"({"plimsoll": 1, "problem": "experts", "name": "kept",
    "model": {"layers": 2, "experts": 2}, "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 2},
    "load": [[9, 9], [9, 9]], "x-note": "stays"})");
  const auto result = converted("microsteps-npy", three, {{"transient-slots", {"2"}}}, &with_loads);
  const StepInstance instance = step_of(result);
  EXPECT_EQ(instance.experts.name, "kept");
  EXPECT_EQ(instance.microsteps(), 3);
  EXPECT_EQ(instance.transient_slots, 2);
  EXPECT_NE(result.text.find("x-note"), std::string::npos);

  // Of a step, what belongs to its own micro-steps goes.
  const common::Document with_steps = document_of(R"({"plimsoll": 1, "problem": "experts",
    "model": {"layers": 2, "experts": 2}, "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 2},
    "microsteps": [[[1, 1], [1, 1]]], "sources": [[[[1, 1], [0, 0]], [[1, 1], [0, 0]]]],
    "communication": {"overlap": "full"}, "schedule": [["F", 0], ["B", 0]], "gradient_return": true,
    "limits": {"transient_pool_slots": 1}})");
  const auto replaced = converted("microsteps-npy", three, {}, &with_steps);
  EXPECT_EQ(replaced.notes.size(), 3U);
  const StepInstance after = step_of(replaced);
  EXPECT_EQ(after.microsteps(), 3);
  EXPECT_TRUE(after.sources.empty());
  EXPECT_EQ(after.schedule.size(), 6U);
  EXPECT_EQ(after.transient_pool_slots, 1);
  const auto same_number = converted("microsteps-npy", three, {{"step", {"1"}}}, &with_steps);
  EXPECT_NE(same_number.text.find("\"schedule\""), std::string::npos);

  expect_refusal(refusal("npy", npy("(2, 2)", {1, 2, 3, 4}), {}, &with_steps),
                 "the instance has micro-steps, the file has loads of one");
  expect_refusal(refusal("microsteps-npy", npy("(1, 3, 2)", {1, 2, 3, 4, 5, 6}), {}, &with_loads), "3 layers");
}

// Six tokens, two layers, two experts each.
const std::string routes = npy("(6, 2, 2)", {0, 1, 3, 2, 1, 0, 2, 1, 1, 2, 3, 0, 0, 3, 1, 3, 2, 1, 2, 3, 1, 3, 0, 3});

TEST(ReadTokenRoutes, MicroStepsBeginWhereTheOptionSays) {
  const StepInstance halves = step_of(converted("token-routes", routes, with({{"microstep-tokens", "4"}})));
  ASSERT_EQ(halves.microsteps(), 2);
  EXPECT_EQ(halves.load[0], Matrix<double>(2, 4, {3, 3, 1, 1, 1, 2, 2, 3}));
  EXPECT_EQ(halves.load[1], Matrix<double>(2, 4, {0, 2, 1, 1, 1, 0, 1, 2}));
  EXPECT_EQ(step_of(converted("token-routes", routes, with({{"microstep-starts", "0, 4"}}))).load, halves.load);
  const test::Folder folder;
  const std::string starts = folder.file("starts.npy", npy("(2,)", {0, 4}));
  EXPECT_EQ(step_of(converted("token-routes", routes, with({{"microstep-starts", starts.c_str()}}))).load, halves.load);
  EXPECT_EQ(step_of(converted("token-routes", routes, with({{"microstep-tokens", "4"}, {"experts", "6"}})))
                .experts.model.experts,
            6);
}

TEST(ReadTokenRoutes, DevicesGiveSourcesAndRoutes) {
  const test::Folder folder;
  const std::string devices = folder.file("devices.npy", npy("(6,)", {0, 1, 0, 1, 0, 0}));
  const auto values = with({{"microstep-tokens", "3"}, {"token-devices", devices.c_str()}});
  const StepInstance instance = step_of(converted("token-routes", routes, values));
  EXPECT_EQ(instance.communication.routes_per_token, 2);
  EXPECT_EQ(instance.communication.route_microstep, (std::vector<int>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(instance.communication.route_source, (std::vector<int>{0, 1, 0, 1, 0, 0}));
  EXPECT_EQ(instance.sources[1][0].at(1, 3), 1);
  EXPECT_EQ(instance.sources[1][0].at(0, 1), 2);
  // The last device has no token, and still a row; layers are chosen in routes, too.
  Values three_devices = cluster_values("1", "3", "2");
  three_devices["microstep-tokens"] = {"3"};
  three_devices["token-devices"] = {devices};
  three_devices["layers"] = {"1"};
  const StepInstance wider = step_of(converted("token-routes", routes, three_devices));
  EXPECT_EQ(wider.sources[0][0].rows(), 3U);
  EXPECT_EQ(wider.communication.routes, (std::vector<int>{3, 2, 2, 1, 3, 0, 1, 3, 2, 3, 0, 3}));

  const std::string far = folder.file("far.npy", npy("(6,)", {0, 1, 0, 1, 0, 5}));
  expect_refusal(refusal("token-routes", routes, with({{"microstep-tokens", "3"}, {"token-devices", far.c_str()}})),
                 "tokens of 6 devices, the instance has 2");
  const std::string few = folder.file("few.npy", npy("(2,)", {0, 1}));
  expect_refusal(refusal("token-routes", routes, with({{"microstep-tokens", "3"}, {"token-devices", few.c_str()}})),
                 "2 entries for 6 tokens");
  const std::string half = folder.file("half.npy", npy("(6,)", {0, 1, 0.5, 1, 0, 0}));
  expect_refusal(refusal("token-routes", routes, with({{"microstep-tokens", "3"}, {"token-devices", half.c_str()}})),
                 "got 0.5 at [2]");
}

TEST(ReadTokenRoutes, WrongFiles) {
  expect_refusal(refusal("token-routes", routes, with({})), "where micro-steps begin | Maybe add --microstep-tokens");
  expect_refusal(refusal("token-routes", routes, with({{"microstep-tokens", "1"}, {"microstep-starts", "0"}})),
                 "only one of");
  for (const char* starts : {"1,3", "0,3,3", "0,6", "0,-1", "0,9999999999"}) {
    expect_refusal(refusal("token-routes", routes, with({{"microstep-starts", starts}})), "begin with token 0");
  }
  for (const char* starts : {"", "0,,3", "a", "0;3"}) {
    expect_refusal(refusal("token-routes", routes, with({{"microstep-starts", starts}})), "--microstep-starts");
  }
  expect_refusal(refusal("token-routes", routes, with({{"microstep-starts", "no.npy"}})), "no.npy");
  const auto each = with({{"microstep-tokens", "2"}});
  expect_refusal(refusal("token-routes", npy("(2, 2)", {1, 2, 3, 4}), each), "got shape (2, 2)");
  expect_refusal(refusal("token-routes", npy("(1, 1, 2)", {1, -1}), each), "got -1 at [0][0][1]");
  expect_refusal(refusal("token-routes", npy("(1, 1, 2)", {1, 0.5}), each), "got 0.5 at [0][0][1]");
  expect_refusal(refusal("token-routes", npy("(1, 1, 2)", {1, 1e9}), each), "got 1000000000 at [0][0][1]");
  expect_refusal(refusal("token-routes", npy("(1, 1, 2)", {1, 1}), each), "expert 1 stands twice");
  expect_refusal(refusal("token-routes", npy("(0, 1, 2)", {}), each), "is empty");
  expect_refusal(refusal("token-routes", routes, with({{"microstep-tokens", "2"}, {"experts", "3"}})), "4 experts");
}

TEST(ReadRoutingJsonl, LinesOfTokens) {
  const std::string text =
      "{\"step\": 7, \"layer\": 3, \"top_indices\": [[0, 1], [2, 1]], \"rank\": 1}\r\n"
      "\n"
      "{\"top_indices\": [1, 0], \"layer\": 3, \"step\": 9}\n"
      "{\"step\": 7, \"layer\": 5, \"top_indices\": [[2, 0]]}\n"
      "{\"step\": 9, \"layer\": 5, \"top_indices\": []}";
  const auto result = converted("routing-jsonl", text, with({}));
  const StepInstance instance = step_of(result);
  ASSERT_EQ(instance.microsteps(), 2);
  EXPECT_EQ(instance.load[0], Matrix<double>(2, 3, {1, 2, 1, 1, 0, 1}));
  EXPECT_EQ(instance.load[1], Matrix<double>(2, 3, {1, 1, 0, 0, 0, 0}));
  EXPECT_NE(result.text.find("\"x-layers\": [3, 5]"), std::string::npos);
  EXPECT_EQ(result.notes.front(), "the steps 7 to 9 become micro-steps 0 to 1");
  EXPECT_EQ(step_of(converted("routing-jsonl", text, with({{"step", "9"}, {"layers", "3"}}))).load,
            (std::vector<Matrix<double>>{Matrix<double>(1, 2, {1, 1})}));
}

TEST(ReadRoutingJsonl, WrongLines) {
  const auto line = [](const std::string& text) { return refusal("routing-jsonl", text, with({})); };
  expect_refusal(line(""), "the file holds no routes");
  expect_refusal(line("{\"step\": 0, \"layer\": 0, \"top_indices\": []}"), "the file holds no routes");
  expect_refusal(line("{\"step\": 0, \"layer\": 0, \"top_indices\": [1]}\n{\"step\": 0}"),
                 "line 2: the key \"layer\" is missing");
  expect_refusal(line("[1]"), "line 1: expected an object, got [1]");
  expect_refusal(line("{\"step\": 0"), "line 1: ");
  expect_refusal(line("{\"step\": -1, \"layer\": 0, \"top_indices\": [1]}"), "line 1: /step: expected a whole number");
  expect_refusal(line("{\"step\": 0, \"layer\": 0.5, \"top_indices\": [1]}"), "line 1: /layer: ");
  expect_refusal(line("{\"step\": 0, \"layer\": 0, \"top_indices\": 3}"), "line 1: /top_indices: expected a list");
  expect_refusal(line("{\"step\": 0, \"layer\": 0, \"top_indices\": [1, [2]]}"), "line 1: /top_indices/1: ");
  expect_refusal(line("{\"step\": 0, \"layer\": 0, \"top_indices\": [[1], 2]}"), "line 1: /top_indices/1: ");
  expect_refusal(line("{\"step\": 0, \"layer\": 0, \"top_indices\": [1, 1]}"), "does not go to already, got 1");
  expect_refusal(line("{\"step\": 0, \"layer\": 0, \"top_indices\": [100000]}"), "of at most 99999, got 100000");
  expect_refusal(refusal("routing-jsonl", "{\"step\": 0, \"layer\": 0, \"top_indices\": [1]}", with({{"step", "4"}})),
                 "Maybe other steps are meant");
}

TEST(ReadMicrosteps, PlansAreNotWrittenForEngines) {
  const common::Document step = document_of(R"({"plimsoll": 1, "problem": "experts",
    "model": {"layers": 1, "experts": 1}, "cluster": {"nodes": 1, "devices_per_node": 1, "slots": 1},
    "microsteps": [[[1]]]})");
  expect_refusal(refusal_of([&] { conversions()->write("trtllm", step, support::parse("{}"), {}); }),
                 "plans with micro-steps are not written for trtllm");
}

}  // namespace
}  // namespace plimsoll::experts
