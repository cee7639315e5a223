// Ceilings beside what is measured. Those of a machine that is shared (a hypervisor, another core) drift by a third
// within seconds, so that a ceiling of a minute ago says little. Between the calls of a kernel the best read stream and
// the arithmetic are repeated for about as long as a call; the best call of this period is judged by the best of them.
//
//   CeilingWatch watch(team);                    // seconds
//   for each row of a table:
//     watch.begin();
//     while (...) { time a call; watch.again(seconds of the call); }
//     share of the bound = watch.period().bound(bytes, flops) / shortest
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "executor/ceilings/ceilings.hpp"

namespace plimsoll::executor {

class Measurement;

class CeilingWatch {
 public:
  // Takes what measure_ceilings takes, and keeps its memory.
  explicit CeilingWatch(Team& team, const CeilingOptions& options = {});
  ~CeilingWatch();
  CeilingWatch(const CeilingWatch&) = delete;
  CeilingWatch& operator=(const CeilingWatch&) = delete;

  // What the constructor measured.
  [[nodiscard]] const Ceilings& whole() const { return whole_; }

  struct Period {
    double read_bytes_per_second = 0;
    double f32_flops = 0;
    double bf16_flops = 0;
    int samples = 0;
    // Seconds that so many bytes and so many flops take at least.
    [[nodiscard]] double bound(double bytes, double flops) const {
      return std::max(bytes / read_bytes_per_second, flops / bf16_flops);
    }
    [[nodiscard]] double f32_bound(double bytes, double flops) const {
      return std::max(bytes / read_bytes_per_second, flops / f32_flops);
    }
  };
  // Forgets the samples.
  void begin() { period_ = {}; }
  // A sample of each ceiling of about so many seconds, at least 2 ms; beside calls of more than 50 ms some of 50 ms
  // each, 5 at most: one alone may meet a bad moment. On the same team, from the same thread.
  void again(double seconds);
  // The best of the samples since begin(); at least one is taken.
  [[nodiscard]] const Period& period();

 private:
  void sample(double length);

  std::unique_ptr<Measurement> measurement_;
  Ceilings whole_;
  Period period_;
  std::size_t at_ = 0;           // where the stream goes on: nothing of it is in a cache
  std::int64_t f32_rounds_ = 0;  // of a chunk
  std::int64_t bf16_rounds_ = 0;
};

}  // namespace plimsoll::executor
