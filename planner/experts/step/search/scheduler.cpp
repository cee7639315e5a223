#include "planner/experts/step/search/scheduler.hpp"

#include <algorithm>
#include <tuple>

namespace plimsoll::experts::step {

// The best transfer so far, and what is asked for.
struct Scheduler::Choice {
  int device = 0;
  double bytes = 0;
  double release = 0;  // of the slot
  double not_after = 0;
  double in_time = 0;
  bool found = false;
  bool from_host = false;
  int from = 0;
  double start = 0;
  double end = 0;
  std::tuple<double, int, double, int> key = {};  // arrival, kind of path, booked seconds, source
};

Scheduler::Scheduler(const Prepared& prepared, const Matrix<int>& base)
    : prepared_(&prepared),
      links_(prepared.instance.experts.cluster),
      communicates_(!prepared.instance.sources.empty()),
      slots_(static_cast<std::size_t>(prepared.pool ? 1 : prepared.layers) *
             static_cast<std::size_t>(prepared.total_columns())),
      active_(static_cast<std::size_t>(prepared.layers)),
      copies_(static_cast<std::size_t>(prepared.layers) * static_cast<std::size_t>(prepared.experts)) {
  std::vector<std::vector<int>> holders(copies_.size());
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const auto row = base.row(static_cast<std::size_t>(layer));
    for (int column = 0; column < prepared.total_columns(); ++column) {
      const int expert = row[static_cast<std::size_t>(column)];
      if (expert < 0) continue;
      auto& devices = holders[pair(layer, expert)];
      const int device = prepared.columns.device_of_slot(column);
      if (devices.empty() || devices.back() != device) devices.push_back(device);
      if (prepared.transient_column[static_cast<std::size_t>(column)]) slots_[slot(layer, column)].free_from = never;
    }
  }
  for (const auto& devices : holders) {
    base_begin_.push_back(static_cast<int>(base_device_.size()));
    base_device_.insert(base_device_.end(), devices.begin(), devices.end());
  }
  base_begin_.push_back(static_cast<int>(base_device_.size()));
}

std::size_t Scheduler::slot(int layer, int column) const {
  const int row = prepared_->pool ? 0 : layer;
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(prepared_->total_columns()) +
         static_cast<std::size_t>(column);
}

std::size_t Scheduler::pair(int layer, int expert) const {
  return static_cast<std::size_t>(layer) * static_cast<std::size_t>(prepared_->experts) +
         static_cast<std::size_t>(expert);
}

std::span<const int> Scheduler::base_devices(int layer, int expert) const {
  const std::size_t index = pair(layer, expert);
  const auto begin = static_cast<std::size_t>(base_begin_[index]);
  return std::span(base_device_).subspan(begin, static_cast<std::size_t>(base_begin_[index + 1]) - begin);
}

bool Scheduler::returns_gradient(int microstep, int layer) const {
  const auto m = static_cast<std::size_t>(microstep);
  const auto l = static_cast<std::size_t>(layer);
  return prepared_->instance.gradient_return && prepared_->forward_window.at(m, l) != prepared_->last_window.at(m, l);
}

double Scheduler::gradient_start(const Gradient& gradient, double not_after) const {
  return links_.earliest(false, gradient.copy.device, gradient_device(gradient.layer, gradient.copy.expert),
                         prepared_->instance.experts.model.gradient_bytes, gradient.release, not_after);
}

// A slot whose gradient waits can be had for the next window: the gradient goes first.
double Scheduler::free_from(int layer, int column, bool next) const {
  const Slot& place = slots_[slot(layer, column)];
  if (place.gradient < 0 || !next) return place.free_from;
  for (const Gradient& gradient : waiting_) {
    if (gradient.number != place.gradient) continue;
    const int device = gradient_device(gradient.layer, gradient.copy.expert);
    return gradient_start(gradient, never) +
           links_.seconds(false, gradient.copy.device, device, prepared_->instance.experts.model.gradient_bytes);
  }
  return never;
}

