// Index keys in 8 bits with a bound on what that costs.
//
// Per block and dimension: k_d ~ low_d + width_d * code_d, code in 0..255, so that a channel with a large mean or a
// large spread has a scale of its own. With t_d = q_d * width_d, itself rounded to 16 bits (t_d ~ step * T_d):
//
//   q . k = q . low + step * (T . code) + e,   T . code an exact integer sum,
//   |e| <= min( 1/2 sum |t_d|, rho * ||t||_2 ) + 255/2 * size * step + slack,
//
// rho = the largest norm over the block's keys of (k - (low + width * code)) / width, and score_slack.hpp for rounding.
//
// One block: codes [128 / 16][size / 4][16 keys][4 bytes], the four dimensions of a group in the order 0 2 1 3, so that
// even and odd bytes are pairs of neighbours; low[size] and width[size] in bf16; rho and reach in f32. Keys that are
// not finite have an infinite rho: nothing is known about them.
#pragma once

#include <cstddef>

#include "executor/kernels/expert_shape.hpp"
#include "executor/kernels/isa.hpp"

namespace plimsoll::executor {

struct QuantisedTail {
  float rho;
  float reach;  // norm of the largest absolute values that low + width * code may have, at least that of every key
};

// All sizes and offsets in bytes.
[[nodiscard]] constexpr std::size_t quantised_low_offset(int size) { return static_cast<std::size_t>(size) * 128; }
[[nodiscard]] constexpr std::size_t quantised_width_offset(int size) {
  return quantised_low_offset(size) + static_cast<std::size_t>(size) * 2;
}
[[nodiscard]] constexpr std::size_t quantised_tail_offset(int size) {
  return quantised_width_offset(size) + static_cast<std::size_t>(size) * 2;
}
[[nodiscard]] constexpr std::size_t quantised_block_bytes(int size) {
  return (quantised_tail_offset(size) + sizeof(QuantisedTail) + 63) / 64 * 64;
}

// From a complete block of index keys. The codes need not be the best ones: the bound holds for whatever they are.
void quantise_block(NumberType type, int size, const std::byte* index_keys, std::byte* to);

// For each row: lower[row * stride] <= the block's maximum as block_maxima() computes it <= upper[row * stride].
// Queries are f32 [row][size] with the numbers that block_maxima() uses; norms[row] is at least the query's norm.
// Infinite bounds where nothing is known. What begins at `next` is fetched meanwhile; null: nothing.
using QuantisedBounds = void (*)(const float* queries, const float* norms, int row_count, int size,
                                 const std::byte* block, float* lower, float* upper, std::ptrdiff_t stride,
                                 const std::byte* next);
[[nodiscard]] QuantisedBounds quantised_bounds(Isa isa);

void quantised_bounds_portable(const float*, const float*, int, int, const std::byte*, float*, float*, std::ptrdiff_t,
                               const std::byte*);
void quantised_bounds_avx2(const float*, const float*, int, int, const std::byte*, float*, float*, std::ptrdiff_t,
                           const std::byte*);
void quantised_bounds_avx512(const float*, const float*, int, int, const std::byte*, float*, float*, std::ptrdiff_t,
                             const std::byte*);

}  // namespace plimsoll::executor
