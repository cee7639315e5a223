#include "executor/attention/layout.hpp"

#include <cstring>

#include "executor/kernels/bfloat16.hpp"

namespace plimsoll::executor {
namespace {

void write(NumberType type, std::size_t index, float number, std::byte* panels) {
  if (type == NumberType::f32) {
    std::memcpy(panels + index * sizeof number, &number, sizeof number);
    return;
  }
  const bfloat16 rounded = to_bfloat16(number);
  std::memcpy(panels + index * sizeof rounded, &rounded, sizeof rounded);
}

float read(NumberType type, std::size_t index, const std::byte* panels) {
  if (type == NumberType::f32) {
    float number;
    std::memcpy(&number, panels + index * sizeof number, sizeof number);
    return number;
  }
  bfloat16 number;
  std::memcpy(&number, panels + index * sizeof number, sizeof number);
  return to_float(number);
}

}  // namespace

void write_key(NumberType type, int size, int slot, const float* numbers, std::byte* panels) {
  for (int k = 0; k < size; ++k) write(type, panel_index(type, size, k, slot), numbers[k], panels);
}

void write_value(NumberType type, int size, int slot, const float* numbers, std::byte* panels) {
  for (int c = 0; c < size; ++c) write(type, panel_index(type, block_keys, slot, c), numbers[c], panels);
}

void read_key(NumberType type, int size, int slot, const std::byte* panels, float* numbers) {
  for (int k = 0; k < size; ++k) numbers[k] = read(type, panel_index(type, size, k, slot), panels);
}

void read_value(NumberType type, int size, int slot, const std::byte* panels, float* numbers) {
  for (int c = 0; c < size; ++c) numbers[c] = read(type, panel_index(type, block_keys, slot, c), panels);
}

}  // namespace plimsoll::executor
