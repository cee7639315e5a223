// An instance made ready for the methods: who is alive, where things stand, and what can be ruled out at once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "planner/experts/cost_curve.hpp"
#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

struct Prepared {
  explicit Prepared(const ExpertInstance& source);

  const ExpertInstance& instance;
  int layers;
  int experts;
  int devices;
  int nodes;
  std::vector<int> first_slot;  // [devices + 1] offsets into a row of slots
  std::vector<int> slots;       // [devices] usable slots per layer; 0 on a dead device
  std::vector<bool> alive;      // [devices]
  std::vector<int> node;        // [devices]
  std::vector<int> group;       // [experts]
  CostCurve curve;
  bool even;
  bool whole_tokens;  // tokens are integers
  // [devices] replicas of all layers together that the memory holds; layers * slots where it does not bind.
  std::vector<std::int64_t> memory_replicas;
  bool memory_binds;
  // Why no plan can exist, in the problem's words; empty where nothing was proven.
  std::string impossible;

  [[nodiscard]] std::span<const double> load(int layer) const {
    return instance.load.row(static_cast<std::size_t>(layer));
  }
  [[nodiscard]] double speed(int device) const { return instance.cluster.speed[static_cast<std::size_t>(device)]; }
  [[nodiscard]] int total_slots() const { return first_slot.back(); }  // of a row, dead devices included
  [[nodiscard]] int device_of_slot(int slot) const { return device_of_slot_[static_cast<std::size_t>(slot)]; }
  // An expert stood on this device in this layer; false without a placement.
  [[nodiscard]] bool stood(int layer, int expert, int device) const {
    if (!instance.placement || !alive[static_cast<std::size_t>(device)]) return false;
    const auto row = instance.placement->row(static_cast<std::size_t>(layer));
    const auto d = static_cast<std::size_t>(device);
    for (int slot = first_slot[d]; slot < first_slot[d + 1]; ++slot) {
      if (row[static_cast<std::size_t>(slot)] == expert) return true;
    }
    return false;
  }
  // There are limits on what all layers use together: memory that binds, moves.
  [[nodiscard]] bool shares_limits() const {
    return memory_binds || instance.limits.max_moves || instance.limits.max_moves_per_device;
  }
  [[nodiscard]] bool has_placement() const { return instance.placement.has_value(); }
  // Moves are limited or priced, so that it matters what stood where.
  [[nodiscard]] bool moves_matter() const {
    return has_placement() &&
           (instance.limits.max_moves || instance.limits.max_moves_per_device || instance.move_seconds > 0);
  }

 private:
  std::vector<int> device_of_slot_;
};

// Every reason known without a search for which no plan can exist; called by the constructor.
std::string prove_impossible(const Prepared& prepared);

}  // namespace plimsoll::experts
