// The links of a step as the tests see them: the ways that bytes can take, and when each link is taken.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "plimsoll/step.hpp"

namespace plimsoll::testing {

struct Way {
  bool from_host = false;
  int from = 0;
  double seconds = 0;
  std::vector<std::size_t> links;
};

class LinkTimes {
 public:
  explicit LinkTimes(const StepInstance& step)
      : step_(step), busy_(static_cast<std::size_t>(5 * step.experts.cluster.devices())) {}

  [[nodiscard]] int node(int device) const { return device / step_.experts.cluster.devices_per_node; }
  [[nodiscard]] std::size_t nic(int device) const {
    const auto& nics = step_.experts.cluster.nic_of_device;
    return static_cast<std::size_t>(nics.empty() ? device : nics[static_cast<std::size_t>(device)]);
  }

  // Out of one device and into another.
  [[nodiscard]] std::pair<std::size_t, std::size_t> between(int from, int to) const {
    if (node(from) != node(to)) return {4 * nic(from) + 2, 4 * nic(to) + 3};
    return {4 * static_cast<std::size_t>(from), 4 * static_cast<std::size_t>(to) + 1};
  }
  [[nodiscard]] std::size_t host_link(int device) const {
    return static_cast<std::size_t>(4 * step_.experts.cluster.devices() + device);
  }

  // How bytes come from a device or host to a device, where they can.
  [[nodiscard]] std::optional<Way> way(bool from_host, int from, int to, double bytes) const {
    Way way{from_host, from, 0.0, {}};
    const auto& link = step_.experts.cluster.link;
    if (!link) return way;
    double rate = link->host_bytes_per_second;
    if (from_host) {
      way.links = {host_link(to)};
    } else {
      const auto [out, in] = between(from, to);
      way.links = {out, in};
      rate = node(from) == node(to) ? link->intra_bytes_per_second : link->nic_bytes_per_second;
    }
    if (rate <= 0) return std::nullopt;
    way.seconds = link->latency_seconds + bytes / rate;
    return way;
  }

  // The first start at or after `from` at which all links of the way are free long enough.
  [[nodiscard]] double first_fit(const Way& way, double from, double seconds) const {
    for (bool moved = true; moved;) {
      moved = false;
      for (const std::size_t link : way.links) {
        for (const auto& [start, end] : busy_[link]) {
          if (start < from + seconds && from < end) {
            from = end;
            moved = true;
          }
        }
      }
    }
    return from;
  }

  void take(std::size_t link, double start, double end) {
    if (end > start) busy_[link].emplace_back(start, end);
  }

 private:
  const StepInstance& step_;
  std::vector<std::vector<std::pair<double, double>>> busy_;  // [links]
};

}  // namespace plimsoll::testing
