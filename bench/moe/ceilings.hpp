// What the machine could do at best, measured beside the kernels: one read stream over all weights, and the arithmetic
// that the chosen instruction set does on bf16 (dot products of pairs, or FMA on what was widened) and on f32.
#pragma once

#include <cstddef>
#include <span>

#include "executor/kernels/isa.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::bench {

// Bytes per second, the best of `repeats`.
double read_stream(std::span<const std::byte> bytes, int repeats, executor::Team& team);
// Operations per second, the best of `repeats` of about 20 ms.
double f32_peak(executor::Isa isa, int repeats, executor::Team& team);
double bf16_peak(executor::Isa isa, int repeats, executor::Team& team);

}  // namespace plimsoll::bench
