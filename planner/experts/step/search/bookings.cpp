#include "planner/experts/step/search/bookings.hpp"

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

void BusyTimes::remove(double start, double end) {
  if (!(end > start)) return;
  const auto holder = intervals_.begin() + static_cast<std::ptrdiff_t>(seek(start));
  const Interval whole = *holder;
  if (whole.start == start && whole.end == end) {
    intervals_.erase(holder);
  } else if (whole.start == start) {
    holder->start = end;
  } else if (whole.end == end) {
    holder->end = start;
  } else {
    holder->end = start;
    intervals_.insert(holder + 1, {end, whole.end});
  }
}

void BusyTimes::forget_before(double time) {
  intervals_.erase(intervals_.begin(), intervals_.begin() + static_cast<std::ptrdiff_t>(seek(time)));
}

Bookings::Bookings(const Cluster& cluster)
    : links_(cluster),
      busy_(static_cast<std::size_t>(links_.count())),
      booked_(static_cast<std::size_t>(links_.count()), 0.0) {}

std::optional<Path> Bookings::path(bool from_host, int from, int to) const {
  if (from_host ? from != links_.node(to) : from == to) return std::nullopt;
  const Path path = from_host ? links_.from_host(to) : links_.between(from, to);
  if (links_.given() && !(path.rate > 0)) return std::nullopt;
  return path;
}

double Bookings::seconds(bool from_host, int from, int to, double bytes) const {
  const auto way = path(from_host, from, to);
  return way ? links_.seconds(*way, bytes) : never;
}

double Bookings::earliest(bool from_host, int from, int to, double bytes, double release, double not_after) const {
  const auto way = path(from_host, from, to);
  if (!way) return never;
  const double length = links_.seconds(*way, bytes);
  const double latest = not_after - length;
  double start = std::max(release, forgotten_);
  if (!(start <= latest)) return never;
  if (!links_.given()) return start;
  const BusyTimes& out = busy_[static_cast<std::size_t>(way->links[0])];
  std::size_t at_out = out.seek(start);
  if (way->links[1] < 0) {
    start = out.idle_from(start, length, latest, at_out);
    return start <= latest ? start : never;
  }
  const BusyTimes& in = busy_[static_cast<std::size_t>(way->links[1])];
  std::size_t at_in = in.seek(start);
  while (start <= latest) {
    const double out_idle = out.idle_from(start, length, latest, at_out);
    start = in.idle_from(out_idle, length, latest, at_in);
    if (start == out_idle && start <= latest) return start;
  }
  return never;
}

Bookings::Before Bookings::book(bool from_host, int from, int to, double start, double end) {
  Before before = {0, 0};
  const auto way = path(from_host, from, to);
  for (std::size_t k = 0; way && links_.given() && k < before.size(); ++k) {
    if (way->links[k] < 0) continue;
    const auto link = static_cast<std::size_t>(way->links[k]);
    before[k] = booked_[link];
    busy_[link].add(start, end);
    booked_[link] += end - start;
  }
  return before;
}

void Bookings::take_back(bool from_host, int from, int to, double start, double end, const Before& before) {
  const auto way = path(from_host, from, to);
  for (std::size_t k = 0; way && links_.given() && k < before.size(); ++k) {
    if (way->links[k] < 0) continue;
    const auto link = static_cast<std::size_t>(way->links[k]);
    busy_[link].remove(start, end);
    booked_[link] = before[k];
  }
}

void Bookings::occupy(std::size_t link, double start, double end) {
  if (links_.given()) busy_[link].add(start, end);
}

double Bookings::booked_seconds(bool from_host, int from, int to) const {
  const auto way = path(from_host, from, to);
  double sum = 0;
  for (std::size_t k = 0; way && k < way->links.size(); ++k) {
    if (way->links[k] >= 0) sum += booked_[static_cast<std::size_t>(way->links[k])];
  }
  return sum;
}

void Bookings::forget_before(double time) {
  if (!(time > forgotten_)) return;
  forgotten_ = time;
  for (BusyTimes& each : busy_) each.forget_before(time);
}

}  // namespace plimsoll::experts::step
