#include "planner/experts/measured_cost.hpp"

#include <gtest/gtest.h>

#include <string>

#include "planner/experts/json.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

common::Document document_of(const std::string& text) {
  common::Document document;
  document.source = "-";
  document.text = text;
  document.json = support::parse(text);
  return document;
}

// Two experts on two devices with a memory of four experts.
std::string instance_text(const std::string& more = {}) {
  return R"({"plimsoll": 1, "problem": "experts", "name": "small",
    "model": {"layers": 2, "experts": 2, "expert_bytes": 1000},
    "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 2, "memory_bytes": 4000,
                "link": {"intra_bytes_per_second": 1, "host_bytes_per_second": 2}},
    "cost": {"token_seconds": 0.5, "replica_seconds": 3, "tile_tokens": 16})" +
         more + R"(, "load": [[10, 20], [30, 40]]})";
}

// As `plimsoll calibrate` writes it.
std::string cost_text(const std::string& more = {}) {
  return R"({"plimsoll": 1, "measured": "tiny", "x-machine": "a machine", "x-command": "plimsoll calibrate",
    "cost": {"token_seconds": 0.001, "other_seconds": 0.25, "expert_seconds": [[0, 0], [1, 0.5], [100, 2]]},
    "expert_bytes": 500)" +
         more + "}";
}

ExpertInstance merged(const std::string& instance, const std::string& cost) {
  return read_instance(with_measured_cost(document_of(instance), document_of(cost)));
}

TEST(MeasuredCost, ReplacesTheCost) {
  const ExpertInstance instance = merged(instance_text(), cost_text());
  EXPECT_EQ(instance.cost.token_seconds, 0.001);
  EXPECT_EQ(instance.cost.other_seconds, 0.25);
  EXPECT_EQ(instance.cost.replica_seconds, 0);
  EXPECT_EQ(instance.cost.tile_tokens, 0);
  ASSERT_EQ(instance.cost.expert_seconds.size(), 3U);
  EXPECT_EQ(instance.cost.expert_seconds[1], (ExpertCost::Point{1, 0.5}));
  EXPECT_EQ(instance.cost.expert_seconds[2], (ExpertCost::Point{100, 2}));
  // Everything else is the instance's.
  const ExpertInstance before = read_instance(document_of(instance_text()));
  EXPECT_EQ(instance.name, before.name);
  EXPECT_EQ(instance.load, before.load);
  EXPECT_EQ(instance.cluster.slots, before.cluster.slots);
}

TEST(MeasuredCost, MemoryGoesWithTheBytesOfAnExpert) {
  const ExpertInstance instance = merged(instance_text(), cost_text());
  EXPECT_EQ(instance.model.expert_bytes, 500);
  ASSERT_TRUE(instance.cluster.memory_bytes.has_value());
  EXPECT_EQ(*instance.cluster.memory_bytes, 2000);  // four experts, as before
}

TEST(MeasuredCost, LinksAreReplacedWhereBothHaveThem) {
  const std::string link =
      R"(, "link": {"intra_bytes_per_second": 7, "nic_bytes_per_second": 8, "host_bytes_per_second": 9, "latency_seconds": 1e-4})";
  const ExpertInstance instance = merged(instance_text(), cost_text(link));
  ASSERT_TRUE(instance.cluster.link.has_value());
  EXPECT_EQ(instance.cluster.link->intra_bytes_per_second, 7);
  EXPECT_EQ(instance.cluster.link->host_bytes_per_second, 9);
  EXPECT_EQ(instance.cluster.link->latency_seconds, 1e-4);
  EXPECT_EQ(merged(instance_text(), cost_text()).cluster.link->host_bytes_per_second, 2);
  const std::string without = R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 2},
    "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 2}, "load": [[10, 20]]})";
  const ExpertInstance bare = merged(without, cost_text(link));
  EXPECT_FALSE(bare.cluster.link.has_value());
  EXPECT_FALSE(bare.cluster.memory_bytes.has_value());
  EXPECT_EQ(bare.model.expert_bytes, 500);
  EXPECT_EQ(bare.cost.expert_seconds.size(), 3U);
}

// No replica with tokens takes less than its weights over its part of the memory bus.
TEST(MeasuredCost, TheSharedBusIsAFloor) {
  const auto seconds = [](const std::string& more, std::size_t point) {
    return merged(instance_text(), cost_text(more)).cost.expert_seconds[point].seconds;
  };
  const std::string bus = R"(, "shared_bytes_per_second": 1000)";
  EXPECT_EQ(seconds(bus, 1), 0.5);                              // 500 / 1000, just what was measured
  EXPECT_EQ(seconds(bus + R"(, "devices_at_once": 2)", 1), 1);  // two share the bus
  EXPECT_EQ(seconds(bus + R"(, "devices_at_once": 2)", 2), 2);  // above the floor already
  EXPECT_EQ(seconds(bus + R"(, "devices_at_once": 8)", 2), 4);
  EXPECT_EQ(seconds(bus + R"(, "devices_at_once": 8)", 0), 0);  // no tokens, no weights
  EXPECT_EQ(seconds(R"(, "devices_at_once": 8)", 1), 0.5);      // no bus, no floor
  EXPECT_EQ(seconds(R"(, "shared_bytes_per_second": 0, "devices_at_once": 8)", 1), 0.5);
}

