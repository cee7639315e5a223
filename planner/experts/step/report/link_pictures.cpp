#include "planner/experts/step/report/link_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "support/page.hpp"
#include "support/quantity.hpp"
#include "support/timeline.hpp"

namespace plimsoll::experts::step {
namespace {

constexpr const char* tokens_name = "dispatch and combine";
// Rows whose names can still be read.
constexpr std::size_t most_rows = 72;
constexpr std::size_t most_rows_enlarged = 36;
// Windows around the worst one.
constexpr double windows_shown = 7;

std::string plural_of(LinkKind kind) {
  switch (kind) {
    case LinkKind::port_out:
      return "devices out";
    case LinkKind::port_in:
      return "devices in";
    case LinkKind::nic_out:
      return "NICs out";
    case LinkKind::nic_in:
      return "NICs in";
    case LinkKind::host:
      break;
  }
  return "host links";
}

// Links as rows: each its own, or those of the same kind on one or several nodes together.
struct Rows {
  std::vector<std::string> names;
  std::vector<std::size_t> row;  // [uses]
  std::vector<double> weight;    // [rows] one over the links in it
  int nodes_together = 0;        // 0: a row is a link
};

Rows group(const Story& story, const std::vector<LinkUse>& uses, int nodes_together) {
  const StepInstance& instance = story.instance();
  Rows rows;
  rows.nodes_together = nodes_together;
  std::map<std::pair<LinkKind, int>, std::size_t> known;
  std::vector<std::size_t> count;
  for (const LinkUse& use : uses) {
    const LinkKind kind = kind_of_link(instance, use.link);
    const int block = nodes_together == 0 ? use.link : node_of_link(instance, use.link) / nodes_together;
    const auto [place, added] = known.emplace(std::pair{kind, block}, rows.names.size());
    if (added) {
      const int first = block * nodes_together;
      const int last = std::min(first + nodes_together, instance.experts.cluster.nodes) - 1;
      rows.names.push_back(nodes_together == 0 ? name_of_link(instance, use.link)
                           : first == last     ? "node " + std::to_string(first) + ", " + plural_of(kind)
                                               : "nodes " + std::to_string(first) + "-" + std::to_string(last) + ", " +
                                                 plural_of(kind));
      count.push_back(0);
    }
    rows.row.push_back(place->second);
    ++count[place->second];
  }
  for (const std::size_t links : count) rows.weight.push_back(1.0 / static_cast<double>(links));
  return rows;
}

Rows rows_of(const Story& story, const std::vector<LinkUse>& uses) {
  if (uses.size() <= most_rows) return group(story, uses, 0);
  int together = 1;
  Rows rows = group(story, uses, together);
  while (rows.names.size() > most_rows && together < story.instance().experts.cluster.nodes) {
    together *= 2;
    rows = group(story, uses, together);
  }
  return rows;
}

support::TimelineBar bar_of(const Story& story, std::size_t row, const Transfer& transfer, double origin) {
  support::TimelineBar bar;
  bar.row = row;
  bar.begin = transfer.start_seconds - origin;
  bar.end = transfer.end_seconds - origin;
  bar.marked_from = std::max(transfer.start_seconds, exposed_from(story, transfer)) - origin;
  return bar;
}

double end_of(const Story& story, std::size_t window) {
  return story.after.window_start[window] + story.after.window_seconds[window];
}

// The part of the step to enlarge: around the longest waiting, else where links are busiest.
struct Part {
  std::size_t window = 0;  // at its middle; the number of windows: the end of the step
  double origin = 0;       // where the window before ends
  double begin = 0;
  double end = 0;
};

Part around(const Story& story, std::size_t window) {
  const std::size_t count = story.prepared.windows.size();
  Part part;
  part.window = window;
  const std::size_t near = std::min(window, count - 1);
  part.origin = window < count ? story.after.window_start[window] - story.after.waited[window] : story.last_end();
  const double waited = window < count ? story.after.waited[window] : story.tail();
  const double span = std::max(windows_shown * story.after.window_seconds[near], 2.2 * waited);
  part.begin = std::max(0.0, part.origin - 0.62 * span);
  part.end = std::min(story.after.metrics.step_seconds, part.origin + waited + 0.25 * span);
  return part;
}

std::size_t busiest_window(const Story& story) {
  std::vector<double> busy(story.prepared.windows.size(), 0.0);
  const auto& starts = story.after.window_start;
  for (const Transfer& transfer : story.plan.transfers) {
    const auto next = std::upper_bound(starts.begin(), starts.end(), transfer.start_seconds);
    const std::size_t window = next == starts.begin() ? 0 : static_cast<std::size_t>(next - starts.begin()) - 1;
    busy[window] += transfer.end_seconds - transfer.start_seconds;
  }
  return static_cast<std::size_t>(std::max_element(busy.begin(), busy.end()) - busy.begin());
}

std::string name_of_window(const Window& window, bool backward_too) {
  return (backward_too ? (window.pass == Pass::forward ? "F" : "B") : std::string()) +
         std::to_string(window.microstep) + "." + std::to_string(window.layer);
}

// Links with transfers in this part, those that the worst window waits for first; in the order of `uses` again.
std::vector<std::size_t> links_in(const Story& story, const std::vector<LinkUse>& uses, const Part& part) {
  struct Rank {
    bool awaited = false;
    double busy = 0;
    std::size_t use = 0;
  };
  std::vector<Rank> ranks;
  for (std::size_t k = 0; k < uses.size(); ++k) {
    Rank rank{false, 0, k};
    for (const std::size_t index : uses[k].transfers) {
      const Transfer& transfer = story.plan.transfers[index];
      if (transfer.end_seconds <= part.begin || transfer.start_seconds >= part.end) continue;
      rank.busy += std::min(transfer.end_seconds, part.end) - std::max(transfer.start_seconds, part.begin);
      const double exposed = exposed_from(story, transfer);
      rank.awaited = rank.awaited || (exposed < transfer.end_seconds && exposed == part.origin);
    }
    if (rank.busy > 0) ranks.push_back(rank);
  }
  std::stable_sort(ranks.begin(), ranks.end(),
                   [](const Rank& a, const Rank& b) { return a.awaited != b.awaited ? a.awaited : a.busy > b.busy; });
  if (ranks.size() > most_rows_enlarged) ranks.resize(most_rows_enlarged);
  std::vector<std::size_t> chosen;
  for (const Rank& rank : ranks) chosen.push_back(rank.use);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

std::string picture_of_links(const Story& story, const std::vector<LinkUse>& uses) {
  if (uses.empty()) return {};
  const Rows rows = rows_of(story, uses);
  support::Timeline timeline;
  timeline.title = "Transfers over all links and the whole step";
  timeline.axis = {"time since the step began", support::Unit::seconds, false, 0.0, story.after.metrics.step_seconds};
  timeline.rows = rows.names;
  timeline.span_name = "waiting";
  timeline.bar_name = "busy with transfers";
  timeline.marked_name = "the step waits";
  for (std::size_t w = 0; w < story.prepared.windows.size(); ++w) {
    const double start = story.after.window_start[w];
    if (story.after.waited[w] > 0) timeline.spans.push_back({start - story.after.waited[w], start, true});
  }
  if (story.tail() > 0) timeline.spans.push_back({story.last_end(), story.after.metrics.step_seconds, true});
  if (timeline.spans.empty()) timeline.spans.push_back({-2, -1, true});  // an empty strip says: none
  for (std::size_t k = 0; k < uses.size(); ++k) {
    for (const std::size_t index : uses[k].transfers) {
      support::TimelineBar bar = bar_of(story, rows.row[k], story.plan.transfers[index], 0);
      bar.weight = rows.weight[rows.row[k]];
      timeline.bars.push_back(std::move(bar));
    }
  }
  const std::string grouped = rows.nodes_together == 0
                                  ? "A row is a link in one direction"
                                  : "A row is all links of a kind on " +
                                        std::string(rows.nodes_together == 1 ? "a node" : "some nodes") +
                                        ", its shade their mean";
  for (std::size_t k = 0; k < uses.size(); ++k) {
    for (const Interval& one : uses[k].tokens) {
      timeline.bars.push_back({rows.row[k], one.start, one.end, one.end, {}, {}, true, rows.weight[rows.row[k]]});
    }
    if (!uses[k].tokens.empty()) timeline.faint_name = tokens_name;
  }
  return support::figure_of(to_binned_svg(timeline),
                            grouped + "; links without transfers are left out. Above: when the step waits.", true);
}

std::string picture_of_worst_part(const Story& story, const std::vector<LinkUse>& uses,
                                  const std::vector<Waiting>& waitings) {
  if (uses.empty()) return {};
  const std::size_t count = story.prepared.windows.size();
  const bool waits = !waitings.empty();
  const std::size_t window = !waits                        ? busiest_window(story)
                             : waitings.front().window < 0 ? count
                                                           : static_cast<std::size_t>(waitings.front().window);
  const Part part = around(story, window);
  const bool both = std::any_of(story.prepared.windows.begin(), story.prepared.windows.end(),
                                [](const Window& one) { return one.pass == Pass::backward; });
  support::Timeline timeline;
  timeline.title = "Transfers where the step waits longest";
  const std::string moment =
      window == count ? "the last window ended"
                      : (waits ? "window " + name_of_window(story.prepared.windows[window], both) + " could have begun"
                               : "window " + name_of_window(story.prepared.windows[window], both) + " began");
  timeline.axis = {"time since " + moment + ", at " + support::duration_text(part.origin), support::Unit::seconds,
                   false, part.begin - part.origin, part.end - part.origin};
  timeline.span_name = "windows";
  timeline.bar_name = "transfer of an expert, hidden";
  timeline.marked_name = "the step waits for it";
  for (std::size_t w = 0; w < count; ++w) {
    const double start = story.after.window_start[w];
    if (end_of(story, w) < part.begin || start - story.after.waited[w] > part.end) continue;
    const double begin = std::max(start, part.begin);
    const double end = std::min(end_of(story, w), part.end);
    if (end > begin) {
      timeline.spans.push_back(
          {begin - part.origin, end - part.origin, false, name_of_window(story.prepared.windows[w], both)});
    }
    if (story.after.waited[w] > 0) {
      timeline.spans.push_back({start - story.after.waited[w] - part.origin, start - part.origin, true});
    }
  }
  if (window == count && story.tail() > 0) {
    timeline.spans.push_back({0, story.after.metrics.step_seconds - part.origin, true});
  }
  const std::vector<std::size_t> chosen = links_in(story, uses, part);
  for (std::size_t row = 0; row < chosen.size(); ++row) {
    const LinkUse& use = uses[chosen[row]];
    timeline.rows.push_back(name_of_link(story.instance(), use.link));
    for (const std::size_t index : use.transfers) {
      const Transfer& transfer = story.plan.transfers[index];
      if (transfer.end_seconds <= part.begin || transfer.start_seconds >= part.end) continue;
      support::TimelineBar bar = bar_of(story, row, transfer, part.origin);
      bar.brief = std::to_string(transfer.expert);
      bar.label = std::to_string(transfer.microstep) + "." + std::to_string(transfer.layer) + "/" +
                  std::to_string(transfer.expert);
      if (transfer.kind == TransferKind::gradient) bar.label += "g";
      timeline.bars.push_back(std::move(bar));
    }
    for (const Interval& one : use.tokens) {
      if (one.end <= part.begin || one.start >= part.end) continue;
      timeline.bars.push_back({row, one.start - part.origin, one.end - part.origin, one.end, {}, {}, true});
      timeline.faint_name = tokens_name;
    }
  }
  return support::figure_of(to_svg(timeline),
                            std::string(waits ? "Enlarged: around the longest waiting."
                                              : "Enlarged: where most is under way; the step never "
                                                "waits.") +
                                " Windows are named micro-step.layer" + (both ? ", F forward, B backward" : "") +
                                "; transfers micro-step.layer/expert" + (both ? ", g for gradients" : "") +
                                ", or by the expert alone.",
                            true);
}

}  // namespace plimsoll::experts::step
