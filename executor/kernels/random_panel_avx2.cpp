#include "executor/kernels/random_panel.hpp"

namespace plimsoll::executor {

void fill_f32_avx2(const std::uint32_t* keys, const float* scales, int depth, void* to) {
  fill_f32(keys, scales, depth, to);
}
void fill_bf16_avx2(const std::uint32_t* keys, const float* scales, int depth, void* to) {
  fill_bf16(keys, scales, depth, to);
}

}  // namespace plimsoll::executor
