#include "planner/experts/step/replay.hpp"

#include <algorithm>
#include <limits>

#include "planner/experts/step/replay_links.hpp"
#include "planner/experts/step/replay_match.hpp"
#include "planner/experts/step/replay_slots.hpp"
#include "support/json_text.hpp"

namespace plimsoll::experts::step {
namespace {

using support::number_text;

constexpr double time_tolerance = 1e-9;  // of the seconds of the step

// The window that ends the life of what serves a (micro-step, layer): the backward one where it is scheduled.
std::vector<int> last_windows(const Scene& scene) {
  std::vector<int> last(scene.row(scene.instance.microsteps(), 0), -1);
  for (std::size_t index = 0; index < scene.windows.size(); ++index) {
    last[scene.row(scene.windows[index].microstep, scene.windows[index].layer)] = static_cast<int>(index);
  }
  return last;
}

// One window after the other; a forward window waits for the weights of its (micro-step, layer).
Timeline run_windows(const Scene& scene, const Matching& matching) {
  std::vector<double> arrived(scene.row(scene.instance.microsteps(), 0), 0.0);
  for (std::size_t index = 0; index < scene.replicas.size(); ++index) {
    if (matching.weights[index] < 0) continue;
    double& latest = arrived[scene.row(scene.replicas[index].microstep, scene.replicas[index].layer)];
    latest = std::max(latest, scene.plan.transfers[static_cast<std::size_t>(matching.weights[index])].end_seconds);
  }
  Timeline timeline;
  timeline.start.reserve(scene.windows.size());
  timeline.waited.reserve(scene.windows.size());
  double now = 0;
  for (std::size_t index = 0; index < scene.windows.size(); ++index) {
    const Window& window = scene.windows[index];
    const double start =
        window.pass == Pass::forward ? std::max(now, arrived[scene.row(window.microstep, window.layer)]) : now;
    timeline.start.push_back(start);
    timeline.waited.push_back(start - now);
    timeline.exposed_seconds += start - now;
    now = start + scene.window_seconds[index];
  }
  timeline.step_seconds = now;
  for (const int transfer : matching.gradient) {
    if (transfer < 0) continue;
    const double end = scene.plan.transfers[static_cast<std::size_t>(transfer)].end_seconds;
    timeline.step_seconds = std::max(timeline.step_seconds, end);
  }
  timeline.exposed_seconds += timeline.step_seconds - now;
  return timeline;
}

void check_durations(const Scene& scene, const Matching& matching, double tolerance, Violations& violations) {
  for (std::size_t index = 0; index < scene.plan.transfers.size() && !violations.full(); ++index) {
    if (!matching.sound[index]) continue;
    const Transfer& transfer = scene.plan.transfers[index];
    const double least =
        scene.links.seconds(scene.links.of(transfer), bytes_of(scene.instance.experts.model, transfer.kind));
    if (!(transfer.start_seconds >= -tolerance)) {
      violations.add(transfer_place(index) + "starts at " + number_text(transfer.start_seconds) +
                     ", before the step begins");
    }
    if (!(transfer.end_seconds - transfer.start_seconds >= least - tolerance)) {
      violations.add(transfer_place(index) + "takes " + number_text(transfer.end_seconds - transfer.start_seconds) +
                     " seconds, and its bytes need " + number_text(least));
    }
  }
}

// When the slot of each replica is free again; a gradient may not leave before the backward window is done.
std::vector<double> end_lives(const Scene& scene, const Matching& matching, const std::vector<int>& last_window,
                              const Timeline& timeline, double tolerance, Violations& violations) {
  std::vector<double> free(scene.replicas.size(), 0.0);
  for (std::size_t index = 0; index < scene.replicas.size(); ++index) {
    const TransientReplica& replica = scene.replicas[index];
    const int last = last_window[scene.row(replica.microstep, replica.layer)];
    if (last >= 0) {
      const auto window = static_cast<std::size_t>(last);
      free[index] = timeline.start[window] + scene.window_seconds[window];
    }
    if (matching.gradient[index] < 0) continue;
    const auto gradient = static_cast<std::size_t>(matching.gradient[index]);
    const Transfer& transfer = scene.plan.transfers[gradient];
    if (transfer.start_seconds < free[index] - tolerance) {
      violations.add(transfer_place(gradient) + "the gradient leaves at " + number_text(transfer.start_seconds) +
                     ", and the backward window ends at " + number_text(free[index]));
    }
    free[index] = std::max(free[index], transfer.end_seconds);
  }
  return free;
}

}  // namespace

std::string transfer_place(std::size_t transfer) { return "/plan/transfers/" + std::to_string(transfer) + ": "; }

BaseHolders::BaseHolders(const Matrix<int>& base, const std::vector<int>& device_of_column,
                         const std::vector<bool>& alive, int experts)
    : experts_(static_cast<std::size_t>(experts)), first_(base.rows() * experts_ + 1, 0) {
  const auto each = [&](const auto& visit) {
    for (std::size_t layer = 0; layer < base.rows(); ++layer) {
      for (std::size_t column = 0; column < base.columns(); ++column) {
        const int expert = base.at(layer, column);
        const int device = device_of_column[column];
        if (expert < 0 || expert >= experts || !alive[static_cast<std::size_t>(device)]) continue;
        visit(index(static_cast<int>(layer), expert), device);
      }
    }
  };
  each([&](std::size_t key, int) { ++first_[key + 1]; });
  for (std::size_t key = 1; key < first_.size(); ++key) first_[key] += first_[key - 1];
  devices_.resize(first_.back());
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  each([&](std::size_t key, int device) { devices_[next[key]++] = device; });
}

bool BaseHolders::holds(int layer, int expert, int device) const {
  const std::size_t key = index(layer, expert);
  return std::binary_search(devices_.begin() + static_cast<std::ptrdiff_t>(first_[key]),
                            devices_.begin() + static_cast<std::ptrdiff_t>(first_[key + 1]), device);
}

int BaseHolders::lowest(int layer, int expert) const {
  const std::size_t key = index(layer, expert);
  return first_[key] == first_[key + 1] ? -1 : devices_[first_[key]];
}

Timeline replay(const Scene& scene, Violations& violations) {
  const std::vector<int> last_window = last_windows(scene);
  const Matching matching = match_transfers(scene, last_window, violations);
  Timeline timeline = run_windows(scene, matching);
  const double tolerance = time_tolerance * std::max(timeline.step_seconds, std::numeric_limits<double>::min());
  check_durations(scene, matching, tolerance, violations);
  const std::vector<double> free = end_lives(scene, matching, last_window, timeline, tolerance, violations);
  check_slots(scene, matching, free, tolerance, violations);
  check_sources(scene, matching, free, tolerance, violations);
  check_links(scene, matching.sound, timeline.start, tolerance, violations);
  return timeline;
}

}  // namespace plimsoll::experts::step
