#include "planner/experts/step/explain_links.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "planner/experts/step/links.hpp"
#include "planner/experts/step/traffic.hpp"
#include "support/print.hpp"

namespace plimsoll::experts::step {
namespace {

using support::print;

constexpr std::size_t most_rows = 10;

std::string path_in_words(const Transfer& transfer, const Links& links) {
  std::string text = transfer.from_host ? "host " : "device ";
  text += std::to_string(transfer.from) + " -> device " + std::to_string(transfer.to);
  if (transfer.from_host) return text + " (host link)";
  return text + (links.node(transfer.from) == links.node(transfer.to) ? " (inside the node)" : " (NIC)");
}

// The one that arrives last of those that a window waits for, or null.
const Transfer* last_arrival(const StepPlan& plan, int microstep, int layer) {
  const Transfer* last = nullptr;
  for (const Transfer& transfer : plan.transfers) {
    if (transfer.kind != TransferKind::weights || transfer.microstep != microstep || transfer.layer != layer) continue;
    if (last == nullptr || transfer.end_seconds > last->end_seconds) last = &transfer;
  }
  return last;
}

const char* const kinds[] = {"out ports inside a node", "in ports inside a node", "NICs, sending", "NICs, receiving",
                             "host links"};

// Busy seconds of each link, by transfers and by dispatch and combine.
struct Usage {
  std::vector<double> transfers;
  std::vector<double> tokens;
};

Usage usage_of(const StepInstance& instance, const StepPlan& plan, const Links& links) {
  Usage usage;
  usage.transfers.assign(static_cast<std::size_t>(links.count()), 0.0);
  usage.tokens = usage.transfers;
  for (const Transfer& transfer : plan.transfers) {
    for (const int link : links.of(transfer).links) {
      if (link >= 0) usage.transfers[static_cast<std::size_t>(link)] += transfer.end_seconds - transfer.start_seconds;
    }
  }
  if (instance.sources.empty()) return usage;
  const TrafficModel model(instance);
  for (const ScheduledPass& pass : instance.schedule) {
    const auto m = static_cast<std::size_t>(pass.microstep);
    for (int layer = 0; layer < instance.experts.model.layers; ++layer) {
      const auto l = static_cast<std::size_t>(layer);
      const ExpertPlan& replicas = plan.microsteps[m];
      const Traffic traffic = model.of(pass.microstep, layer, replicas.slots.row(l), replicas.shares.row(l));
      for (std::size_t link = 0; link < traffic.dispatch_seconds.size(); ++link) {
        usage.tokens[link] += traffic.dispatch_seconds[link] + traffic.combine_seconds[link];
      }
    }
  }
  return usage;
}

}  // namespace

void explain_waiting(const StepInstance& instance, const StepPlan& plan, const std::vector<Window>& windows,
                     const Evaluation& evaluation, std::string& text) {
  std::vector<std::size_t> order;
  double waited = 0;
  for (std::size_t window = 0; window < evaluation.waited.size(); ++window) {
    waited += evaluation.waited[window];
    if (evaluation.waited[window] > 0) order.push_back(window);
  }
  const double tail = evaluation.metrics.exposed_seconds - waited;
  if (order.empty() && !(tail > 0)) {
    if (!plan.transfers.empty()) text += "\nno window waits for a transfer\n";
    return;
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return evaluation.waited[a] > evaluation.waited[b]; });
  const Links links(instance.experts.cluster);
  const std::size_t shown = std::min(order.size(), most_rows);
  if (shown > 0) {
    print(text, "\nwindows that wait (%zu of %zu that do), and the transfer that arrives last\n", shown, order.size());
    text += "micro-step  layer        waited  expert     under way  path\n";
  }
  for (std::size_t k = 0; k < shown; ++k) {
    const Window& window = windows[order[k]];
    print(text, "%10d  %5d  %12.6g", window.microstep, window.layer, evaluation.waited[order[k]]);
    const Transfer* last = last_arrival(plan, window.microstep, window.layer);
    if (last != nullptr) {
      print(text, "  %6d  %12.6g  %s", last->expert, last->end_seconds - last->start_seconds,
            path_in_words(*last, links).c_str());
    }
    text += "\n";
  }
  if (tail > 0) {
    print(text, "%safter the last window the last gradients take %.6g seconds more\n", shown > 0 ? "" : "\n", tail);
  }
}

void explain_links(const StepInstance& instance, const StepPlan& plan, const Evaluation& evaluation,
                   std::string& text) {
  const Links links(instance.experts.cluster);
  if (!links.given() || (plan.transfers.empty() && instance.sources.empty())) return;
  const Usage usage = usage_of(instance, plan, links);
  const double step = evaluation.metrics.step_seconds;
  const auto devices = static_cast<std::size_t>(instance.experts.cluster.devices());
  text += "\nhow full links are, in parts of the step\n";
  text += "links                       used   mean of used   fullest              transfers   tokens\n";
  for (std::size_t kind = 0; kind < std::size(kinds); ++kind) {
    double sum = 0;
    std::size_t used = 0;
    std::size_t fullest = 0;
    double most = 0;
    for (std::size_t index = 0; index < devices; ++index) {
      const std::size_t link = kind < 4 ? 4 * index + kind : 4 * devices + index;
      const double busy = usage.transfers[link] + usage.tokens[link];
      sum += busy;
      used += busy > 0 ? 1 : 0;
      if (busy > most) {
        most = busy;
        fullest = link;
      }
    }
    if (used == 0) continue;
    const auto part = [&](double seconds) { return step > 0 ? 100 * seconds / step : 0.0; };
    const std::size_t number = kind < 4 ? fullest / 4 : fullest - 4 * devices;
    print(text, "%-24s %7zu  %12.2f%%  %7.2f%%  %-6s %-6zu %8.2f%% %7.2f%%\n", kinds[kind], used,
          part(sum / static_cast<double>(used)), part(most), kind == 2 || kind == 3 ? "NIC" : "device", number,
          part(usage.transfers[fullest]), part(usage.tokens[fullest]));
  }
}

}  // namespace plimsoll::experts::step
