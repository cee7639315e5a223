#include "cli/run_text.hpp"

#include <utility>
#include <vector>

#include "cli/summary.hpp"
#include "cli/terminal.hpp"
#include "support/table.hpp"

namespace plimsoll::cli {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string seconds(double value) { return readable(value, 4) + " s"; }

std::string in_order(const executor::RunFacts& facts, const executor::RunPlan& plan) {
  std::string text = std::to_string(plan.devices) + " devices on " + std::to_string(facts.threads) + " threads";
  if (facts.seats < plan.devices) text += ", " + std::to_string(facts.seats) + " at a time";
  return text;
}

void add_prediction(const executor::RunFacts& facts, const executor::RunSummary& summary, Lines& lines) {
  if (!facts.predicted_in_seconds) {
    lines.emplace_back("imbalance", readable(summary.imbalance_measured, 4) + " measured, " +
                                        readable(summary.imbalance_predicted, 4) +
                                        " predicted (seconds need --cost, see plimsoll calibrate)");
    return;
  }
  lines.emplace_back(
      "experts", seconds(summary.expert_seconds) + " measured, " + seconds(summary.predicted_seconds) + " predicted");
  lines.emplace_back("busiest device", seconds(summary.busiest_measured) + " measured, " +
                                           seconds(summary.busiest_predicted) + " predicted, summed over windows");
  lines.emplace_back("imbalance", readable(summary.imbalance_measured, 4) + " measured, " +
                                      readable(summary.imbalance_predicted, 4) + " predicted");
  lines.emplace_back("prediction error", percent(summary.error.median) + " median, " + percent(summary.error.p95) +
                                             " 95th percentile, of " + std::to_string(summary.error.count) +
                                             " device times");
}

void add_transfers(const executor::RunResult& result, const executor::RunResult* control,
                   const executor::TransferSummary& transfers, Lines& lines) {
  if (transfers.count == 0) return;
  lines.emplace_back("transfers", std::to_string(transfers.count) + " (" +
                                      readable(static_cast<double>(result.totals.bytes) / 1e9, 4) + " GB), " +
                                      seconds(transfers.planned_seconds) + " on the links as planned");
  lines.emplace_back("hidden", percent(transfers.hidden()) + " measured, " + percent(transfers.planned_hidden()) +
                                   " planned; " + seconds(transfers.waited) + " waited, " +
                                   seconds(transfers.planned_exposed) + " planned");
  if (transfers.late > 0) {
    lines.emplace_back("late",
                       std::to_string(transfers.late) + " transfers, the latest by " + seconds(transfers.latest));
  }
  lines.emplace_back("copies took", seconds(result.totals.cpu_seconds) + " of processor time");
  if (control != nullptr && control->seconds > 0) {
    lines.emplace_back("preloaded", seconds(control->seconds) + " without any transfer: with them " +
                                        percent(result.seconds / control->seconds - 1) + " more");
  }
}

void add_attention(const executor::AttentionFacts& facts, const executor::RunSummary& summary, Lines& lines) {
  const executor::AttentionLayerShape& shape = facts.shape;
  std::string kind = "dense";
  if (shape.sparse) {
    kind = "msa, " + std::to_string(shape.selection.blocks) + " blocks, " + std::string(executor::name_of(shape.form)) +
           " index";
  }
  lines.emplace_back("attention", kind + ", " + std::to_string(shape.attention.query_heads) + " heads in " +
                                      std::to_string(shape.attention.groups) + " groups; " +
                                      std::to_string(facts.sequences) + " sequences behind " +
                                      std::to_string(facts.request.context) + " tokens" +
                                      (facts.request.shared_context ? " that they share" : "") + ", " +
                                      readable(static_cast<double>(facts.cache_bytes) / 1e9, 4) + " GB of cache");
  lines.emplace_back("", seconds(summary.attention_seconds) + " beside " + seconds(summary.window_seconds) +
                             " of the windows that the plan knows");
}

// Parts of whole layers.
std::string parts_text(const executor::RunSummary& summary) {
  const double all = summary.window_seconds + summary.attention_seconds;
  const auto rate = [](double count, double over) { return count > 0 ? readable(count / over / 1e9, 4) : "-"; };
  support::Table table;
  table.columns = {{"part", false}, {"ms"}, {"of the layers"}, {"GFLOP/s"}, {"GB/s"}};
  for (const executor::LayerPart& part : summary.parts) {
    table.rows.push_back({{std::string(part.name)},
                          {readable(part.seconds * 1e3, 4)},
                          {percent(part.seconds / all)},
                          {rate(part.flops, part.seconds)},
                          {rate(part.bytes, part.seconds)}});
  }
  return to_text(table);
}

}  // namespace

std::string run_text(const executor::RunFacts& facts, const executor::RunPlan& plan, const executor::ModelShape& shape,
                     std::size_t expert_bytes, const executor::RunResult& result, const executor::RunResult* control) {
  const executor::RunSummary summary = executor::summarise(plan, result, shape, expert_bytes, facts.seats);
  Lines lines;
  lines.emplace_back("shape", shape.name + ", width " + std::to_string(shape.expert.width) + ", inner " +
                                  std::to_string(shape.expert.inner) + ", " +
                                  std::string(executor::name_of(shape.type)) + ", " + facts.isa);
  lines.emplace_back("ran", in_order(facts, plan) + ", " + std::to_string(result.windows.size()) + " of " +
                                std::to_string(plan.windows.size()) + " windows");
  if (plan.backward_windows > 0) {
    lines.emplace_back("left out",
                       std::to_string(plan.backward_windows) + " backward windows: only forward passes are run");
  }
  std::string time = seconds(summary.seconds);
  if (summary.expert_seconds > 0) {
    time += ", experts " + seconds(summary.expert_seconds) + " (" +
            readable(summary.flops / summary.expert_seconds / 1e9, 4) + " GFLOP/s, " +
            readable(summary.weight_bytes / summary.expert_seconds / 1e9, 4) + " GB/s of weights)";
  }
  lines.emplace_back("time", time);
  if (facts.attention) add_attention(*facts.attention, summary, lines);
  add_prediction(facts, summary, lines);
  add_transfers(result, control, summary.transfers, lines);
  if (result.other_busy >= 0) {
    lines.emplace_back("machine", "busy with other things for " + percent(result.other_busy) + " of its time");
  }
  if (result.complete) {  // else its output is a part, and no other run has the same
    lines.emplace_back("output",
                       result.output_sha256.substr(0, 16) + (facts.verified ? ", equal to that without a plan" : ""));
  }
  return aligned(lines) + (facts.attention && !summary.parts.empty() ? "\n" + parts_text(summary) : "");
}

}  // namespace plimsoll::cli
