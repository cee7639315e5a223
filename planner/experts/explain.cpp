#include "planner/experts/explain.hpp"

#include <algorithm>
#include <iterator>

#include "planner/experts/bound.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/exact/exact_layer.hpp"
#include "planner/experts/exact/prove.hpp"
#include "planner/experts/prepare.hpp"
#include "planner/experts/search/split.hpp"
#include "support/print.hpp"

namespace plimsoll::experts {
namespace {

// A second or so for a layer that cannot be proven.
constexpr std::uint64_t proof_work = 20'000'000;

using support::print;

Bounds full_bounds(const ExpertInstance& instance) {
  const Prepared prepared(instance);
  support::Meter meter(~std::uint64_t{0}, std::nullopt, nullptr);
  Bounds bounds = quick_bounds(prepared);
  tighten(prepared, {}, 1, meter, bounds);
  return bounds;
}

void explain_devices(const ExpertInstance& instance, const ExpertPlan& plan, const Evaluation& evaluation,
                     std::string& text) {
  const std::size_t layers = evaluation.device_seconds.rows();
  const std::size_t devices = evaluation.device_seconds.columns();
  text += "device  busy seconds  of the layers' time  ends last in  replicas\n";
  double total = 0;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    total += evaluation.layer_seconds[layer] - instance.cost.other_seconds;
  }
  std::size_t slot = 0;
  for (std::size_t device = 0; device < devices; ++device) {
    double busy = 0;
    int last = 0;
    int replicas = 0;
    const auto slots = static_cast<std::size_t>(instance.cluster.slots[device]);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const double seconds = evaluation.device_seconds.at(layer, device);
      busy += seconds;
      last += seconds > 0 && seconds >= evaluation.layer_seconds[layer] - instance.cost.other_seconds ? 1 : 0;
      for (std::size_t k = slot; k < slot + slots; ++k) replicas += plan.slots.at(layer, k) >= 0 ? 1 : 0;
    }
    slot += slots;
    const bool dead =
        std::count(instance.cluster.dead.begin(), instance.cluster.dead.end(), static_cast<int>(device)) > 0;
    print(text, "%6zu  %12.6g  %17.2f%%  %5d layers  %8d%s\n", device, busy, total > 0 ? 100 * busy / total : 0.0, last,
          replicas, dead ? "  (dead)" : "");
    if (instance.cluster.memory_bytes && instance.model.expert_bytes > 0) {
      const double free = *instance.cluster.memory_bytes - replicas * instance.model.expert_bytes;
      print(text, "        memory: %.3f GiB free of %.3f GiB%s\n", free / 1073741824.0,
            *instance.cluster.memory_bytes / 1073741824.0,
            free < instance.model.expert_bytes ? " - no replica more fits" : "");
    }
  }
}

void explain_layers(const ExpertInstance& instance, const Evaluation& evaluation, const Bounds& bounds,
                    std::string& text) {
  struct Row {
    std::size_t layer;
    double open;
  };
  std::vector<Row> rows;
  for (std::size_t layer = 0; layer < bounds.layers.size(); ++layer) {
    rows.push_back(
        {layer, evaluation.layer_seconds[layer] - instance.cost.other_seconds - bounds.layers[layer].seconds});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.open > b.open; });
  const std::size_t shown = std::min<std::size_t>(rows.size(), 10);
  print(text, "\nlayers with most left between plan and bound (%zu of %zu)\n", shown, rows.size());
  text += "layer       seconds         bound     open  what holds the bound  device that ends last\n";
  for (std::size_t k = 0; k < shown; ++k) {
    const std::size_t layer = rows[k].layer;
    const double seconds = evaluation.layer_seconds[layer] - instance.cost.other_seconds;
    const auto busy = evaluation.device_seconds.row(layer);
    const auto last = std::max_element(busy.begin(), busy.end()) - busy.begin();
    print(text, "%5zu  %12.6g  %12.6g  %6.3f%%  %-20s  %d\n", layer, seconds, bounds.layers[layer].seconds,
          seconds > 0 ? 100 * rows[k].open / seconds : 0.0, name_of(bounds.layers[layer].kind).c_str(),
          static_cast<int>(last));
  }
}

// How far the bound would fall if the instance were kinder: the most that such a change could be worth.
void explain_worth(const ExpertInstance& instance, double objective, double bound, std::string& text) {
  text += "\nwhat a change could be worth at the most (a plan can then be no better than the bound given)\n";
  const auto report = [&](const char* what, const ExpertInstance& changed) {
    const double then = full_bounds(changed).objective;
    print(text, "  %-38s bound %.6g -> %.6g, %.3f%% of the objective\n", what, bound, then,
          objective > 0 ? 100 * (bound - then) / objective : 0.0);
  };
  ExpertInstance more = instance;
  more.placement.reset();
  more.limits = {};
  more.move_seconds = 0;
  if (instance.placement &&
      (instance.limits.max_moves || instance.limits.max_moves_per_device || instance.move_seconds > 0)) {
    report("moves without limit or price", more);
  }
  for (int& slots : more.cluster.slots) ++slots;
  report("one more slot on each device", more);
  if (instance.cluster.memory_bytes && instance.model.expert_bytes > 0) {
    ExpertInstance roomy = instance;
    roomy.cluster.memory_bytes = *instance.cluster.memory_bytes + 1073741824.0;
    report("one GiB more on each device", roomy);
  }
  if (instance.dispatch == Dispatch::even) {
    ExpertInstance weighted = instance;
    weighted.dispatch = Dispatch::weighted;
    report("weighted instead of even dispatch", weighted);
  }
}

}  // namespace

std::string explain(const ExpertInstance& instance, const ExpertPlan& plan) {
  const Evaluation evaluation = evaluate(instance, plan);
  std::string text;
  if (!evaluation.violations.empty()) {
    text = "The plan breaks the instance; the figures below are those of the plan as it is.\n";
    const std::size_t shown = std::min<std::size_t>(evaluation.violations.size(), 10);
    for (std::size_t k = 0; k < shown; ++k) text += "  " + evaluation.violations[k] + "\n";
    if (evaluation.layer_seconds.empty()) return text;
  }
  Bounds bounds = full_bounds(instance);
  const Prepared prepared(instance);
  if (evaluation.violations.empty() && !prepared.shares_limits() && small_enough(split_layers(prepared).front())) {
    prove_layers(prepared, plan, proof_work, bounds);
  }
  print(text, "objective %.9g seconds, bound %.9g (%s)\n", evaluation.objective, bounds.objective,
        bounds.method.c_str());
  print(text, "imbalance %.4f mean, %.4f in the worst layer\n\n", evaluation.metrics.imbalance,
        evaluation.metrics.worst_imbalance);
  explain_devices(instance, plan, evaluation, text);
  explain_layers(instance, evaluation, bounds, text);
  explain_worth(instance, evaluation.objective, bounds.objective, text);
  return text;
}

}  // namespace plimsoll::experts
