// The links of a cluster by number, and the path of a transfer over them. Each link carries one transfer at a time.
//
// Link 4 d + 0 and 4 d + 1 are the out and in port of device d inside its node, 4 n + 2 and 4 n + 3 what NIC n sends
// and receives, 4 * devices + d the host link of device d.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

struct Path {
  std::array<int, 2> links = {-1, -1};  // -1: none
  double rate = 0;                      // bytes per second; 0: there is no such path
};

class Links {
 public:
  explicit Links(const Cluster& cluster) : cluster_(&cluster), devices_(cluster.devices()) {}

  // False: transfers take no time and never conflict.
  [[nodiscard]] bool given() const { return cluster_->link.has_value(); }
  [[nodiscard]] int count() const { return 5 * devices_; }
  [[nodiscard]] int node(int device) const { return device / cluster_->devices_per_node; }
  [[nodiscard]] int nic(int device) const {
    return cluster_->nic_of_device.empty() ? device : cluster_->nic_of_device[static_cast<std::size_t>(device)];
  }
  [[nodiscard]] static int out_port(int device) { return 4 * device; }
  [[nodiscard]] static int in_port(int device) { return 4 * device + 1; }
  [[nodiscard]] int nic_out(int device) const { return 4 * nic(device) + 2; }
  [[nodiscard]] int nic_in(int device) const { return 4 * nic(device) + 3; }
  [[nodiscard]] int host_link(int device) const { return 4 * devices_ + device; }
  // "the in port of device 3", for sentences.
  [[nodiscard]] std::string name(int link) const;

  [[nodiscard]] Path between(int from, int to) const;
  [[nodiscard]] Path from_host(int to) const;
  // Of a transfer between existing places.
  [[nodiscard]] Path of(const Transfer& transfer) const {
    return transfer.from_host ? from_host(transfer.to) : between(transfer.from, transfer.to);
  }
  // The least time in which so many bytes pass; 0 without links. Needs a rate.
  [[nodiscard]] double seconds(const Path& path, double bytes) const {
    return given() ? cluster_->link->latency_seconds + bytes / path.rate : 0.0;
  }

 private:
  const Cluster* cluster_;
  int devices_;
};

inline double bytes_of(const ExpertModel& model, TransferKind kind) {
  return kind == TransferKind::weights ? model.expert_bytes : model.gradient_bytes;
}

}  // namespace plimsoll::experts::step