// Until when a copy certainly stands. A copy whose last window is not before the target's window stands until then.
double Scheduler::known_until(const Copy& copy, int layer, int target_window) const {
  if (copy.until < never) return copy.until;
  const int last = prepared_->last_window.at(static_cast<std::size_t>(copy.microstep), static_cast<std::size_t>(layer));
  return last >= target_window ? never : std::max(clock_, copy.arrival);
}

void Scheduler::consider(bool from_host, int from, double release, double until, Choice& best) const {
  const int per_node = prepared_->instance.experts.cluster.devices_per_node;
  const int kind = from_host ? 2 : from / per_node == best.device / per_node ? 0 : 1;
  double limit = std::min(until, best.not_after);
  if (best.found) limit = std::min(limit, std::max(best.end, best.in_time));
  // No start before the release can do better.
  const double length = links_.seconds(from_host, from, best.device, best.bytes);
  if (std::max(release, best.release) + length > limit) return;
  if (best.found && best.end <= best.in_time && std::get<1>(best.key) < kind) return;
  const double start =
      links_.earliest(from_host, from, best.device, best.bytes, std::max(release, best.release), limit);
  if (start == never) return;
  const double end = start + length;
  const std::tuple key{std::max(end, best.in_time), kind, links_.booked_seconds(from_host, from, best.device), from};
  if (best.found && key >= best.key) return;
  best.found = true;
  best.from_host = from_host;
  best.from = from;
  best.start = start;
  best.end = end;
  best.key = key;
}

std::optional<Offer> Scheduler::earliest(int microstep, int layer, const Wanted& wanted, double not_after,
                                         double in_time) const {
  const auto device = static_cast<std::size_t>(wanted.device);
  const int window = prepared_->forward_window.at(static_cast<std::size_t>(microstep), static_cast<std::size_t>(layer));
  const bool next = window == next_;
  if (window < next_) return std::nullopt;
  const auto& copies = copies_[pair(layer, wanted.expert)];
  for (const Copy& copy : copies) {
    if (copy.device == wanted.device && copy.microstep == microstep) return std::nullopt;
  }
  Choice best;
  best.device = wanted.device;
  best.bytes = prepared_->instance.experts.model.expert_bytes;
  best.not_after = communicates_ && !next ? std::min(not_after, ready_) : not_after;
  best.in_time = in_time;
  if (returns_gradient(microstep, layer)) {
    const int home = gradient_device(layer, wanted.expert);
    const double bytes = prepared_->instance.experts.model.gradient_bytes;
    if (home != wanted.device && links_.seconds(false, wanted.device, home, bytes) == never) return std::nullopt;
  }
  int column = wanted.column;
  best.release = column >= 0 ? free_from(layer, column, next) : never;
  for (int each = prepared_->columns.first_slot[device];
       wanted.column < 0 && each < prepared_->columns.first_slot[device + 1]; ++each) {
    if (!prepared_->transient_column[static_cast<std::size_t>(each)]) continue;
    const double from = free_from(layer, each, next);
    if (from >= best.release) continue;
    best.release = from;
    column = each;
  }
  if (best.release == never) return std::nullopt;
  for (const int from : base_devices(layer, wanted.expert)) {
    if (from != wanted.device) consider(false, from, 0.0, never, best);
  }
  for (const Copy& copy : copies) {
    if (copy.device == wanted.device) continue;
    consider(false, copy.device, copy.arrival, known_until(copy, layer, window), best);
  }
  consider(true, wanted.device / prepared_->instance.experts.cluster.devices_per_node, 0.0, never, best);
  if (!best.found) return std::nullopt;
  return Offer{{TransferKind::weights, microstep, layer, wanted.expert, best.from_host, best.from, wanted.device,
                best.start, best.end},
               column};
}

}  // namespace plimsoll::experts::step
