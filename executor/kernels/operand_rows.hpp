// Where operand rows stand in memory.
#pragma once

#include <cstddef>

namespace plimsoll::executor {

// Bytes from row to row: an odd number of lines of a cache, so that rows do not fall onto the same sets of it when
// several are read in step.
inline std::size_t operand_stride(std::size_t row_bytes) {
  constexpr std::size_t line = 64;
  return ((row_bytes + line - 1) / line | 1U) * line;
}

}  // namespace plimsoll::executor
