// The part of the scheduler in which time goes on: windows run, slots come free, gradients go home.
#include <algorithm>
#include <utility>

#include "planner/experts/step/search/scheduler.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts::step {
namespace {

// Copies of an expert that are remembered; those that went long ago serve transfers of long ago alone.
constexpr std::size_t most_copies = 32;

}  // namespace

void Scheduler::run(int window, double compute_seconds, const Traffic& traffic) {
  if (window != next_ || next_ >= static_cast<int>(prepared_->windows.size())) {
    throw Error(ErrorCode::internal, "the scheduler runs windows in their order, each once");
  }
  journal_.clear();
  const Window& here = prepared_->windows[static_cast<std::size_t>(window)];
  const double start = ready_;
  clock_ = start + window_seconds(prepared_->instance, compute_seconds, traffic, here.pass);
  const bool full = prepared_->instance.communication.overlap == Overlap::full;
  const double combine = full ? start : clock_ - traffic.combine;
  for (std::size_t link = 0; link < traffic.dispatch_seconds.size(); ++link) {
    const double out = traffic.dispatch_seconds[link];
    const double back = traffic.combine_seconds[link];
    if (out > 0) links_.occupy(link, start, start + out);
    if (back > 0) links_.occupy(link, full ? start + out : combine, (full ? start + out : combine) + back);
  }
  ++next_;
  const int last =
      prepared_->last_window.at(static_cast<std::size_t>(here.microstep), static_cast<std::size_t>(here.layer));
  if (last == window) release(here.microstep, here.layer);
  if (communicates_) send_waiting(clock_);
  ready_ = clock_;
  if (next_ == static_cast<int>(prepared_->windows.size())) return;
  const Window& then = prepared_->windows[static_cast<std::size_t>(next_)];
  if (then.pass == Pass::backward) return;
  for (const Copy& copy : active_[static_cast<std::size_t>(then.layer)]) {
    if (copy.microstep == then.microstep) ready_ = std::max(ready_, copy.arrival);
  }
}

// The last window of a (micro-step, layer) has run: its transient replicas go, or their gradients.
void Scheduler::release(int microstep, int layer) {
  const bool gradients = returns_gradient(microstep, layer);
  auto& active = active_[static_cast<std::size_t>(layer)];
  for (const Copy& copy : active) {
    if (copy.microstep != microstep) continue;
    hold_until(layer, copy, clock_);
    auto& known = copies_[pair(layer, copy.expert)];
    if (known.size() > most_copies && known.front().until < clock_) known.erase(known.begin());
    Slot& place = slots_[slot(layer, copy.column)];
    if (!gradients || gradient_device(layer, copy.expert) == copy.device) {
      place.free_from = clock_;
      continue;
    }
    const Gradient gradient{gradients_++, layer, copy, clock_};
    if (communicates_) {
      place.gradient = gradient.number;
      waiting_.push_back(gradient);
    } else {
      send(gradient, gradient_start(gradient, never));
    }
  }
  std::erase_if(active, [&](const Copy& copy) { return copy.microstep == microstep; });
}

Bookings::Before Scheduler::send(const Gradient& gradient, double start) {
  const Copy& copy = gradient.copy;
  const int home = gradient_device(gradient.layer, copy.expert);
  const double end = start + links_.seconds(false, copy.device, home, prepared_->instance.experts.model.gradient_bytes);
  const Bookings::Before before = links_.book(false, copy.device, home, start, end);
  transfers_.push_back(
      {TransferKind::gradient, copy.microstep, gradient.layer, copy.expert, false, copy.device, home, start, end});
  slots_[slot(gradient.layer, copy.column)] = {end, -1};
  hold_until(gradient.layer, copy, end);
  last_gradient_ = std::max(last_gradient_, end);
  return before;
}

// Sends what finds a gap that ends by then.
void Scheduler::send_waiting(double not_after) {
  const double bytes = prepared_->instance.experts.model.gradient_bytes;
  std::erase_if(waiting_, [&](Gradient& gradient) {
    ++work_;
    const double start = gradient_start(gradient, not_after);
    if (start < never) {
      send(gradient, start);
      return true;
    }
    // Gaps only close: a later search goes on here.
    const int home = gradient_device(gradient.layer, gradient.copy.expert);
    gradient.release = std::max(gradient.release, not_after - links_.seconds(false, gradient.copy.device, home, bytes));
    return false;
  });
}

double Scheduler::hold_until(int layer, const Copy& copy, double until) {
  for (Copy& each : copies_[pair(layer, copy.expert)]) {
    if (each.microstep == copy.microstep && each.column == copy.column) return std::exchange(each.until, until);
  }
  return until;
}

double Scheduler::finish() {
  journal_.clear();
  send_waiting(never);
  return std::max(clock_, last_gradient_);
}

std::vector<Transfer> Scheduler::take() {
  journal_.clear();
  std::stable_sort(transfers_.begin(), transfers_.end(),
                   [](const Transfer& a, const Transfer& b) { return a.start_seconds < b.start_seconds; });
  return std::exchange(transfers_, {});
}

void Scheduler::forget_before(double time) {
  journal_.clear();
  links_.forget_before(time);
  for (auto& copies : copies_) std::erase_if(copies, [&](const Copy& copy) { return copy.until <= time; });
}

void Scheduler::follow(const Prepared& next, int shift) {
  int dropped = 0;
  for (const Window& window : prepared_->windows) dropped += window.microstep < shift ? 1 : 0;
  if (dropped > next_ || !transfers_.empty()) {
    throw Error(ErrorCode::internal, "the scheduler goes on where windows have run and transfers were taken");
  }
  next_ -= dropped;
  prepared_ = &next;
  links_.follow(next.instance.experts.cluster);
  for (auto& copies : active_) {
    for (Copy& copy : copies) copy.microstep -= shift;
  }
  for (auto& copies : copies_) {
    for (Copy& copy : copies) copy.microstep -= shift;
  }
  for (Gradient& gradient : waiting_) gradient.copy.microstep -= shift;
}

}  // namespace plimsoll::experts::step
