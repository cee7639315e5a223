// Proofs that no plan exists, each by counting slots that are needed against slots that there are.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "planner/experts/prepare.hpp"

namespace plimsoll::experts {
namespace {

std::string gibibytes(double bytes) {
  std::ostringstream text;
  text.precision(3);
  text << bytes / (1024.0 * 1024.0 * 1024.0) << " GiB";
  return text.str();
}

std::string too_few_slots(const Prepared& prepared) {
  const int live = std::accumulate(prepared.slots.begin(), prepared.slots.end(), 0);
  if (live >= prepared.experts) return {};
  return "the live devices have " + std::to_string(live) + " slots per layer, " + std::to_string(prepared.experts) +
         " experts need one each";
}

std::string too_little_memory(const Prepared& prepared) {
  if (!prepared.memory_binds) return {};
  const double bytes = prepared.instance.model.expert_bytes;
  std::int64_t held = 0;
  for (int device = 0; device < prepared.devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    held += prepared.memory_replicas[d];
    const std::int64_t slots = static_cast<std::int64_t>(prepared.layers) * prepared.slots[d];
    if (prepared.instance.cluster.fill_slots && prepared.memory_replicas[d] < slots) {
      return "device " + std::to_string(device) + " needs " +
             gibibytes(static_cast<double>(slots - prepared.memory_replicas[d]) * bytes) + " more to fill its " +
             std::to_string(prepared.slots[d]) + " slots in " + std::to_string(prepared.layers) +
             " layers. Maybe set cluster.fill_slots to false";
    }
  }
  const std::int64_t needed = static_cast<std::int64_t>(prepared.layers) * prepared.experts;
  if (held >= needed) return {};
  return "the memory of the live devices holds " + std::to_string(held) + " replicas, " + std::to_string(needed) +
         " are needed: " + gibibytes(static_cast<double>(needed - held) * bytes) + " more";
}

std::string cannot_fill(const Prepared& prepared) {
  const auto& cluster = prepared.instance.cluster;
  if (!cluster.fill_slots || cluster.duplicates) return {};
  for (int device = 0; device < prepared.devices; ++device) {
    if (prepared.slots[static_cast<std::size_t>(device)] > prepared.experts) {
      return "device " + std::to_string(device) + " has " +
             std::to_string(prepared.slots[static_cast<std::size_t>(device)]) + " slots to fill with " +
             std::to_string(prepared.experts) + " experts, and duplicates are forbidden";
    }
  }
  return {};
}

// All groups have the same number of experts, so a node takes floor(slots / group size) of them, whichever they are.
std::string groups_do_not_fit(const Prepared& prepared) {
  if (!prepared.instance.keep_groups_on_a_node) return {};
  const int groups = prepared.instance.model.groups;
  const int size = prepared.experts / groups;
  std::vector<int> node_slots(static_cast<std::size_t>(prepared.nodes), 0);
  for (int device = 0; device < prepared.devices; ++device) {
    node_slots[static_cast<std::size_t>(prepared.node[static_cast<std::size_t>(device)])] +=
        prepared.slots[static_cast<std::size_t>(device)];
  }
  int held = 0;
  for (const int slots : node_slots) held += slots / size;
  if (held < groups) {
    return "the nodes have room for " + std::to_string(held) + " whole groups of " + std::to_string(size) +
           " experts, there are " + std::to_string(groups);
  }
  const auto used = std::count_if(node_slots.begin(), node_slots.end(), [](int slots) { return slots > 0; });
  if (prepared.instance.cluster.fill_slots && groups < used) {
    return std::to_string(used) + " nodes have slots to fill and there are only " + std::to_string(groups) +
           " groups. Maybe set cluster.fill_slots to false";
  }
  if (prepared.instance.cluster.fill_slots &&
      std::any_of(node_slots.begin(), node_slots.end(), [&](int slots) { return slots > 0 && slots < size; })) {
    return "a node has fewer slots than the " + std::to_string(size) +
           " experts of a group and must be filled. Maybe set cluster.fill_slots to false";
  }
  return {};
}

// An expert without a replica on a live device costs a move, whatever else happens.
std::string too_few_moves(const Prepared& prepared) {
  const auto& limits = prepared.instance.limits;
  if (!prepared.has_placement()) return {};
  std::int64_t lost = 0;
  std::string first;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    std::vector<bool> stands(static_cast<std::size_t>(prepared.experts), false);
    const auto row = prepared.instance.placement->row(static_cast<std::size_t>(layer));
    for (std::size_t slot = 0; slot < row.size(); ++slot) {
      const auto device = static_cast<std::size_t>(prepared.device_of_slot(static_cast<int>(slot)));
      if (row[slot] >= 0 && prepared.alive[device]) stands[static_cast<std::size_t>(row[slot])] = true;
    }
    for (int expert = 0; expert < prepared.experts; ++expert) {
      if (stands[static_cast<std::size_t>(expert)]) continue;
      if (lost++ == 0) first = "expert " + std::to_string(expert) + " of layer " + std::to_string(layer);
    }
  }
  std::int64_t allowed = limits.max_moves.value_or(lost);
  if (limits.max_moves_per_device) {
    std::int64_t live = std::count(prepared.alive.begin(), prepared.alive.end(), true);
    if (*limits.max_moves_per_device < allowed / std::max<std::int64_t>(live, 1) + 1) {
      allowed = std::min(allowed, *limits.max_moves_per_device * live);
    }
  }
  if (lost <= allowed) return {};
  return std::to_string(lost) + " experts stand on no live device (" + first + " is one), and only " +
         std::to_string(allowed) + " moves are allowed";
}

}  // namespace

std::string prove_impossible(const Prepared& prepared) {
  for (const auto proof : {too_few_slots, too_little_memory, cannot_fill, groups_do_not_fit, too_few_moves}) {
    if (std::string reason = proof(prepared); !reason.empty()) return reason;
  }
  return {};
}

}  // namespace plimsoll::experts
