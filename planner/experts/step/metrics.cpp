#include <array>
#include <limits>

#include "planner/experts/step/json.hpp"

namespace plimsoll::experts::step {
namespace {

enum class Kind { any, positive, whole };

struct Key {
  std::string_view name;
  Kind kind;
  double (*value)(const StepMetrics&);
};

constexpr std::array<Key, 9> keys = {{
    {"imbalance", Kind::any, [](const StepMetrics& metrics) { return metrics.imbalance; }},
    {"worst_imbalance", Kind::any, [](const StepMetrics& metrics) { return metrics.worst_imbalance; }},
    {"moves", Kind::whole, [](const StepMetrics& metrics) { return static_cast<double>(metrics.moves); }},
    {"moved_bytes", Kind::positive, [](const StepMetrics& metrics) { return metrics.moved_bytes; }},
    {"transfers", Kind::whole, [](const StepMetrics& metrics) { return static_cast<double>(metrics.transfers); }},
    {"transferred_bytes", Kind::positive, [](const StepMetrics& metrics) { return metrics.transferred_bytes; }},
    {"expert_seconds", Kind::positive, [](const StepMetrics& metrics) { return metrics.expert_seconds; }},
    {"exposed_seconds", Kind::positive, [](const StepMetrics& metrics) { return metrics.exposed_seconds; }},
    {"step_seconds", Kind::positive, [](const StepMetrics& metrics) { return metrics.step_seconds; }},
}};

}  // namespace

std::string write_metrics(const StepMetrics& metrics) {
  support::Writer writer;
  writer.begin_object();
  for (const Key& key : keys) {
    writer.key(key.name);
    if (key.kind == Kind::whole) {
      writer.value(static_cast<std::int64_t>(key.value(metrics)));
    } else {
      writer.value(key.value(metrics));
    }
  }
  return writer.end_object().take();
}

std::vector<ClaimedMetric> read_metrics(const support::Json& plan_file, const StepMetrics& metrics) {
  constexpr double kMost = std::numeric_limits<double>::max();
  std::vector<ClaimedMetric> claims;
  const support::Json* json = plan_file.find("metrics");
  if (json == nullptr || json->is_null()) return claims;
  support::Reader place(*json, "/metrics");
  for (const Key& key : keys) {
    ClaimedMetric claim{key.name, std::nullopt, key.value(metrics)};
    if (const auto value = place.optional_member(key.name)) {
      claim.claimed = key.kind == Kind::whole
                          ? static_cast<double>(value->integer(0, std::numeric_limits<std::int64_t>::max()))
                          : value->number(key.kind == Kind::any ? -kMost : 0, kMost);
    }
    claims.push_back(claim);
  }
  place.done();
  return claims;
}

}  // namespace plimsoll::experts::step
