#include "executor/attention/block_kernels.hpp"

namespace plimsoll::executor {

const BlockKernels& block_kernels(Isa isa, NumberType type) {
  const bool bf16 = type == NumberType::bf16;
  switch (isa) {
    case Isa::avx2:
      return bf16 ? avx2_bf16_block_kernels : avx2_f32_block_kernels;
    case Isa::avx512_bf16:
      return bf16 ? avx512_bf16_block_kernels : avx512_f32_block_kernels;
    case Isa::portable:
      break;
  }
  return bf16 ? portable_bf16_block_kernels : portable_f32_block_kernels;
}

}  // namespace plimsoll::executor
