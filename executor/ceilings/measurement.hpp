// How ceilings are measured: a team, memory to stream through and the loops of one instruction set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "executor/ceilings/ceilings.hpp"
#include "executor/ceilings/peak.hpp"
#include "executor/telemetry/clock.hpp"
#include "executor/threads/memory.hpp"

namespace plimsoll::executor {

// Of the instruction set that the options name.
[[nodiscard]] const Peak& peak_of(Isa isa);

template <class Work>
double seconds_of(Work&& work) {
  const std::int64_t begin = now_ns();
  work();
  return static_cast<double>(std::max<std::int64_t>(now_ns() - begin, 1)) * 1e-9;
}

class Measurement {
 public:
  // Allocates and writes the memory. Throws as measure_ceilings does.
  Measurement(Team& team, const CeilingOptions& options);

  // All of the ceilings, in seconds of time.
  [[nodiscard]] Ceilings all();

  // Bytes per second of one pass over [at, at + bytes), both multiples of stream_grain, in the best form that all()
  // found.
  [[nodiscard]] double read_again(std::size_t at, std::size_t bytes);
  // Flops per second of so many chunks per thread.
  [[nodiscard]] double compute_again(const Arithmetic& arithmetic, std::int64_t rounds, int chunks);

  [[nodiscard]] std::size_t bytes() const { return memory_.size(); }
  [[nodiscard]] const Arithmetic& bf16() const { return peak_.bf16.run != nullptr ? peak_.bf16 : peak_.f32; }
  [[nodiscard]] const Arithmetic& f32() const { return peak_.f32; }

 private:
  [[nodiscard]] std::int64_t rounds_of_chunk(const Arithmetic& arithmetic);
  [[nodiscard]] double flops(const Arithmetic& arithmetic);
  [[nodiscard]] std::pair<double, const char*> read();
  [[nodiscard]] std::pair<double, const char*> copy();
  void pass(const Reading& form, std::size_t at, std::size_t bytes);
  template <class Work>
  void in_parts(std::size_t bytes, Work&& work);
  template <class Form, class Run>
  std::pair<double, std::size_t> best_of(const std::vector<Form>& forms, std::size_t bytes, Run&& run);

  Team& team_;
  CeilingOptions options_;
  const Peak& peak_;
  Memory memory_;
  std::size_t best_reading_ = 0;
};

}  // namespace plimsoll::executor
