// The links that transfers pass, after docs/formats.md, "Micro-steps": inside a node the out port of the source device
// and the in port of the target; between nodes the sending side of one NIC and the receiving side of another; from host
// memory the host link of the target. Every port carries one transfer at a time.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "plimsoll/cluster.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::executor {

struct LinkPath {
  std::array<int, 2> ports = {-1, -1};  // -1: none
  double bytes_per_second = 0;          // 0: as fast as memory goes
  double latency_seconds = 0;

  [[nodiscard]] double seconds(double bytes) const {
    return latency_seconds + (bytes_per_second > 0 ? bytes / bytes_per_second : 0.0);
  }
};

class LinkModel {
 public:
  // A cluster without `link` has no ports: nothing waits, everything is copied as fast as it goes. With a dilation (1
  // or more) every transfer lasts that much longer, as the compute of devices that take turns on a core does.
  explicit LinkModel(const Cluster& cluster, double dilation = 1);

  [[nodiscard]] int ports() const { return given_ ? 5 * devices_ : 0; }
  // "the in port of device 3", for sentences.
  [[nodiscard]] std::string name(int port) const;

  // Throw Error(input) where the cluster's link has no rate for the path.
  [[nodiscard]] LinkPath between(int from, int to) const;
  [[nodiscard]] LinkPath from_host(int to) const;
  [[nodiscard]] LinkPath of(const Transfer& transfer) const;

 private:
  [[nodiscard]] int nic(int device) const;
  [[nodiscard]] LinkPath path(int first, int second, double rate, const char* key) const;

  int devices_;
  int devices_per_node_;
  bool given_;
  Link link_;
  double dilation_;
  std::vector<int> nic_of_device_;
};

}  // namespace plimsoll::executor
