#include "executor/ceilings/measurement.hpp"

#include <string>
#include <tuple>

#include "executor/telemetry/busy.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

// What a thread takes at a time. The processor stops fetching ahead where one ends, so they are long; each thread takes
// many, so that one which is interrupted costs little.
constexpr std::size_t stream_part = std::size_t{4} << 20U;
constexpr std::int64_t arithmetic_ns = 500'000;  // of one chunk, about
constexpr int arithmetic_chunks = 32;            // per thread
constexpr int finalists = 5;                     // forms that are measured again

template <class Result>
void keep(Result result) {
  const volatile Result kept = result;
  static_cast<void>(kept);
}

CeilingOptions checked(CeilingOptions options) {
  if (options.bytes < std::size_t{1} << 20U || options.bytes / stream_part > std::size_t{1} << 30U ||
      options.repeats < 1) {
    throw Error(ErrorCode::usage, "ceilings over " + std::to_string(options.bytes) + " bytes, best of " +
                                      std::to_string(options.repeats));
  }
  if (!has_isa(options.isa)) {
    throw Error(ErrorCode::usage, "ceilings of " + std::string(name_of(options.isa)) + ", which this processor lacks");
  }
  options.bytes = options.bytes / stream_grain * stream_grain;
  return options;
}

}  // namespace

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
void Measurement::in_parts(std::size_t bytes, Work&& work) {
  const std::size_t parts = (bytes + stream_part - 1) / stream_part;
  team_.run(static_cast<int>(parts), [&](int part, int) {
    const std::size_t at = static_cast<std::size_t>(part) * stream_part;
    work(at, std::min(stream_part, bytes - at));
  });
}

Measurement::Measurement(Team& team, const CeilingOptions& options)
    : team_(team), options_(checked(options)), peak_(peak_of(options.isa)), memory_(options_.bytes) {
  // Pages that nobody wrote are all the same page.
  in_parts(memory_.size(), [&](std::size_t at, std::size_t bytes) {
    for (std::size_t offset = at; offset < at + bytes; offset += sizeof at) {
      *reinterpret_cast<std::size_t*>(memory_.data() + offset) = offset;
    }
  });
}

// Long enough that handing out chunks costs nothing.
std::int64_t Measurement::rounds_of_chunk(const Arithmetic& arithmetic) {
  std::int64_t rounds = 1000;
  while (rounds < std::int64_t{1} << 40U &&
         seconds_of([&] { keep(arithmetic.run(rounds)); }) * 1e9 < static_cast<double>(arithmetic_ns)) {
    rounds *= 2;
  }
  return rounds;
}

double Measurement::compute_again(const Arithmetic& arithmetic, std::int64_t rounds, int chunks) {
  chunks *= team_.size();
  const double seconds = seconds_of([&] { team_.run(chunks, [&](int, int) { keep(arithmetic.run(rounds)); }); });
  return arithmetic.flops_per_round * static_cast<double>(rounds) * chunks / seconds;
}

double Measurement::flops(const Arithmetic& arithmetic) {
  const std::int64_t rounds = rounds_of_chunk(arithmetic);
  double best = 0;
  for (int repeat = 0; repeat < options_.repeats; ++repeat) {
    best = std::max(best, compute_again(arithmetic, rounds, arithmetic_chunks));
  }
  return best;
}

// All forms twice (a neighbour's traffic may spoil one pass), then the fastest few as often as asked for. One pass
// before, to have the caches and the clock where they stay. Bytes per second and which form had it.
template <class Form, class Run>
std::pair<double, std::size_t> Measurement::best_of(const std::vector<Form>& forms, std::size_t bytes, Run&& run) {
  run(forms.front());
  std::vector<std::pair<double, std::size_t>> seconds;
  for (std::size_t form = 0; form < forms.size(); ++form) {
    const double first = seconds_of([&] { run(forms[form]); });
    seconds.emplace_back(std::min(first, seconds_of([&] { run(forms[form]); })), form);
  }
  std::sort(seconds.begin(), seconds.end());
  seconds.resize(std::min<std::size_t>(seconds.size(), finalists));
  for (int repeat = 2; repeat < options_.repeats; ++repeat) {
    for (auto& entry : seconds) {
      entry.first = std::min(entry.first, seconds_of([&] { run(forms[entry.second]); }));
    }
  }
  const auto& [least, form] = *std::min_element(seconds.begin(), seconds.end());
  return {static_cast<double>(bytes) / least, form};
}

void Measurement::pass(const Reading& form, std::size_t at, std::size_t bytes) {
  const std::byte* from = memory_.data() + at;
  in_parts(bytes, [&](std::size_t offset, std::size_t part) { keep(form.run(from + offset, part)); });
}

std::pair<double, const char*> Measurement::read() {
  const std::vector<Reading> forms(peak_.readings, peak_.readings + peak_.reading_count);
  const auto [rate, form] = best_of(forms, memory_.size(), [&](const Reading& of) { pass(of, 0, memory_.size()); });
  best_reading_ = form;
  return {rate, forms[form].name};
}

double Measurement::read_again(std::size_t at, std::size_t bytes) {
  return static_cast<double>(bytes) / seconds_of([&] { pass(peak_.readings[best_reading_], at, bytes); });
}

std::pair<double, const char*> Measurement::copy() {
  std::vector<Copying> forms(peak_.copyings, peak_.copyings + peak_.copying_count);
  if (&peak_ != &peak_portable()) forms.push_back(peak_portable().copyings[0]);
  const std::size_t half = memory_.size() / 2 / stream_grain * stream_grain;
  const auto [rate, form] = best_of(forms, half, [&](const Copying& of) {
    in_parts(half, [&](std::size_t at, std::size_t bytes) {
      of.run(memory_.data() + half + at, memory_.data() + at, bytes);
    });
  });
  return {rate, forms[form].name};
}

Ceilings Measurement::all() {
  const BusyMeter busy;
  Ceilings ceilings;
  ceilings.f64_flops = flops(peak_.f64);
  ceilings.f32_flops = flops(peak_.f32);
  ceilings.bf16_flops = peak_.bf16.run != nullptr ? flops(peak_.bf16) : ceilings.f32_flops;
  std::tie(ceilings.read_bytes_per_second, ceilings.best_read) = read();
  std::tie(ceilings.copy_bytes_per_second, ceilings.best_copy) = copy();
  ceilings.threads = team_.size();
  ceilings.isa = options_.isa;
  ceilings.bytes = options_.bytes;
  ceilings.huge_bytes = memory_.huge_bytes();
  ceilings.other_busy = busy.other();
  return ceilings;
}

}  // namespace plimsoll::executor
