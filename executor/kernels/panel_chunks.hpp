// How many panels a thread takes at a time.
#pragma once

#include <algorithm>
#include <cstddef>

#include "executor/kernels/panel_kernels.hpp"

namespace plimsoll::executor {

// A chunk is long against the cost of claiming it (100 ns) and short against the call: what the threads wait for at the
// end is half a chunk on average. Bytes of weights per chunk at few rows, fewer panels where each of them takes longer.
inline int panels_per_chunk(std::size_t panel_bytes, std::size_t rows) {
  constexpr std::size_t chunk_bytes = std::size_t{384} << 10U;
  constexpr std::size_t rows_in_time = 6;  // up to here reading the weights takes longer than the arithmetic
  const std::size_t panels = chunk_bytes * rows_in_time / (panel_bytes * std::max(rows, rows_in_time));
  return static_cast<int>(std::max<std::size_t>(panels / panels_at_once, 1)) * panels_at_once;
}

}  // namespace plimsoll::executor
