#include "executor/kernels/isa.hpp"

#include <array>
#include <cstdlib>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::array all{Isa::portable, Isa::avx2, Isa::avx512_bf16};

}  // namespace

bool has_isa(Isa isa) {
  // These builtins ask the operating system, too, whether it keeps the registers.
  __builtin_cpu_init();
  switch (isa) {
    case Isa::portable:
      return true;
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    case Isa::avx512_bf16:
      return has_isa(Isa::avx2) && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
             __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
             __builtin_cpu_supports("avx512bf16") != 0;
  }
  return false;
}

Isa best_isa() {
  Isa best = Isa::portable;
  for (const Isa isa : all) {
    if (has_isa(isa)) best = isa;
  }
  return best;
}

Isa chosen_isa() {
  const char* word = std::getenv("PLIMSOLL_ISA");
  if (word == nullptr || *word == '\0') return best_isa();
  for (const Isa isa : all) {
    if (name_of(isa) != word) continue;
    if (has_isa(isa)) return isa;
    throw Error(
        ErrorCode::usage, "PLIMSOLL_ISA asks for " + std::string(word) + ", which this processor lacks", {},
        "Maybe unset PLIMSOLL_ISA: the best that this processor has is " + std::string(name_of(best_isa())) + ".");
  }
  throw Error(ErrorCode::usage, "PLIMSOLL_ISA is '" + std::string(word) + "', not portable, avx2 or avx512-bf16");
}

std::string_view name_of(Isa isa) {
  switch (isa) {
    case Isa::portable:
      return "portable";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512_bf16:
      return "avx512-bf16";
  }
  return "unknown";
}

}  // namespace plimsoll::executor
