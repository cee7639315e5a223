// Maximum flow with a minimum cut, in whole numbers so that no tolerance enters (LEMON's push-relabel underneath).
// C++17: this header is included from both sides of the language boundary.
#pragma once

#include <cstdint>
#include <vector>

namespace plimsoll::solvers::flow {

struct Arc {
  int from;
  int to;
  std::int64_t capacity;  // 0 or more; all capacities out of the source together stay below 2^62
};

struct MaxFlow {
  std::int64_t value = 0;
  std::vector<std::int64_t> flow;  // per arc
  std::vector<char> source_side;   // per node: on the source's side of a minimum cut
};

// Throws std::invalid_argument for nodes out of range or a negative capacity.
MaxFlow max_flow(int nodes, const std::vector<Arc>& arcs, int source, int sink);

}  // namespace plimsoll::solvers::flow
