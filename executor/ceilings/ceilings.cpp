#include "executor/ceilings/ceilings.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "executor/ceilings/peak.hpp"
#include "executor/telemetry/busy.hpp"
#include "executor/telemetry/clock.hpp"
#include "executor/threads/memory.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

// What a thread takes at a time. The processor stops fetching ahead where one ends, so they are long; each thread takes
// many, so that one which is interrupted costs little.
constexpr std::size_t stream_part = std::size_t{4} << 20U;
constexpr std::int64_t arithmetic_ns = 500'000;  // of one chunk, about
constexpr int arithmetic_chunks = 32;            // per thread
constexpr int finalists = 5;                     // forms that are measured again

const Peak& peak_of(Isa isa) {
  switch (isa) {
    case Isa::portable:
      return peak_portable();
    case Isa::avx2:
      return peak_avx2();
    case Isa::avx512_bf16:
      return peak_avx512();
  }
  return peak_portable();
}

template <class Work>
double seconds_of(Work&& work) {
  const std::int64_t begin = now_ns();
  work();
  return static_cast<double>(std::max<std::int64_t>(now_ns() - begin, 1)) * 1e-9;
}

class Measurement {
 public:
  Measurement(Team& team, const CeilingOptions& options, const Peak& peak)
      : team_(team), repeats_(options.repeats), peak_(peak), memory_(options.bytes) {}

  double flops(const Arithmetic& arithmetic) {
    // Long enough that handing out chunks costs nothing.
    std::int64_t rounds = 1000;
    while (rounds < std::int64_t{1} << 40U && chunk_ns(arithmetic, rounds) < arithmetic_ns) rounds *= 2;
    const int chunks = arithmetic_chunks * team_.size();
    double best = 0;
    for (int repeat = 0; repeat < repeats_; ++repeat) {
      const double seconds = seconds_of([&] { team_.run(chunks, [&](int, int) { keep(arithmetic.run(rounds)); }); });
      best = std::max(best, arithmetic.flops_per_round * static_cast<double>(rounds) * chunks / seconds);
    }
    return best;
  }

  // Bytes per second and the form that had it.
  std::pair<double, const char*> read() {
    fill();
    std::vector<Reading> forms(peak_.readings, peak_.readings + peak_.reading_count);
    return best_of(forms, memory_.size(), [&](const Reading& form) {
      in_parts(memory_.size(), [&](std::size_t at, std::size_t bytes) { keep(form.run(memory_.data() + at, bytes)); });
    });
  }

  std::pair<double, const char*> copy() {
    std::vector<Copying> forms(peak_.copyings, peak_.copyings + peak_.copying_count);
    if (&peak_ != &peak_portable()) forms.push_back(peak_portable().copyings[0]);
    const std::size_t half = memory_.size() / 2 / stream_grain * stream_grain;
    return best_of(forms, half, [&](const Copying& form) {
      in_parts(half, [&](std::size_t at, std::size_t bytes) {
        form.run(memory_.data() + half + at, memory_.data() + at, bytes);
      });
    });
  }

  [[nodiscard]] std::size_t huge_bytes() const { return memory_.huge_bytes(); }

 private:
  template <class Result>
  void keep(Result result) {
    const volatile Result kept = result;
    static_cast<void>(kept);
  }

  std::int64_t chunk_ns(const Arithmetic& arithmetic, std::int64_t rounds) {
    return static_cast<std::int64_t>(seconds_of([&] { keep(arithmetic.run(rounds)); }) * 1e9);
  }

  template <class Work>
  void in_parts(std::size_t bytes, Work&& work) {
    const std::size_t parts = (bytes + stream_part - 1) / stream_part;
    team_.run(static_cast<int>(parts), [&](int part, int) {
      const std::size_t at = static_cast<std::size_t>(part) * stream_part;
      work(at, std::min(stream_part, bytes - at));
    });
  }

  // Pages that nobody wrote are all the same page.
  void fill() {
    in_parts(memory_.size(), [&](std::size_t at, std::size_t bytes) {
      for (std::size_t offset = at; offset < at + bytes; offset += sizeof at) {
        *reinterpret_cast<std::size_t*>(memory_.data() + offset) = offset;
      }
    });
  }

  // All forms twice (a neighbour's traffic may spoil one pass), then the fastest few as often as asked for. One pass
  // before, to have the caches and the clock where they stay.
  template <class Form, class Run>
  std::pair<double, const char*> best_of(const std::vector<Form>& forms, std::size_t bytes, Run&& run) {
    run(forms.front());
    std::vector<std::pair<double, std::size_t>> seconds;
    for (std::size_t form = 0; form < forms.size(); ++form) {
      const double first = seconds_of([&] { run(forms[form]); });
      seconds.emplace_back(std::min(first, seconds_of([&] { run(forms[form]); })), form);
    }
    std::sort(seconds.begin(), seconds.end());
    seconds.resize(std::min<std::size_t>(seconds.size(), finalists));
    for (int repeat = 2; repeat < repeats_; ++repeat) {
      for (auto& entry : seconds) {
        entry.first = std::min(entry.first, seconds_of([&] { run(forms[entry.second]); }));
      }
    }
    const auto& [least, form] = *std::min_element(seconds.begin(), seconds.end());
    return {static_cast<double>(bytes) / least, forms[form].name};
  }

  Team& team_;
  const int repeats_;
  const Peak& peak_;
  Memory memory_;
};

}  // namespace

Ceilings measure_ceilings(Team& team, const CeilingOptions& options) {
  if (options.bytes < std::size_t{1} << 20U || options.bytes / stream_part > std::size_t{1} << 30U ||
      options.repeats < 1) {
    throw Error(ErrorCode::usage, "ceilings over " + std::to_string(options.bytes) + " bytes, best of " +
                                      std::to_string(options.repeats));
  }
  if (!has_isa(options.isa)) {
    throw Error(ErrorCode::usage, "ceilings of " + std::string(name_of(options.isa)) + ", which this processor lacks");
  }
  CeilingOptions whole = options;
  whole.bytes = options.bytes / stream_grain * stream_grain;
  const Peak& peak = peak_of(options.isa);
  const BusyMeter busy;
  Measurement measurement(team, whole, peak);
  Ceilings ceilings;
  ceilings.f64_flops = measurement.flops(peak.f64);
  ceilings.f32_flops = measurement.flops(peak.f32);
  ceilings.bf16_flops = peak.bf16.run != nullptr ? measurement.flops(peak.bf16) : ceilings.f32_flops;
  std::tie(ceilings.read_bytes_per_second, ceilings.best_read) = measurement.read();
  std::tie(ceilings.copy_bytes_per_second, ceilings.best_copy) = measurement.copy();
  ceilings.threads = team.size();
  ceilings.isa = options.isa;
  ceilings.bytes = whole.bytes;
  ceilings.huge_bytes = measurement.huge_bytes();
  ceilings.other_busy = busy.other();
  return ceilings;
}

}  // namespace plimsoll::executor
