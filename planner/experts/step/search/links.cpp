#include "planner/experts/step/search/links.hpp"

#include <algorithm>

namespace plimsoll::experts::step {

std::size_t BusyTimes::seek(double time) const {
  const auto after = std::partition_point(intervals_.begin(), intervals_.end(),
                                          [&](const Interval& each) { return each.end <= time; });
  return static_cast<std::size_t>(after - intervals_.begin());
}

double BusyTimes::idle_from(double start, double seconds, double latest, std::size_t& cursor) const {
  for (; cursor < intervals_.size() && start <= latest; ++cursor) {
    const Interval& next = intervals_[cursor];
    if (next.end <= start) continue;
    if (next.start >= start + seconds) break;
    start = next.end;
  }
  return start;
}

void BusyTimes::add(double start, double end) {
  if (!(end > start)) return;
  const auto first = std::partition_point(intervals_.begin(), intervals_.end(),
                                          [&](const Interval& each) { return each.end < start; });
  auto last = first;
  for (; last != intervals_.end() && last->start <= end; ++last) {
    start = std::min(start, last->start);
    end = std::max(end, last->end);
  }
  if (first == last) {
    intervals_.insert(first, {start, end});
    return;
  }
  *first = {start, end};
  intervals_.erase(first + 1, last);
}

void BusyTimes::forget_before(double time) {
  intervals_.erase(intervals_.begin(), intervals_.begin() + static_cast<std::ptrdiff_t>(seek(time)));
}

Links::Links(const Cluster& cluster)
    : free_(!cluster.link.has_value()),
      rates_(cluster.link.value_or(Link{})),
      devices_(cluster.devices()),
      devices_per_node_(cluster.devices_per_node),
      nic_of_device_(cluster.nic_of_device),
      busy_(static_cast<std::size_t>(devices_) * 5),
      booked_(busy_.size(), 0.0) {}

std::size_t Links::nic(int device) const {
  const int own = nic_of_device_.empty() ? device : nic_of_device_[static_cast<std::size_t>(device)];
  return static_cast<std::size_t>(own) * 4 + 2;
}

Links::Path Links::path(bool from_host, int from, int to) const {
  const auto source = static_cast<std::size_t>(from);
  const auto target = static_cast<std::size_t>(to);
  const int node = to / devices_per_node_;
  if (from_host) {
    if (from != node || !(rates_.host_bytes_per_second > 0)) return {};
    return {{static_cast<std::size_t>(devices_) * 4 + target, 0}, 1, rates_.host_bytes_per_second};
  }
  if (from == to) return {};
  if (from / devices_per_node_ == node) {
    if (!(rates_.intra_bytes_per_second > 0)) return {};
    return {{source * 4, target * 4 + 1}, 2, rates_.intra_bytes_per_second};
  }
  if (!(rates_.nic_bytes_per_second > 0)) return {};
  return {{nic(from), nic(to) + 1}, 2, rates_.nic_bytes_per_second};
}

double Links::seconds(bool from_host, int from, int to, double bytes) const {
  if (free_) return from_host ? (from == to / devices_per_node_ ? 0.0 : never) : from == to ? never : 0.0;
  const Path way = path(from_host, from, to);
  return way.count == 0 ? never : rates_.latency_seconds + bytes / way.rate;
}

double Links::earliest(bool from_host, int from, int to, double bytes, double release, double not_after) const {
  const double length = seconds(from_host, from, to, bytes);
  if (length == never) return never;
  double start = std::max(release, forgotten_);
  const double latest = not_after - length;
  if (!(start <= latest)) return never;
  if (free_) return start;
  const Path way = path(from_host, from, to);
  const BusyTimes& out = busy_[way.links[0]];
  std::size_t at_out = out.seek(start);
  if (way.count == 1) {
    start = out.idle_from(start, length, latest, at_out);
    return start <= latest ? start : never;
  }
  const BusyTimes& in = busy_[way.links[1]];
  std::size_t at_in = in.seek(start);
  while (start <= latest) {
    const double out_idle = out.idle_from(start, length, latest, at_out);
    start = in.idle_from(out_idle, length, latest, at_in);
    if (start == out_idle && start <= latest) return start;
  }
  return never;
}

void Links::book(bool from_host, int from, int to, double start, double end) {
  if (free_) return;
  const Path way = path(from_host, from, to);
  for (int k = 0; k < way.count; ++k) {
    busy_[way.links[k]].add(start, end);
    booked_[way.links[k]] += end - start;
  }
}

void Links::occupy(std::size_t link, double start, double end) {
  if (!free_) busy_[link].add(start, end);
}

double Links::booked_seconds(bool from_host, int from, int to) const {
  if (free_) return 0.0;
  const Path way = path(from_host, from, to);
  double sum = 0;
  for (int k = 0; k < way.count; ++k) sum += booked_[way.links[k]];
  return sum;
}

void Links::forget_before(double time) {
  if (!(time > forgotten_)) return;
  forgotten_ = time;
  for (BusyTimes& each : busy_) each.forget_before(time);
}

}  // namespace plimsoll::experts::step
