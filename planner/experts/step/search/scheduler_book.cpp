// The part of the scheduler that books what was offered, and takes it back.
#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "planner/experts/step/search/scheduler.hpp"

namespace plimsoll::experts::step {

void Scheduler::book(const Offer& offer) {
  const Transfer& transfer = offer.transfer;
  Slot& place = slots_[slot(transfer.layer, offer.column)];
  Change change;
  change.column = offer.column;
  change.ready = ready_;
  if (place.gradient >= 0) {
    const auto waits = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const Gradient& each) { return each.number == place.gradient; });
    const Gradient gradient = *waits;
    change.gradient = gradient;
    change.waited_at = static_cast<std::size_t>(waits - waiting_.begin());
    change.last_gradient = last_gradient_;
    waiting_.erase(waits);
    change.until = hold_until(gradient.layer, gradient.copy, never);
    change.gradient_links = send(gradient, gradient_start(gradient, never));
  }
  change.free_from = place.free_from;
  change.links =
      links_.book(transfer.from_host, transfer.from, transfer.to, transfer.start_seconds, transfer.end_seconds);
  place.free_from = never;
  const Copy copy{transfer.microstep, transfer.expert, transfer.to, offer.column, transfer.end_seconds, never};
  active_[static_cast<std::size_t>(transfer.layer)].push_back(copy);
  copies_[pair(transfer.layer, transfer.expert)].push_back(copy);
  change.transfer = transfers_.size();
  transfers_.push_back(transfer);
  const int window = prepared_->forward_window.at(static_cast<std::size_t>(transfer.microstep),
                                                  static_cast<std::size_t>(transfer.layer));
  if (window == next_) ready_ = std::max(ready_, transfer.end_seconds);
  journal_.push_back(change);
}

void Scheduler::undo_to(Mark mark) {
  for (; journal_.size() > mark; journal_.pop_back()) {
    const Change& change = journal_.back();
    const Transfer transfer = transfers_.back();
    transfers_.pop_back();
    links_.take_back(transfer.from_host, transfer.from, transfer.to, transfer.start_seconds, transfer.end_seconds,
                     change.links);
    active_[static_cast<std::size_t>(transfer.layer)].pop_back();
    copies_[pair(transfer.layer, transfer.expert)].pop_back();
    Slot& place = slots_[slot(transfer.layer, change.column)];
    place.free_from = change.free_from;
    ready_ = change.ready;
    if (!change.gradient) continue;
    const Gradient& gradient = *change.gradient;
    const Transfer sent = transfers_.back();
    transfers_.pop_back();
    links_.take_back(false, sent.from, sent.to, sent.start_seconds, sent.end_seconds, change.gradient_links);
    place = {never, gradient.number};
    hold_until(gradient.layer, gradient.copy, change.until);
    last_gradient_ = change.last_gradient;
    waiting_.insert(waiting_.begin() + static_cast<std::ptrdiff_t>(change.waited_at), gradient);
  }
}

std::vector<Offer> Scheduler::booked_since(Mark mark) const {
  std::vector<Offer> offers;
  for (std::size_t k = mark; k < journal_.size(); ++k) {
    offers.push_back({transfers_[journal_[k].transfer], journal_[k].column});
  }
  return offers;
}

std::vector<std::optional<Offer>> Scheduler::bring(int microstep, int layer, std::span<const Wanted> wanted,
                                                   double not_after, double in_time) {
  std::vector<std::optional<Offer>> booked(wanted.size());
  // Arrivals only grow as links fill, so the smallest known one is asked again and booked if it still is. The exception
  // is a new copy that serves as a source: what came too late before is asked once more.
  using Entry = std::pair<double, std::size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  std::vector<std::size_t> missed;
  for (std::size_t k = 0; k < wanted.size(); ++k) queue.emplace(0.0, k);
  while (!queue.empty()) {
    const std::size_t k = queue.top().second;
    queue.pop();
    work_ += 1 + base_devices(layer, wanted[k].expert).size() + copies_[pair(layer, wanted[k].expert)].size();
    const auto offer = earliest(microstep, layer, wanted[k], not_after, in_time);
    if (!offer) {
      missed.push_back(k);
      continue;
    }
    const double arrival = offer->transfer.end_seconds;
    if (!queue.empty() && arrival > queue.top().first) {
      queue.emplace(arrival, k);
      continue;
    }
    book(*offer);
    booked[k] = offer;
    std::erase_if(missed, [&](std::size_t other) {
      const bool again = wanted[other].expert == wanted[k].expert;
      if (again) queue.emplace(arrival, other);
      return again;
    });
  }
  return booked;
}

}  // namespace plimsoll::experts::step
