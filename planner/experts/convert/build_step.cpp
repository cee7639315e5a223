#include "planner/experts/convert/build_step.hpp"

#include "planner/experts/convert/fit_layers.hpp"
#include "planner/experts/convert/json_tree.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

using support::Json;

Json array_of(Json::Array elements) { return Json(Json::Value(std::move(elements))); }

Json tables_of(const std::vector<Matrix<double>>& tables) {
  Json::Array elements;
  for (const Matrix<double>& table : tables) elements.push_back(json_of(table));
  return array_of(std::move(elements));
}

std::vector<std::int64_t> wide(const std::vector<int>& numbers) { return {numbers.begin(), numbers.end()}; }

Json routes_of(const StepCommunication& routes, std::size_t layers) {
  const auto k = static_cast<std::size_t>(routes.routes_per_token);
  Json::Array tokens;
  for (std::size_t token = 0; token < routes.route_source.size(); ++token) {
    const auto first = routes.routes.begin() + static_cast<std::ptrdiff_t>(token * layers * k);
    tokens.push_back(
        json_of(Matrix<int>(layers, k, std::vector<int>(first, first + static_cast<std::ptrdiff_t>(layers * k)))));
  }
  Json json{Json::Value(Json::Object{})};
  json = with_member(json, "routes", array_of(std::move(tokens)));
  json = with_member(json, "route_source", json_of(wide(routes.route_source)));
  return with_member(json, "route_microstep", json_of(wide(routes.route_microstep)));
}

std::size_t devices_of(const Json& json) {
  support::Reader root(json);
  support::Reader cluster = root.member("cluster");
  return static_cast<std::size_t>(cluster.member("nodes").integer(1, 1'000'000) *
                                  cluster.member("devices_per_node").integer(1, 1'000'000));
}

// Sources of all devices, where the file names those alone that tokens come from.
void fit_devices(Foreign& foreign, std::size_t devices) {
  const std::size_t known = foreign.sources.front().front().rows();
  if (known > devices || (foreign.devices && known != devices)) {
    throw Error(ErrorCode::input, "the file has tokens of " + count_of(known, "device") + ", the instance has " +
                                      std::to_string(devices));
  }
  check_foreign_cells("the table of micro-steps, layers, devices and experts",
                      {foreign.sources.size(), foreign.layers.size(), devices, foreign.load->columns()});
  for (std::vector<Matrix<double>>& layers : foreign.sources) {
    for (Matrix<double>& table : layers) {
      std::vector<double> all = table.data();
      all.resize(devices * table.columns(), 0.0);
      table = Matrix<double>(devices, table.columns(), std::move(all));
    }
  }
}

Json with_transient_slots(Json json, const ConvertOptions& options) {
  const auto each = options.whole("transient-slots", 0, most_foreign_cells);
  const auto pool = options.whole("transient-pool-slots", 0, most_foreign_cells);
  if (each && pool) {
    throw Error(ErrorCode::usage, "only one of --transient-slots and --transient-pool-slots can be given");
  }
  if (!each && !pool) return json;
  const Json* before = json.find("limits");
  Json limits = before != nullptr && before->object() != nullptr ? *before : Json(Json::Value(Json::Object{}));
  limits = without_member(without_member(limits, "transient_slots"), "transient_pool_slots");
  limits =
      with_member(limits, each ? "transient_slots" : "transient_pool_slots", Json(Json::Value(each ? *each : *pool)));
  return with_member(json, "limits", limits);
}

// What speaks of micro-steps that are no longer there.
Json without_the_former(Json json, std::size_t microsteps, std::vector<std::string>& notes) {
  for (const char* key : {"sources", "communication"}) {
    if (json.find(key) == nullptr) continue;
    notes.push_back("\"" + std::string(key) + "\" of the instance goes: it belongs to other micro-steps");
    json = without_member(json, key);
  }
  const Json* former = json.find("microsteps");
  const bool fits = former == nullptr || (former->array() != nullptr && former->array()->size() == microsteps);
  if (json.find("schedule") != nullptr && !fits) {
    notes.emplace_back("\"schedule\" of the instance goes: it has another number of micro-steps");
    json = without_member(json, "schedule");
  }
  return json;
}

}  // namespace

Json with_microsteps(Json json, Foreign& foreign, const ConvertOptions& options, std::vector<std::string>& notes) {
  json = without_the_former(std::move(json), foreign.microsteps.size(), notes);
  json = with_renamed(json, "load", "microsteps");
  json = with_member(json, "microsteps", tables_of(foreign.microsteps));
  json = with_transient_slots(std::move(json), options);
  if (foreign.sources.empty()) return json;
  fit_devices(foreign, devices_of(json));
  Json::Array sources;
  for (const std::vector<Matrix<double>>& layers : foreign.sources) sources.push_back(tables_of(layers));
  json = with_member(json, "sources", array_of(std::move(sources)));
  if (foreign.communication.routes.empty()) return json;
  return with_member(json, "communication", routes_of(foreign.communication, foreign.layers.size()));
}

}  // namespace plimsoll::experts
