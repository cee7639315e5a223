// Where the numbers of a block stand: panels of 16 columns, as block_kernels.hpp says.
//   keys, index keys  columns are the block's keys, depth is the head's dimensions
//   values            columns are the head's dimensions, depth is the block's keys
#pragma once

#include <cstddef>

#include "executor/attention/block_kernels.hpp"
#include "executor/attention/shape.hpp"

namespace plimsoll::executor {

// Index, in numbers, of (depth k, column) in panels of this depth.
inline std::size_t panel_index(NumberType type, int panel_depth, int k, int column) {
  const auto panel = static_cast<std::size_t>(column / block_panel_columns) * static_cast<std::size_t>(panel_depth);
  const int lane = column % block_panel_columns;
  if (type == NumberType::f32) {
    return (panel + static_cast<std::size_t>(k)) * block_panel_columns + static_cast<std::size_t>(lane);
  }
  const std::size_t pair =
      (panel / 2 + static_cast<std::size_t>(k / 2)) * block_panel_columns + static_cast<std::size_t>(lane);
  return pair * 2 + static_cast<std::size_t>(k % 2);
}

// Of the keys, or of the values, of one group in one block; of its index keys with index_size.
inline std::size_t panels_bytes(NumberType type, int size) {
  return static_cast<std::size_t>(size) * block_keys * static_cast<std::size_t>(bytes_of(type));
}

// Puts one key into its column, one value into its row. `numbers` has `size` elements, which are rounded to the type.
void write_key(NumberType type, int size, int slot, const float* numbers, std::byte* panels);
void write_value(NumberType type, int size, int slot, const float* numbers, std::byte* panels);
// Reads a key back.
void read_key(NumberType type, int size, int slot, const std::byte* panels, float* numbers);
void read_value(NumberType type, int size, int slot, const std::byte* panels, float* numbers);

}  // namespace plimsoll::executor
