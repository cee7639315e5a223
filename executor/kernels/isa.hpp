// Which instruction set the kernels use. Every kernel exists for each of them; the choice is made when the program
// runs.
#pragma once

#include <string_view>

namespace plimsoll::executor {

enum class Isa {
  portable,     // whatever the compiler makes of fixed-size packets
  avx2,         // AVX2 and FMA; bf16 operands are widened to f32
  avx512_bf16,  // AVX-512 with dot products of bf16 pairs (dpbf16ps)
};

[[nodiscard]] bool has_isa(Isa isa);
// The last of the enumeration that this processor and its operating system offer.
[[nodiscard]] Isa best_isa();
// What PLIMSOLL_ISA says ("portable", "avx2", "avx512-bf16"), else the best. Throws Error(usage) for any other word and
// for an instruction set that this processor lacks.
[[nodiscard]] Isa chosen_isa();
[[nodiscard]] std::string_view name_of(Isa isa);

}  // namespace plimsoll::executor
