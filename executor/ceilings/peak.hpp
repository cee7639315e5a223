// The loops whose speed is a ceiling, for each instruction set: plain functions, so that files compiled for one of them
// lend no code to others.
#pragma once

#include <cstddef>
#include <cstdint>

namespace plimsoll::executor {

// So many rounds of independent accumulations in registers. The result is finite and has no other meaning.
struct Arithmetic {
  double (*run)(std::int64_t rounds);
  double flops_per_round;
};

// Streams are multiples of this many bytes and begin on a boundary of 64.
inline constexpr std::size_t stream_grain = 4096;

// Reads every byte; the result depends on all of them.
struct Reading {
  const char* name;
  std::uint64_t (*run)(const std::byte* from, std::size_t bytes);
};

struct Copying {
  const char* name;
  void (*run)(std::byte* to, const std::byte* from, std::size_t bytes);
};

struct Peak {
  Arithmetic f64;
  Arithmetic f32;
  Arithmetic bf16;  // run is null where it is f32's
  const Reading* readings;
  int reading_count;
  const Copying* copyings;
  int copying_count;
};

const Peak& peak_portable();
const Peak& peak_avx2();
const Peak& peak_avx512();

}  // namespace plimsoll::executor
