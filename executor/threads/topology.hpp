// The cores that this process may use: its affinity mask and the limits of its control group (cpuset, and the quota of
// processor time, rounded down) are honoured. Asked of hwloc; where hwloc fails, of the affinity mask alone.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace plimsoll::executor {

struct Core {
  int id = 0;         // the operating system's number of the logical processor
  int numa_node = 0;  // the operating system's number of its memory node
  int sibling = 0;    // 0 for the first usable logical processor of a physical core, 1 for the second, ...
};

// One logical processor per physical core, in the order of nodes and numbers: two threads on one core share its
// arithmetic, so more than one pays rarely. At least one.
[[nodiscard]] std::vector<Core> usable_cores();
// All of them, the first of every core before the second of any.
[[nodiscard]] std::vector<Core> usable_processors();
// Memory nodes of the machine, at least 1.
[[nodiscard]] int numa_nodes();
// Has the pages of this block come from the node's memory, those already touched moved there. False where the machine
// has one node or the system refuses.
bool bind_memory(void* data, std::size_t bytes, int numa_node);

// How many processors' worth of time a control group grants: the text of cpu.max ("150000 100000", "max 100000").
// At least 1; 0 where there is no limit or no sense in the text.
[[nodiscard]] int processors_of_quota(std::string_view cpu_max);

}  // namespace plimsoll::executor
