// The machine that a plan is made for: nodes of devices, each with slots for replicas.
// Format and defaults: docs/formats.md, "cluster".
#pragma once

#include <optional>
#include <vector>

namespace plimsoll {

// Rates of the links, for problems that schedule transfers; static placement only carries them along.
struct Link {
  double intra_bytes_per_second = 0;  // device to device inside a node
  double nic_bytes_per_second = 0;    // node to node
  double host_bytes_per_second = 0;   // host memory to device
  double latency_seconds = 0;
};

struct Cluster {
  int nodes = 1;
  int devices_per_node = 1;
  std::vector<int> slots;              // [devices] slots per layer; 0 or more
  std::vector<double> speed;           // [devices] work per second relative to 1; above 0
  std::vector<int> dead;               // devices that may hold nothing, ascending
  std::optional<double> memory_bytes;  // the replicas of all layers on one device fit in it
  bool duplicates = true;              // a device may hold an expert twice in a layer
  bool fill_slots = true;              // no slot of a live device stays empty
  std::optional<Link> link;
  std::vector<int> nic_of_device;  // [devices] or empty

  [[nodiscard]] int devices() const { return nodes * devices_per_node; }
};

}  // namespace plimsoll
