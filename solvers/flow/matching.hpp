// Least-cost perfect matching in a complete bipartite graph (LEMON's network simplex underneath).
#pragma once

#include <cstdint>
#include <vector>

namespace plimsoll::solvers::flow {

// `cost` is row-major [size][size], each entry of magnitude at most 2^40. Returns the column of each row.
// Throws std::invalid_argument where the shape or a cost is out of range.
std::vector<int> least_cost_matching(int size, const std::vector<std::int64_t>& cost);

}  // namespace plimsoll::solvers::flow
