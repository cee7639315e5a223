// How the operands of a product lie: packed for the tiles of rows that a kernel keeps in registers, so that a tile
// reads one stream (K. Goto, R. van de Geijn, "Anatomy of high-performance matrix multiplication", 2008).
//
//   [block of 128 k][tile][k][row of the tile], in words of 4 bytes: one k in f32, or a pair of k in bf16 (avx512).
//
// Rows are divided into tiles of nearly equal height: a last tile of one row would take as long as one of three.
// Static: each instruction set compiles its own copy.
#pragma once

#include <cstddef>
#include <cstdint>

namespace plimsoll::executor {

// The operands of a block and the panels' numbers for it stay in the first-level cache.
inline constexpr int block_depth = 128;

struct OperandTiles {
  int count;
  int height;
  int higher;  // so many tiles have a row more
};

[[maybe_unused]] static inline OperandTiles operand_tiles(int rows, int most_rows) {
  const int count = (rows + most_rows - 1) / most_rows;
  return {count, rows / count, rows % count};
}

[[maybe_unused]] static inline int rows_of(const OperandTiles& tiles, int tile) {
  return tiles.height + (tile < tiles.higher ? 1 : 0);
}

// Words from the operands' begin to row 0 of a tile at word `at`, which begins no later than a block's last word.
// `words`: of a row; `block_words`: of a block.
[[maybe_unused]] static inline std::size_t word_of_tile(int rows, int words, int block_words, int first_row,
                                                        int tile_rows, int at) {
  const int begin = at / block_words * block_words;
  const int in_block = words - begin < block_words ? words - begin : block_words;
  return static_cast<std::size_t>(begin) * static_cast<std::size_t>(rows) +
         static_cast<std::size_t>(first_row) * static_cast<std::size_t>(in_block) +
         static_cast<std::size_t>(at - begin) * static_cast<std::size_t>(tile_rows);
}

// Writes `count` words of row 0 at word `at`, all in one block, to a tile's place `to`.
[[maybe_unused]] static inline void scatter_words(const std::uint32_t* words, int count, int tile_rows,
                                                  std::uint32_t* to) {
  for (int n = 0; n < count; ++n) to[static_cast<std::ptrdiff_t>(n) * tile_rows] = words[n];
}

}  // namespace plimsoll::executor
