#include "planner/experts/measured_cost.hpp"

#include <algorithm>
#include <utility>

#include "planner/experts/read_parts.hpp"

namespace plimsoll::experts {
namespace {

using support::Json;
using support::Reader;

constexpr double kMostBytes = 1e30;

struct Measured {
  ExpertCost cost;
  double expert_bytes = 0;
  const Json* link = nullptr;
};

Measured read(const common::Document& document) {
  Reader root(document.json);
  if (document.json.object() == nullptr || document.json.find("measured") == nullptr) {
    root.fail("a measured cost, an object with the key \"measured\"",
              "Maybe make one: plimsoll calibrate --model SHAPE -o cost.json.");
  }
  static_cast<void>(root.member("plimsoll").integer(1, 1));
  static_cast<void>(root.member("measured").text());
  Measured measured;
  Reader cost = root.member("cost");
  measured.cost = read_cost(cost);
  cost.done();
  if (measured.cost.expert_seconds.empty()) cost.fail("an object with the key \"expert_seconds\"");
  measured.expert_bytes = root.member("expert_bytes").number(0, kMostBytes);
  if (auto link = root.optional_member("link")) {
    measured.link = &link->json();
    for (const char* key :
         {"intra_bytes_per_second", "nic_bytes_per_second", "host_bytes_per_second", "latency_seconds"}) {
      if (const auto value = link->optional_member(key)) static_cast<void>(value->number(0, kMostBytes));
    }
    link->done();
  }
  const auto shared = root.optional_member("shared_bytes_per_second");
  const auto at_once = root.optional_member("devices_at_once");
  if (const auto threads = root.optional_member("threads_of_a_device")) {
    static_cast<void>(threads->integer(1, 1'000'000));
  }
  root.done();
  const double bus = shared ? shared->number(0, kMostBytes) : 0;
  const double sharing = at_once ? static_cast<double>(at_once->integer(1, 1'000'000)) : 1;
  if (bus > 0) {
    for (ExpertCost::Point& point : measured.cost.expert_seconds) {
      if (point.tokens > 0) point.seconds = std::max(point.seconds, measured.expert_bytes * sharing / bus);
    }
  }
  return measured;
}

// The member of an object, made where it is missing.
Json& member(Json::Object& object, const std::string& key) {
  for (auto& [name, value] : object) {
    if (name == key) return value;
  }
  return object.emplace_back(key, Json()).second;
}

double number_of(const Json* json) {
  if (json == nullptr) return 0;
  if (const auto* whole = std::get_if<std::int64_t>(&json->value())) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(&json->value());
  return real == nullptr ? 0 : *real;
}

Json cost_as_json(const ExpertCost& cost, const Json* before) {
  Json::Array points;
  for (const ExpertCost::Point& point : cost.expert_seconds) {
    points.emplace_back(Json::Array{Json(point.tokens), Json(point.seconds)});
  }
  Json::Object object{{"token_seconds", Json(cost.token_seconds)},
                      {"other_seconds", Json(cost.other_seconds)},
                      {"expert_seconds", Json(std::move(points))}};
  const Json* ratio = before == nullptr ? nullptr : before->find("backward_ratio");
  if (ratio != nullptr) object.emplace_back("backward_ratio", *ratio);
  return Json(std::move(object));
}

// A copy; reading the instance afterwards takes longer than copying its tables.
Json::Object taken(Json& json) {
  const Json::Object* object = json.object();
  return object == nullptr ? Json::Object{} : *object;
}

}  // namespace

common::Document with_measured_cost(common::Document instance, const common::Document& measured_file) {
  const Measured measured = read(measured_file);
  instance.text += measured_file.text;
  if (instance.json.object() == nullptr) return instance;  // its own reader says what is wrong
  Json::Object root = taken(instance.json);
  Json& cost = member(root, "cost");
  cost = cost_as_json(measured.cost, cost.object() == nullptr ? nullptr : &cost);
  if (instance.json.find("model") != nullptr && instance.json.find("cluster") != nullptr) {
    Json& model = member(root, "model");
    const double before = number_of(model.find("expert_bytes"));
    Json::Object object = taken(model);
    member(object, "expert_bytes") = Json(measured.expert_bytes);
    if (model.object() != nullptr) model = Json(std::move(object));
    Json& cluster = member(root, "cluster");
    const double memory = number_of(cluster.find("memory_bytes"));
    Json::Object parts = taken(cluster);
    if (memory > 0 && before > 0) member(parts, "memory_bytes") = Json(memory / before * measured.expert_bytes);
    if (measured.link != nullptr && cluster.find("link") != nullptr) member(parts, "link") = *measured.link;
    if (cluster.object() != nullptr) cluster = Json(std::move(parts));
  }
  instance.json = Json(std::move(root));
  return instance;
}

}  // namespace plimsoll::experts
