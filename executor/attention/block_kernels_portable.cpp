// For any processor: packets of 16 columns that the compiler puts into whatever registers there are.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "executor/attention/block_kernels.hpp"
#include "executor/attention/exp_constants.hpp"
#include "executor/kernels/bfloat16.hpp"

namespace plimsoll::executor {
namespace {

constexpr int keys = 128;
constexpr float nothing = -std::numeric_limits<float>::infinity();

struct Bf16 {
  using Element = bfloat16;
  static float round(float value) { return to_float(to_bfloat16(value)); }
  static float at(const Element* panel, int k, int column) {
    return to_float(panel[(k / 2 * 16 + column) * 2 + k % 2]);
  }
};

struct F32 {
  using Element = float;
  static float round(float value) { return value; }
  static float at(const Element* panel, int k, int column) { return panel[k * 16 + column]; }
};

float exponential(float x) {
  if (x < exp_lowest) return 0;
  if (!(x <= exp_highest)) return x > 0 ? std::numeric_limits<float>::infinity() : x;
  const float n = std::nearbyint(x * exp_log2e);
  const float r = (x - n * exp_ln2_high) - n * exp_ln2_low;
  float p = exp_c5;
  p = p * r + exp_c4;
  p = p * r + exp_c3;
  p = p * r + exp_c2;
  p = p * r + exp_c1;
  p = p * r + exp_c0;
  p = p * (r * r) + r + 1.0F;
  return p * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
}

template <class Type>
void pack_row(const float* from, int count, void* to) {
  auto* row = static_cast<float*>(to);
  for (int k = 0; k < count; ++k) row[k] = Type::round(from[k]);
}

template <class Type>
void sixteen(const float* row, int depth, const typename Type::Element* panel, float* sums) {
  for (int c = 0; c < 16; ++c) sums[c] = 0;
  for (int k = 0; k < depth; ++k) {
    for (int c = 0; c < 16; ++c) sums[c] += row[k] * Type::at(panel, k, c);
  }
}

template <class Type>
void multiply(const void* rows, std::ptrdiff_t row_stride, int row_count, int depth, const void* panels,
              int panel_depth, int columns, float* product, std::ptrdiff_t product_stride, const void* /*next*/) {
  const auto* panel = static_cast<const typename Type::Element*>(panels);
  for (int first = 0; first < columns; first += 16, panel += static_cast<std::ptrdiff_t>(panel_depth) * 16) {
    for (int r = 0; r < row_count; ++r) {
      float sums[16];
      sixteen<Type>(static_cast<const float*>(rows) + r * row_stride, depth, panel, sums);
      std::memcpy(product + r * product_stride + first, sums, sizeof sums);
    }
  }
}

template <class Type>
void block_maxima(const void* rows, std::ptrdiff_t row_stride, int row_count, int depth, const void* panels,
                  float* maxima, std::ptrdiff_t maxima_stride, const void* /*next*/) {
  for (int r = 0; r < row_count; ++r) {
    float largest = nothing;
    for (int p = 0; p < keys / 16; ++p) {
      float sums[16];
      const auto* panel =
          static_cast<const typename Type::Element*>(panels) + static_cast<std::ptrdiff_t>(p) * depth * 16;
      sixteen<Type>(static_cast<const float*>(rows) + r * row_stride, depth, panel, sums);
      for (const float sum : sums) largest = sum > largest ? sum : largest;
    }
    maxima[r * maxima_stride] = largest;
  }
}

void weigh(const float* scores, std::ptrdiff_t score_stride, int row_count, int visible, float scale, void* weights,
           std::ptrdiff_t weight_stride, float* maximum, float* sum) {
  for (int r = 0; r < row_count; ++r) {
    const float* row = scores + r * score_stride;
    auto* out = static_cast<float*>(weights) + r * weight_stride;
    float largest = nothing;
    for (int j = 0; j < visible; ++j) largest = row[j] * scale > largest ? row[j] * scale : largest;
    const float base = largest == nothing ? 0 : largest;
    float total = 0;
    for (int j = 0; j < visible; ++j) total += out[j] = exponential(row[j] * scale - base);
    if (visible % 2 != 0) out[visible] = 0;
    maximum[r] = largest;
    sum[r] = total;
  }
}

void merge(int row_count, int width, float* maximum, float* sum, float* output, const float* part_maximum,
           const float* part_sum, const float* part_output) {
  for (int r = 0; r < row_count; ++r) {
    const float largest = std::max(maximum[r], part_maximum[r]);
    const float old_share = maximum[r] == nothing ? 0 : exponential(maximum[r] - largest);
    const float new_share = part_maximum[r] == nothing ? 0 : exponential(part_maximum[r] - largest);
    float* out = output + static_cast<std::ptrdiff_t>(r) * width;
    const float* part = part_output + static_cast<std::ptrdiff_t>(r) * width;
    for (int c = 0; c < width; ++c) out[c] = out[c] * old_share + part[c] * new_share;
    sum[r] = sum[r] * old_share + part_sum[r] * new_share;
    maximum[r] = largest;
  }
}

}  // namespace

const BlockKernels portable_bf16_block_kernels{4, pack_row<Bf16>, multiply<Bf16>, weigh, merge, block_maxima<Bf16>};
const BlockKernels portable_f32_block_kernels{4, pack_row<F32>, multiply<F32>, weigh, merge, block_maxima<F32>};

}  // namespace plimsoll::executor
