// What every link does over time: bookings of transfers, and what dispatch and combine take, as sorted busy intervals
// per link and direction. A transfer needs all links of its path at once, for all its time. Without rates in the
// cluster transfers take no time and links never conflict.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "planner/experts/step/links.hpp"

namespace plimsoll::experts::step {

inline constexpr double never = std::numeric_limits<double>::infinity();

// Disjoint intervals in the order of time; those that touch are one.
class BusyTimes {
 public:
  void add(double start, double end);
  // Takes back what was added as such.
  void remove(double start, double end);
  void forget_before(double time);
  // The first time from `start` on at which `seconds` of idleness begin, or some time after `latest`; `cursor`
  // remembers the place for later times.
  [[nodiscard]] double idle_from(double start, double seconds, double latest, std::size_t& cursor) const;
  // Where a search from `time` on begins.
  [[nodiscard]] std::size_t seek(double time) const;

 private:
  struct Interval {
    double start;
    double end;
  };
  std::vector<Interval> intervals_;
};

class Bookings {
 public:
  // The cluster outlives the bookings.
  explicit Bookings(const Cluster& cluster);
  explicit Bookings(Cluster&&) = delete;
  // The same links, described by another instance.
  void follow(const Cluster& cluster) { links_ = Links(cluster); }

  // `from` is a node where it is host memory, else a device. Infinity where no path leads there.
  [[nodiscard]] double seconds(bool from_host, int from, int to, double bytes) const;
  // The earliest start at `release` or later such that all links of the path are idle for the whole transfer; gaps
  // between earlier bookings count. Infinity where no such transfer ends by `not_after`.
  [[nodiscard]] double earliest(bool from_host, int from, int to, double bytes, double release,
                                double not_after = never) const;
  // Seconds for which each link of a path was booked before, so that taking a booking back restores the same bits.
  using Before = std::array<double, 2>;
  Before book(bool from_host, int from, int to, double start, double end);
  void take_back(bool from_host, int from, int to, double start, double end, const Before& before);
  // Dispatch and combine take a link by its number.
  void occupy(std::size_t link, double start, double end);
  // Seconds for which the links of the path are booked, together.
  [[nodiscard]] double booked_seconds(bool from_host, int from, int to) const;
  // Nothing will be asked before this time any more; keeps the state of an endless stream bounded.
  void forget_before(double time);

 private:
  // Nothing where no path leads there.
  [[nodiscard]] std::optional<Path> path(bool from_host, int from, int to) const;

  Links links_;
  std::vector<BusyTimes> busy_;  // [links]
  std::vector<double> booked_;   // [links] seconds
  double forgotten_ = 0;
};

}  // namespace plimsoll::experts::step
