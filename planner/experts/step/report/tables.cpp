#include "planner/experts/step/report/tables.hpp"

#include <algorithm>
#include <numeric>

#include "planner/experts/step/solve.hpp"
#include "support/quantity.hpp"

namespace plimsoll::experts::step {
namespace {

using support::bytes_text;
using support::Cell;
using support::duration_text;
using support::factor_text;
using support::share_text;
using support::Table;

constexpr std::size_t most_links = 20;
constexpr std::size_t most_waitings = 12;

double sum_of(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

// The mean over layers with load of largest over ideal.
double imbalance_of(const Story& story, const Matrix<double>& largest, std::size_t microstep) {
  double sum = 0;
  double layers = 0;
  for (std::size_t layer = 0; layer < largest.columns(); ++layer) {
    const double ideal = story.ideal.at(microstep, layer);
    if (!(ideal > 0)) continue;
    sum += largest.at(microstep, layer) / ideal;
    ++layers;
  }
  return layers > 0 ? sum / layers : 1;
}

double of_step(const Story& story, double seconds) {
  const double step = story.after.metrics.step_seconds;
  return step > 0 ? seconds / step : 0;
}

std::string sender_of(const Transfer& transfer) {
  return transfer.from_host ? "host of node " + std::to_string(transfer.from)
                            : "device " + std::to_string(transfer.from);
}

}  // namespace

Table table_of_microsteps(const Story& story) {
  const Matrix<double> before = largest_seconds(story.before);
  const Matrix<double> after = largest_seconds(story.after);
  const auto microsteps = static_cast<std::size_t>(story.prepared.microsteps);
  std::vector<std::size_t> replicas(microsteps, 0);
  std::vector<double> bytes(microsteps, 0);
  std::vector<double> exposed(microsteps, 0);
  for (const Transfer& transfer : story.plan.transfers) {
    const auto microstep = static_cast<std::size_t>(transfer.microstep);
    replicas[microstep] += transfer.kind == TransferKind::weights ? 1 : 0;
    bytes[microstep] += bytes_of(story.instance().experts.model, transfer.kind);
  }
  for (std::size_t w = 0; w < story.prepared.windows.size(); ++w) {
    exposed[static_cast<std::size_t>(story.prepared.windows[w].microstep)] += story.after.waited[w];
  }
  Table table;
  table.columns = {{"micro-step"},
                   {"tokens"},
                   {"experts before", true, "largest device time, summed over layers, forward"},
                   {"experts", true, "the same of the plan"},
                   {"bound", true, "no plan has less"},
                   {"imbalance before"},
                   {"imbalance"},
                   {"transient replicas"},
                   {"transferred"},
                   {"waits"}};
  for (std::size_t m = 0; m < microsteps; ++m) {
    double tokens = 0;
    for (std::size_t layer = 0; layer < after.columns(); ++layer) {
      tokens += sum_of(story.prepared.load(static_cast<int>(m), static_cast<int>(layer)));
    }
    table.rows.push_back({{std::to_string(m)},
                          {support::amount_text(tokens)},
                          {duration_text(sum_of(before.row(m)))},
                          {duration_text(sum_of(after.row(m)))},
                          {duration_text(sum_of(story.bound.row(m)))},
                          {factor_text(imbalance_of(story, before, m))},
                          {factor_text(imbalance_of(story, after, m))},
                          {std::to_string(replicas[m])},
                          {bytes_text(bytes[m])},
                          {duration_text(exposed[m])}});
  }
  return table;
}

Table table_of_links(const Story& story, std::vector<LinkUse> uses) {
  std::stable_sort(uses.begin(), uses.end(),
                   [](const LinkUse& a, const LinkUse& b) { return a.busy_seconds > b.busy_seconds; });
  const std::size_t all = uses.size();
  if (uses.size() > most_links) uses.resize(most_links);
  Table table;
  table.caption =
      "Busiest links, " + std::to_string(uses.size()) + " of " + std::to_string(all) + " that carry anything";
  table.columns = {{"link", false},
                   {"node"},
                   {"transfers"},
                   {"bytes"},
                   {"busy"},
                   {"of the step", true, "share of the step's time"},
                   {"dispatch and combine", true, "busy with tokens"},
                   {"while the step waits", true, "time in which it carried what the step waited for"}};
  for (const LinkUse& use : uses) {
    table.rows.push_back({{name_of_link(story.instance(), use.link)},
                          {std::to_string(node_of_link(story.instance(), use.link))},
                          {std::to_string(use.transfers.size())},
                          {bytes_text(use.bytes)},
                          {duration_text(use.busy_seconds)},
                          {share_text(of_step(story, use.busy_seconds))},
                          {duration_text(use.token_seconds)},
                          {duration_text(use.exposed_seconds)}});
  }
  return table;
}

Table table_of_causes(const Story& story, const std::vector<Waiting>& waitings) {
  Table table;
  table.columns = {{"path", false},
                   {"what kept the last transfer from starting earlier", false},
                   {"windows"},
                   {"waiting"},
                   {"of the step"}};
  for (const WaitingSum& sum : sums_of(waitings)) {
    table.rows.push_back({{name_of(sum.path)},
                          {name_of(sum.cause)},
                          {std::to_string(sum.count)},
                          {duration_text(sum.seconds)},
                          {share_text(of_step(story, sum.seconds))}});
  }
  return table;
}

Table table_of_waitings(const Story& story, const std::vector<Waiting>& waitings) {
  Table table;
  const std::size_t shown = std::min(waitings.size(), most_waitings);
  table.caption = "Longest waiting, " + std::to_string(shown) + " of " + std::to_string(waitings.size());
  table.columns = {{"micro-step", false}, {"layer"}, {"waits"}, {"for expert"}, {"from", false}, {"to device"},
                   {"why so late", false}};
  for (std::size_t k = 0; k < shown; ++k) {
    const Waiting& waiting = waitings[k];
    const Transfer& transfer = story.plan.transfers[waiting.transfer];
    const bool gradient = transfer.kind == TransferKind::gradient;
    std::string why = name_of(waiting.cause);
    if (waiting.link >= 0) why += " (" + name_of_link(story.instance(), waiting.link) + ")";
    table.rows.push_back({{std::to_string(transfer.microstep) + (gradient ? " (gradient)" : "")},
                          {std::to_string(transfer.layer)},
                          {duration_text(waiting.seconds)},
                          {std::to_string(transfer.expert)},
                          {sender_of(transfer)},
                          {std::to_string(transfer.to)},
                          {why}});
  }
  return table;
}

}  // namespace plimsoll::experts::step
