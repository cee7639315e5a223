#include "planner/experts/step/replay_links.hpp"

#include <algorithm>
#include <tuple>

#include "support/json_text.hpp"

namespace plimsoll::experts::step {
namespace {

using std::to_string;
using support::number_text;

struct Use {
  double start = 0;
  double end = 0;
  std::size_t by = 0;  // transfer, or window
};

// Links that transfers use, each with its uses by start. What takes no time is in nobody's way.
std::vector<std::vector<Use>> uses_by_link(const Scene& scene, const std::vector<bool>& sound) {
  std::vector<std::vector<Use>> uses(static_cast<std::size_t>(scene.links.count()));
  for (std::size_t index = 0; index < scene.plan.transfers.size(); ++index) {
    const Transfer& transfer = scene.plan.transfers[index];
    if (!sound[index] || !(transfer.end_seconds > transfer.start_seconds)) continue;
    for (const int link : scene.links.of(transfer).links) {
      if (link >= 0) {
        uses[static_cast<std::size_t>(link)].push_back({transfer.start_seconds, transfer.end_seconds, index});
      }
    }
  }
  const auto earlier = [](const Use& left, const Use& right) {
    return std::tie(left.start, left.end, left.by) < std::tie(right.start, right.end, right.by);
  };
  for (auto& of_link : uses) {
    // Plans list their transfers by start, so that mostly nothing is left to do.
    if (!std::is_sorted(of_link.begin(), of_link.end(), earlier)) std::sort(of_link.begin(), of_link.end(), earlier);
  }
  return uses;
}

void check_transfers(const Scene& scene, int link, const std::vector<Use>& uses, double tolerance,
                     Violations& violations) {
  const Use* longest = &uses.front();
  for (std::size_t k = 1; k < uses.size() && !violations.full(); ++k) {
    if (uses[k].start < longest->end - tolerance) {
      violations.add(transfer_place(uses[k].by) + "starts at " + number_text(uses[k].start) + ", and " +
                     scene.links.name(link) + " carries /plan/transfers/" + to_string(longest->by) + " until " +
                     number_text(longest->end));
    }
    if (uses[k].end > longest->end) longest = &uses[k];
  }
}

// When the windows keep a link busy, in the order of time.
std::vector<Use> busy_times(const Scene& scene, int link, const std::vector<double>& start) {
  std::vector<Use> busy;
  const auto at = static_cast<std::size_t>(link);
  for (std::size_t index = 0; index < scene.windows.size(); ++index) {
    const Window& window = scene.windows[index];
    const Traffic& traffic = scene.traffic[scene.row(window.microstep, window.layer)];
    if (at >= traffic.dispatch_seconds.size()) continue;
    const double dispatch = traffic.dispatch_seconds[at];
    const double combine = traffic.combine_seconds[at];
    if (scene.instance.communication.overlap == Overlap::full) {
      if (dispatch + combine > 0) busy.push_back({start[index], start[index] + dispatch + combine, index});
      continue;
    }
    if (dispatch > 0) busy.push_back({start[index], start[index] + dispatch, index});
    const double back = start[index] + scene.window_seconds[index] - traffic.combine;
    if (combine > 0) busy.push_back({back, back + combine, index});
  }
  return busy;
}

void check_busy(const Scene& scene, int link, const std::vector<Use>& uses, const std::vector<Use>& busy,
                double tolerance, Violations& violations) {
  for (const Use& use : uses) {
    if (violations.full()) return;
    // The first busy time that ends behind the start: if the transfer has ended before it, it meets none.
    const auto meets = std::upper_bound(busy.begin(), busy.end(), use.start + tolerance,
                                        [](double time, const Use& other) { return time < other.end; });
    if (meets == busy.end() || use.end - tolerance <= meets->start) continue;
    const Window& window = scene.windows[meets->by];
    violations.add(transfer_place(use.by) + "runs from " + number_text(use.start) + " to " + number_text(use.end) +
                   ", and " + scene.links.name(link) + " is busy with dispatch and combine of micro-step " +
                   to_string(window.microstep) + ", layer " + to_string(window.layer) + " from " +
                   number_text(meets->start) + " to " + number_text(meets->end));
  }
}

}  // namespace

void check_links(const Scene& scene, const std::vector<bool>& sound, const std::vector<double>& start, double tolerance,
                 Violations& violations) {
  if (!scene.links.given()) return;
  const auto uses = uses_by_link(scene, sound);
  for (int link = 0; link < scene.links.count() && !violations.full(); ++link) {
    const auto& of_link = uses[static_cast<std::size_t>(link)];
    if (of_link.empty()) continue;
    check_transfers(scene, link, of_link, tolerance, violations);
    if (!scene.traffic.empty()) {
      check_busy(scene, link, of_link, busy_times(scene, link, start), tolerance, violations);
    }
  }
}

}  // namespace plimsoll::experts::step
