// What this machine can do at best, by measurement: the ceilings that kernels are judged against. A figure of a kernel
// is worth something only beside ceilings of the same run, on the same threads.
#pragma once

#include <cstddef>

#include "executor/kernels/isa.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::executor {

struct CeilingOptions {
  std::size_t bytes = std::size_t{1} << 30U;  // that are streamed: far more than the caches hold
  int repeats = 10;                           // of which the best counts
  Isa isa = best_isa();
};

struct Ceilings {
  // A fused multiply and add counts as two. Without FMA (portable) it is a multiplication and an addition.
  double f64_flops = 0;  // per second
  double f32_flops = 0;
  // Dot products of bf16 pairs where the instruction set has them; elsewhere the f32 rate, which widened operands get.
  double bf16_flops = 0;
  double read_bytes_per_second = 0;
  double copy_bytes_per_second = 0;  // bytes copied, so twice as many are moved
  int threads = 0;
  Isa isa = Isa::portable;
  double other_busy = -1;  // share of the machine that others had meanwhile; -1 unknown (executor/telemetry/busy.hpp)
  std::size_t bytes = 0;   // streamed
  std::size_t huge_bytes = 0;  // of those, in 2 MiB pages
  // Which of the forms tried was the fastest.
  const char* best_read = "";
  const char* best_copy = "";
};

// On all threads of the team at once. Error(memory) where so many bytes are not there, Error(usage) for fewer than 1
// MiB, no repeats, or an instruction set that this processor lacks. Takes seconds.
[[nodiscard]] Ceilings measure_ceilings(Team& team, const CeilingOptions& options = {});

}  // namespace plimsoll::executor
