// One expert's weights as the kernels read them: one block of bytes without pointers, so that a transfer is one copy
// and the copy works where it lands.
//
// A matrix of N outputs over K inputs is cut into panels of 32 columns (outputs), each two halves of 16 columns, which
// lie in the order in which kernels read them:
//   f32:  [panel][half][k][16]        bf16: [panel][half][k / 2][16][2], the pairs that dpbf16ps takes; K padded to
//   even.
// A kernel that takes both halves reads two streams at once: memory gives a core more of two than of one.
// Gate and up share panels, the halves being 16 columns of gate and the same 16 of up, so that the activation finds
// both at hand. Columns that do not exist are zero. The block: gate/up panels, down panels, gate/up biases, down biases
// (f32, in the order of the panels' columns). The same for every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "executor/kernels/expert_shape.hpp"
#include "executor/kernels/expert_weights.hpp"
#include "executor/kernels/isa.hpp"

namespace plimsoll::executor {

inline constexpr std::size_t packed_alignment = 64;

// Of one panel: its depth as kernels take it, and its bytes.
[[nodiscard]] int padded_depth(int depth, NumberType type);
[[nodiscard]] std::size_t panel_bytes(int depth, NumberType type);
// Fills one panel. columns[c] is its column c in plain form; nullptr for a column that does not exist.
void pack_panel(const float* const* columns, int depth, NumberType type, std::byte* to);

struct PackedLayout {
  int hidden_panels = 0;  // of 16 hidden elements
  int output_panels = 0;  // of 32 outputs
  int width = 0;          // padded: the depth of gate/up panels
  int inner = 0;          // padded: the depth of down panels
  std::size_t hidden_panel_bytes = 0;
  std::size_t output_panel_bytes = 0;
  // Offsets in bytes from the block's begin, multiples of packed_alignment.
  std::size_t down = 0;
  std::size_t hidden_bias = 0;
  std::size_t output_bias = 0;
  std::size_t bytes = 0;
};

[[nodiscard]] PackedLayout packed_layout(const ExpertShape& shape, NumberType type);
[[nodiscard]] std::size_t packed_bytes(const ExpertShape& shape, NumberType type, Isa isa);

// Fills `to` (packed_bytes, aligned to packed_alignment). Throws Error(usage) where a span has not the size that
// the shape asks for.
void pack_expert(const ExpertWeights& weights, const ExpertShape& shape, NumberType type, Isa isa, std::byte* to);

}  // namespace plimsoll::executor