TEST(MeasuredCost, BackwardRatioStays) {
  const std::string text = R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 2},
    "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 2}, "cost": {"backward_ratio": 3},
    "load": [[10, 20]]})";
  const common::Document document = with_measured_cost(document_of(text), document_of(cost_text()));
  const support::Json* ratio = document.json.find("cost")->find("backward_ratio");
  ASSERT_NE(ratio, nullptr);
  EXPECT_EQ(support::Reader(*ratio).number(0, 10), 3);
}

TEST(MeasuredCost, TheIdentityTellsCostsApart) {
  const common::Document plain = document_of(instance_text());
  const common::Document once = with_measured_cost(document_of(instance_text()), document_of(cost_text()));
  const common::Document other =
      with_measured_cost(document_of(instance_text()), document_of(cost_text(R"(, "devices_at_once": 2)")));
  EXPECT_NE(common::identity(plain), common::identity(once));
  EXPECT_NE(common::identity(once), common::identity(other));
  EXPECT_EQ(common::identity(once),
            common::identity(with_measured_cost(document_of(instance_text()), document_of(cost_text()))));
}

TEST(MeasuredCost, ErrorsNameTheirPlaceInTheCostFile) {
  const auto cost = [](const std::string& cost_object, const std::string& more = {}) {
    return R"({"plimsoll": 1, "measured": "tiny", "cost": )" + cost_object + R"(, "expert_bytes": 500)" + more + "}";
  };
  const std::string good = R"({"expert_seconds": [[0, 0], [1, 1]]})";
  struct Case {
    std::string text;
    std::string pointer;
  };
  for (const Case& wrong : {
           Case{"[]", ""},
           Case{"{}", ""},
           Case{R"({"plimsoll": 1, "cost": {}})", ""},
           Case{R"({"plimsoll": 2, "measured": "tiny"})", "/plimsoll"},
           Case{R"({"plimsoll": 1, "measured": 5})", "/measured"},
           Case{R"({"plimsoll": 1, "measured": "tiny"})", ""},
           Case{R"({"plimsoll": 1, "measured": "tiny", "cost": )" + good + "}", ""},
           Case{cost("[]"), "/cost"},
           Case{cost(R"({"token_seconds": 1})"), "/cost"},
           Case{cost(R"({"expert_seconds": []})"), "/cost/expert_seconds"},
           Case{cost(R"({"expert_seconds": [[0, 0], [1, 2], [2, 1]]})"), "/cost/expert_seconds/2/1"},
           Case{cost(R"({"expert_seconds": [[0, 0], [1, 2]], "else": 1})"), "/cost/else"},
           Case{cost(good, R"(, "shared_bytes_per_second": -1)"), "/shared_bytes_per_second"},
           Case{cost(good, R"(, "devices_at_once": 0)"), "/devices_at_once"},
           Case{cost(good, R"(, "threads_of_a_device": 0.5)"), "/threads_of_a_device"},
           Case{cost(good, R"(, "else": 1)"), "/else"},
           Case{cost(good, R"(, "link": 5)"), "/link"},
           Case{cost(good, R"(, "link": {"host_bytes_per_second": -5})"), "/link/host_bytes_per_second"},
           Case{cost(good, R"(, "link": {"bytes_per_second": 5})"), "/link/bytes_per_second"},
       }) {
    try {
      static_cast<void>(with_measured_cost(document_of(instance_text()), document_of(wrong.text)));
      ADD_FAILURE() << wrong.text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::input) << wrong.text;
      EXPECT_EQ(error.pointer(), wrong.pointer) << wrong.text << ": " << error.what();
    }
  }
}

// What is wrong with the instance is said when the instance is read, with the place that it has there.
TEST(MeasuredCost, ABrokenInstanceIsLeftToItsReader) {
  const auto pointer_of = [](const std::string& text) {
    const common::Document document = with_measured_cost(document_of(text), document_of(cost_text()));
    try {
      static_cast<void>(read_instance(document));
    } catch (const Error& error) {
      return error.pointer();
    }
    ADD_FAILURE() << text;
    return std::string();
  };
  EXPECT_EQ(pointer_of("[]"), "");
  EXPECT_EQ(pointer_of(R"({"plimsoll": 1, "problem": "experts", "model": 5})"), "/model");
  EXPECT_EQ(pointer_of(R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 2}, "cluster": []})"),
            "/cluster");
  // A missing one is said to be missing, at the place that lacks it.
  EXPECT_EQ(pointer_of(R"({"plimsoll": 1, "problem": "experts", "load": [[1, 2]]})"), "");
  EXPECT_EQ(pointer_of(R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 2}})"), "");
}

}  // namespace
}  // namespace plimsoll::experts
