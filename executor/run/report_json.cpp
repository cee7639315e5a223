#include "executor/run/report_json.hpp"

#include "support/json.hpp"

namespace plimsoll::executor {
namespace {

using support::Writer;

void write_facts(Writer& writer, const RunFacts& facts, const RunPlan& plan, const ModelShape& shape) {
  writer.key("instance").value(facts.instance).key("shape").value(shape.name);
  writer.key("width").value(shape.expert.width).key("inner").value(shape.expert.inner);
  writer.key("type").value(name_of(shape.type)).key("isa").value(facts.isa);
  writer.key("devices").value(plan.devices).key("threads").value(facts.threads).key("seats").value(facts.seats);
  writer.key("machine").value(facts.machine).key("command").value(facts.command);
}

void write_transfers(Writer& writer, const TransferSummary& summary, const TransferTotals& totals) {
  writer.key("transfers").begin_object();
  writer.key("count").value(static_cast<std::int64_t>(summary.count)).key("bytes").value(totals.bytes);
  writer.key("planned_seconds")
      .value(summary.planned_seconds)
      .key("planned_exposed_seconds")
      .value(summary.planned_exposed);
  writer.key("waited_seconds").value(summary.waited);
  writer.key("planned_hidden").value(summary.planned_hidden()).key("hidden").value(summary.hidden());
  writer.key("late").value(static_cast<std::int64_t>(summary.late)).key("latest_seconds").value(summary.latest);
  writer.key("copy_seconds").value(totals.copy_seconds).key("cpu_seconds").value(totals.cpu_seconds);
  writer.end_object();
}

void write_attention(Writer& writer, const AttentionFacts& facts, const RunSummary& summary) {
  const AttentionLayerShape& shape = facts.shape;
  writer.key("attention").begin_object();
  writer.key("kind").value(shape.sparse ? "msa" : "dense").key("context").value(facts.request.context);
  writer.key("sequences").value(facts.sequences).key("shared_context").value(facts.request.shared_context);
  writer.key("query_heads").value(shape.attention.query_heads).key("groups").value(shape.attention.groups);
  writer.key("head_size").value(shape.attention.head_size);
  writer.key("weight_bytes").value(facts.weight_bytes).key("cache_bytes").value(facts.cache_bytes);
  writer.key("seconds").value(summary.attention_seconds);
  if (shape.sparse) {
    const bool inside = shape.selection.local == Selection::Local::inside;
    writer.key("index").begin_object();
    writer.key("form").value(name_of(shape.form)).key("index_size").value(shape.attention.index_size);
    writer.key("blocks").value(shape.selection.blocks);
    writer.key("selection").value(shape.selection.per_group ? "per-group" : "global");
    writer.key("local").value(inside ? "inside" : "beside");
    writer.key("exact_bytes").value(summary.index_traffic.exact_bytes);
    writer.key("quantised_bytes").value(summary.index_traffic.quantised_bytes);
    writer.key("bound_bytes").value(summary.index_traffic.bound_bytes);
    writer.key("rescored_blocks").value(summary.index_traffic.rescored).end_object();
  }
  writer.end_object();
}

void write_parts(Writer& writer, const RunSummary& summary) {
  const double all = summary.window_seconds + summary.attention_seconds;
  writer.key("parts").begin_array();
  for (const LayerPart& part : summary.parts) {
    writer.begin_flat_object().key("part").value(part.name).key("seconds").value(part.seconds);
    writer.key("share").value(all > 0 ? part.seconds / all : 0);
    if (part.flops > 0) writer.key("flops").value(part.flops);
    if (part.bytes > 0) writer.key("bytes").value(part.bytes);
    writer.end_object();
  }
  writer.end_array();
}

void write_part_seconds(Writer& writer, const WindowTimes& times) {
  writer.key("attention_seconds").value(times.attention.seconds);
  writer.key("part_seconds").begin_flat_object();
  const std::array<double, layer_part_count> seconds = seconds_of_parts(times);
  for (std::size_t part = 0; part < layer_part_count; ++part) {
    if (seconds[part] > 0) writer.key(name_of_part(part)).value(seconds[part]);
  }
  writer.end_object();
}

void write_window(Writer& writer, const Window& window, const WindowTimes& times, bool attention,
                  const std::vector<double>* predicted) {
  writer.begin_object();
  writer.key("microstep").value(window.microstep).key("layer").value(window.layer);
  writer.key("start_seconds").value(times.start).key("seconds").value(times.seconds);
  writer.key("waited_seconds").value(times.waited).key("expert_seconds").value(times.expert_seconds);
  if (attention) write_part_seconds(writer, times);
  writer.key("device_seconds").line(times.device_seconds);
  if (predicted != nullptr) writer.key("predicted_device_seconds").line(*predicted);
  if (!times.counts.empty()) writer.key("counts").line(times.counts);
  writer.end_object();
}

}  // namespace

std::string report_json(const RunFacts& facts, const RunPlan& plan, const ModelShape& shape, std::size_t expert_bytes,
                        const RunResult& result, const RunResult* control) {
  const RunSummary summary = summarise(plan, result, shape, expert_bytes, facts.seats);
  Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("report").value("run");
  write_facts(writer, facts, plan, shape);
  writer.key("complete").value(result.complete);
  writer.key("output_sha256").value(result.output_sha256).key("verified").value(facts.verified);
  writer.key("other_busy").value(result.other_busy);
  writer.key("seconds").value(summary.seconds).key("expert_seconds").value(summary.expert_seconds);
  writer.key("flops").value(summary.flops).key("weight_bytes").value(summary.weight_bytes);
  writer.key("device_busy_seconds").line(summary.device_busy);
  writer.key("imbalance").begin_flat_object();
  writer.key("measured")
      .value(summary.imbalance_measured)
      .key("predicted")
      .value(summary.imbalance_predicted)
      .end_object();
  if (facts.predicted_in_seconds) {
    writer.key("prediction").begin_object();
    writer.key("expert_seconds").value(summary.predicted_seconds);
    writer.key("busiest_device_seconds").value(summary.busiest_predicted);
    writer.key("measured_busiest_device_seconds").value(summary.busiest_measured);
    writer.key("device_windows").value(static_cast<std::int64_t>(summary.error.count));
    writer.key("median_error").value(summary.error.median).key("p95_error").value(summary.error.p95);
    writer.key("worst_error").value(summary.error.worst).end_object();
  }
  if (!plan.transfers.empty()) write_transfers(writer, summary.transfers, result.totals);
  if (facts.attention) write_attention(writer, *facts.attention, summary);
  write_parts(writer, summary);
  if (plan.backward_windows > 0) writer.key("backward_windows_left_out").value(plan.backward_windows);
  if (control != nullptr) {
    writer.key("preloaded").begin_flat_object().key("seconds").value(control->seconds);
    writer.key("same_output").value(control->output_sha256 == result.output_sha256).end_object();
  }
  writer.key("windows").begin_array();
  for (std::size_t w = 0; w < result.windows.size(); ++w) {
    const auto* predicted = facts.predicted_in_seconds ? &plan.prediction.device_seconds[w] : nullptr;
    write_window(writer, plan.windows[w], result.windows[w], facts.attention.has_value(), predicted);
  }
  writer.end_array().end_object();
  return writer.take();
}

}  // namespace plimsoll::executor
