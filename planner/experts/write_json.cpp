#include <algorithm>

#include "planner/experts/json.hpp"

namespace plimsoll::experts {

namespace {

using support::Writer;

template <class T>
void write_table(Writer& writer, std::string_view key, const Matrix<T>& table) {
  writer.key(key).begin_array();
  for (std::size_t row = 0; row < table.rows(); ++row) writer.line(table.row(row));
  writer.end_array();
}

// Leaves out what is at its default.
template <class T>
void write_unless(Writer& writer, std::string_view key, const T& value, const T& fallback) {
  if (value != fallback) writer.key(key).value(value);
}

template <class T>
bool all_are(const std::vector<T>& values, const T& value) {
  return std::all_of(values.begin(), values.end(), [&](const T& other) { return other == value; });
}

void write_model(Writer& writer, const ExpertModel& model) {
  writer.key("model").begin_object().key("layers").value(model.layers).key("experts").value(model.experts);
  write_unless(writer, "groups", model.groups, 1);
  write_unless(writer, "top_k", model.top_k, 0);
  write_unless(writer, "expert_bytes", model.expert_bytes, 0.0);
  write_unless(writer, "gradient_bytes", model.gradient_bytes, 0.0);
  write_unless(writer, "dispatch_token_bytes", model.dispatch_token_bytes, 0.0);
  write_unless(writer, "combine_token_bytes", model.combine_token_bytes, 0.0);
  writer.end_object();
}

void write_cluster(Writer& writer, const Cluster& cluster) {
  writer.key("cluster").begin_object().key("nodes").value(cluster.nodes);
  writer.key("devices_per_node").value(cluster.devices_per_node).key("slots");
  if (!cluster.slots.empty() && cluster.slots.front() >= 1 && all_are(cluster.slots, cluster.slots.front())) {
    writer.value(cluster.slots.front());
  } else {
    writer.line(cluster.slots);
  }
  if (!all_are(cluster.speed, 1.0)) writer.key("speed").line(cluster.speed);
  if (!cluster.dead.empty()) writer.key("dead").line(cluster.dead);
  if (cluster.memory_bytes) writer.key("memory_bytes").value(*cluster.memory_bytes);
  write_unless(writer, "duplicates", cluster.duplicates, true);
  write_unless(writer, "fill_slots", cluster.fill_slots, true);
  if (cluster.link) {
    writer.key("link").begin_object();
    write_unless(writer, "intra_bytes_per_second", cluster.link->intra_bytes_per_second, 0.0);
    write_unless(writer, "nic_bytes_per_second", cluster.link->nic_bytes_per_second, 0.0);
    write_unless(writer, "host_bytes_per_second", cluster.link->host_bytes_per_second, 0.0);
    write_unless(writer, "latency_seconds", cluster.link->latency_seconds, 0.0);
    writer.end_object();
  }
  if (!cluster.nic_of_device.empty()) writer.key("nic_of_device").line(cluster.nic_of_device);
  writer.end_object();
}

void write_cost(Writer& writer, const ExpertCost& cost) {
  const ExpertCost fallback;
  if (cost.token_seconds == fallback.token_seconds && cost.replica_seconds == fallback.replica_seconds &&
      cost.tile_tokens == fallback.tile_tokens && cost.expert_seconds.empty() &&
      cost.other_seconds == fallback.other_seconds) {
    return;
  }
  writer.key("cost").begin_object();
  write_unless(writer, "token_seconds", cost.token_seconds, fallback.token_seconds);
  write_unless(writer, "replica_seconds", cost.replica_seconds, fallback.replica_seconds);
  write_unless(writer, "tile_tokens", cost.tile_tokens, fallback.tile_tokens);
  if (!cost.expert_seconds.empty()) {
    writer.key("expert_seconds").begin_array();
    for (const ExpertCost::Point& point : cost.expert_seconds) {
      writer.line(std::initializer_list<double>{point.tokens, point.seconds});
    }
    writer.end_array();
  }
  write_unless(writer, "other_seconds", cost.other_seconds, fallback.other_seconds);
  writer.end_object();
}

}  // namespace

std::string write_instance(const ExpertInstance& instance) {
  Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("problem").value("experts");
  write_unless<std::string>(writer, "name", instance.name, "");
  write_model(writer, instance.model);
  write_cluster(writer, instance.cluster);
  write_cost(writer, instance.cost);
  if (instance.dispatch == Dispatch::even) writer.key("dispatch").value("even");
  write_table(writer, "load", instance.load);
  write_unless(writer, "keep_groups_on_a_node", instance.keep_groups_on_a_node, false);
  if (instance.placement) write_table(writer, "placement", *instance.placement);
  const ExpertLimits& limits = instance.limits;
  if (limits.max_moves || limits.max_moves_per_device) {
    writer.key("limits").begin_object();
    if (limits.max_moves) writer.key("max_moves").value(*limits.max_moves);
    if (limits.max_moves_per_device) writer.key("max_moves_per_device").value(*limits.max_moves_per_device);
    writer.end_object();
  }
  write_unless(writer, "move_seconds", instance.move_seconds, 0.0);
  return writer.end_object().take();
}

std::string write_plan_object(const ExpertPlan& plan) {
  Writer writer;
  writer.begin_object();
  write_table(writer, "slots", plan.slots);
  write_table(writer, "shares", plan.shares);
  if (!plan.tokens.empty()) write_table(writer, "tokens", plan.tokens);
  return writer.end_object().take();
}

std::string write_metrics(const ExpertMetrics& metrics) {
  Writer writer;
  writer.begin_object().key("imbalance").value(metrics.imbalance);
  writer.key("worst_imbalance").value(metrics.worst_imbalance).key("moves").value(metrics.moves);
  return writer.key("moved_bytes").value(metrics.moved_bytes).end_object().take();
}

}  // namespace plimsoll::experts
