#include "planner/experts/write_parts.hpp"

#include <algorithm>

namespace plimsoll::experts {

namespace {

using support::Writer;

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

}  // namespace

void write_head(Writer& writer, const ExpertInstance& instance) {
  writer.key("plimsoll").value(1).key("problem").value("experts");
  write_unless<std::string>(writer, "name", instance.name, "");
  write_model(writer, instance.model);
  write_cluster(writer, instance.cluster);
}

void write_cost(Writer& writer, const ExpertCost& cost, std::optional<double> backward_ratio) {
  const ExpertCost fallback;
  if (cost.token_seconds == fallback.token_seconds && cost.replica_seconds == fallback.replica_seconds &&
      cost.tile_tokens == fallback.tile_tokens && cost.expert_seconds.empty() &&
      cost.other_seconds == fallback.other_seconds && !backward_ratio) {
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
  if (backward_ratio) writer.key("backward_ratio").value(*backward_ratio);
  writer.end_object();
}

void write_dispatch(Writer& writer, Dispatch dispatch) {
  if (dispatch == Dispatch::even) writer.key("dispatch").value("even");
}

void write_groups_and_placement(Writer& writer, const ExpertInstance& instance) {
  write_unless(writer, "keep_groups_on_a_node", instance.keep_groups_on_a_node, false);
  if (instance.placement) write_table(writer, "placement", *instance.placement);
}

void write_move_limits(Writer& writer, const ExpertLimits& limits) {
  if (limits.max_moves) writer.key("max_moves").value(*limits.max_moves);
  if (limits.max_moves_per_device) writer.key("max_moves_per_device").value(*limits.max_moves_per_device);
}

void write_slots_and_shares(Writer& writer, const ExpertPlan& plan) {
  write_table(writer, "slots", plan.slots);
  write_table(writer, "shares", plan.shares);
  if (!plan.tokens.empty()) write_table(writer, "tokens", plan.tokens);
}

}  // namespace plimsoll::experts
