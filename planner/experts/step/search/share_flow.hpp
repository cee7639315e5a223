// Maximum flow from experts through the replicas that stand to devices, kept up to date while replicas come and
// capacities grow: how many tokens of a layer can be served within a time, and which are left over. Augmenting paths in
// phases (Dinic 1970) on whole units, so that no tolerance enters. A maximum flow from scratch (solvers/flow) costs
// tens of microseconds for one layer; adding a replica here costs a few scans of the arcs that it touches.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::experts::step {

class ShareFlow {
 public:
  ShareFlow(int experts, int devices);

  // No replicas, no capacity.
  void clear(std::span<const std::int64_t> demand);
  // At least what the device serves already.
  void set_capacity(int device, std::int64_t units) { capacity_[index(device)] = units; }
  // A replica; returns its number. One for each (expert, device).
  int add(int expert, int device);

  // Serves as many units as the replicas allow; returns what is left over.
  std::int64_t saturate();

  [[nodiscard]] std::int64_t unserved() const { return unserved_total_; }
  [[nodiscard]] std::int64_t unserved(int expert) const { return unserved_[index(expert)]; }
  [[nodiscard]] std::int64_t room(int device) const { return capacity_[index(device)] - used_[index(device)]; }
  [[nodiscard]] std::int64_t served(int replica) const { return arcs_[index(replica)].flow; }
  [[nodiscard]] int replicas() const { return static_cast<int>(arcs_.size()); }
  [[nodiscard]] int expert(int replica) const { return arcs_[index(replica)].expert; }
  [[nodiscard]] int device(int replica) const { return arcs_[index(replica)].device; }
  [[nodiscard]] const std::vector<int>& replicas_of(int expert) const { return of_expert_[index(expert)]; }
  [[nodiscard]] const std::vector<int>& replicas_on(int device) const { return of_device_[index(device)]; }
  // Units that a device could hand on to devices with room that hold the same experts.
  [[nodiscard]] std::int64_t passable(int device) const;

  // After saturate(): unserved tokens can be pushed to this expert, so that one more replica of it would help. With the
  // devices that hold these experts it is the source's side of a minimum cut.
  [[nodiscard]] bool reached(int expert) const { return expert_level_[index(expert)] >= 0; }
  [[nodiscard]] bool reached_device(int device) const { return device_level_[index(device)] >= 0; }

  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  struct Arc {
    int expert;
    int device;
    std::int64_t flow;
  };
  static std::size_t index(int number) { return static_cast<std::size_t>(number); }
  bool build_levels();
  std::int64_t push_from(int expert, std::int64_t most);

  std::vector<Arc> arcs_;
  std::vector<std::vector<int>> of_expert_;  // [experts] numbers of replicas
  std::vector<std::vector<int>> of_device_;  // [devices]
  std::vector<std::int64_t> unserved_;       // [experts]
  std::vector<std::int64_t> capacity_;       // [devices]
  std::vector<std::int64_t> used_;           // [devices]
  std::int64_t unserved_total_ = 0;
  std::vector<int> expert_level_;         // [experts] in the residual graph, -1: not reached
  std::vector<int> device_level_;         // [devices]
  std::vector<std::size_t> expert_next_;  // [experts] the next arc to try in this phase
  std::vector<std::size_t> device_next_;  // [devices]
  std::vector<int> queue_;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::experts::step
