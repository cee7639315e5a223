#include "executor/threads/topology.hpp"

#include <hwloc.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>

#include "executor/threads/control_group.hpp"

namespace plimsoll::executor {
namespace {

struct Destroy {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<std::remove_pointer_t<hwloc_topology_t>, Destroy>;

Topology load() {
  hwloc_topology_t topology = nullptr;
  if (hwloc_topology_init(&topology) != 0) return nullptr;
  Topology loaded(topology);
  if (hwloc_topology_load(topology) != 0) return nullptr;
  return loaded;
}

// Null where hwloc fails. The machine does not change under a process, so it is read once.
hwloc_topology_t machine() {
  static const Topology loaded = load();
  return loaded.get();
}

// Of the process's first thread: others may be pinned. Empty where the system does not say.
std::vector<int> allowed_processors() {
  for (int size = 1024; size <= 1 << 20; size *= 4) {
    cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(size));
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(size));
    CPU_ZERO_S(bytes, set);
    const bool told = sched_getaffinity(getpid(), bytes, set) == 0;
    std::vector<int> allowed;
    for (int id = 0; told && id < size; ++id) {
      if (CPU_ISSET_S(static_cast<std::size_t>(id), bytes, set)) allowed.push_back(id);
    }
    CPU_FREE(set);
    if (told) return allowed;
  }
  return {};
}

int node_of(hwloc_topology_t topology, int processor) {
  for (hwloc_obj_t node = nullptr;
       (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)) != nullptr;) {
    if (node->cpuset != nullptr && hwloc_bitmap_isset(node->cpuset, static_cast<unsigned>(processor)) != 0) {
      return static_cast<int>(node->os_index);
    }
  }
  return 0;
}

// The physical core that a logical processor belongs to, or a number of its own below 0.
int physical_core(hwloc_topology_t topology, int processor) {
  const hwloc_obj_t unit = hwloc_get_pu_obj_by_os_index(topology, static_cast<unsigned>(processor));
  const hwloc_obj_t core = unit == nullptr ? nullptr : hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, unit);
  return core == nullptr ? -1 - processor : static_cast<int>(core->logical_index);
}

std::vector<Core> all_processors() {
  std::vector<int> allowed = allowed_processors();
  if (allowed.empty()) {
    for (unsigned id = 0; id < std::max(std::thread::hardware_concurrency(), 1U); ++id) {
      allowed.push_back(static_cast<int>(id));
    }
  }
  const hwloc_topology_t topology = machine();
  std::vector<Core> processors;
  std::vector<int> physical;  // of those listed so far
  for (const int id : allowed) {
    Core core{id, 0, 0};
    if (topology != nullptr) {
      core.numa_node = node_of(topology, id);
      physical.push_back(physical_core(topology, id));
      core.sibling = static_cast<int>(std::count(physical.begin(), physical.end() - 1, physical.back()));
    }
    processors.push_back(core);
  }
  std::sort(processors.begin(), processors.end(), [](const Core& left, const Core& right) {
    return std::tie(left.sibling, left.numa_node, left.id) < std::tie(right.sibling, right.numa_node, right.id);
  });
  return processors;
}

// The smallest grant of the control groups that this process is in; 0 for none.
int granted_processors() {
  int least = 0;
  for (const std::string& text : control_group_values("cpu.max")) {
    const int granted = processors_of_quota(text);
    if (granted > 0) least = least == 0 ? granted : std::min(least, granted);
  }
  return least;
}

}  // namespace

std::vector<Core> usable_processors() {
  std::vector<Core> processors = all_processors();
  const int granted = granted_processors();
  if (granted > 0 && granted < static_cast<int>(processors.size()))
    processors.resize(static_cast<std::size_t>(granted));
  return processors;
}

std::vector<Core> usable_cores() {
  std::vector<Core> cores = usable_processors();
  std::erase_if(cores, [](const Core& core) { return core.sibling > 0; });
  return cores;
}

int numa_nodes() {
  const hwloc_topology_t topology = machine();
  return topology == nullptr ? 1 : std::max(hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE), 1);
}

bool bind_memory(void* data, std::size_t bytes, int numa_node) {
  const hwloc_topology_t topology = machine();
  if (topology == nullptr || numa_nodes() < 2 || numa_node < 0 || bytes == 0) return false;
  const hwloc_obj_t node = hwloc_get_numanode_obj_by_os_index(topology, static_cast<unsigned>(numa_node));
  return node != nullptr && hwloc_set_area_membind(topology, data, bytes, node->nodeset, HWLOC_MEMBIND_BIND,
                                                   HWLOC_MEMBIND_BYNODESET | HWLOC_MEMBIND_MIGRATE) == 0;
}

int processors_of_quota(std::string_view cpu_max) {
  long quota = 0;
  long period = 0;
  const char* const end = cpu_max.data() + cpu_max.size();
  const auto first = std::from_chars(cpu_max.data(), end, quota);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ' ') return 0;
  const auto second = std::from_chars(first.ptr + 1, end, period);
  if (second.ec != std::errc() || quota <= 0 || period <= 0) return 0;
  return static_cast<int>(std::clamp(quota / period, 1L, 1L << 20));
}

}  // namespace plimsoll::executor
