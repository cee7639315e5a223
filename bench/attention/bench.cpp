#include "bench/attention/bench.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "executor/telemetry/clock.hpp"
#include "executor/threads/affinity.hpp"
#include "executor/threads/topology.hpp"

namespace plimsoll::bench {
namespace {

std::vector<int> cores_of(int threads) {
  std::vector<int> cores;
  for (const executor::Core& core : executor::usable_cores()) cores.push_back(core.id);
  if (threads > 0) cores.resize(std::min(cores.size(), static_cast<std::size_t>(threads)));
  executor::pin_this_thread(cores.front());  // or it would sit on another's core now and then, at half the speed
  return cores;
}

executor::CeilingOptions ceiling_options(executor::Isa isa) {
  executor::CeilingOptions options;
  options.isa = isa;
  return options;
}

}  // namespace

double now() { return 1e-9 * static_cast<double>(executor::now_ns()); }

std::string time_of(double seconds) {
  return seconds < 1e-3 ? shown("%.1f us", seconds * 1e6)
         : seconds < 1  ? shown("%.2f ms", seconds * 1e3)
                        : shown("%.2f s", seconds);
}

Bench::Bench(const Options& of)
    : options(of), isa(executor::chosen_isa()), team(cores_of(of.threads)), watch(team, ceiling_options(isa)) {
  const executor::Ceilings& ceilings = watch.whole();
  std::printf("%s, %d threads: f32 %.0f GFLOP/s, bf16 %.0f GFLOP/s, read stream %.1f GB/s (others busy %.2f)\n",
              std::string(name_of(isa)).c_str(), team.size(), ceilings.f32_flops * 1e-9, ceilings.bf16_flops * 1e-9,
              ceilings.read_bytes_per_second * 1e-9, ceilings.other_busy);
}

bool Bench::wants(const char* row, bool by_default) const {
  if (options.rows.empty()) return by_default;
  return std::find(options.rows.begin(), options.rows.end(), row) != options.rows.end();
}

std::vector<int> Bench::keys_or(std::vector<int> standard) const {
  return options.keys.empty() ? std::move(standard) : options.keys;
}

void Bench::repeat(const std::function<double(int number)>& turn) {
  watch.begin();
  const double begin = now();
  for (int number = 0; number < 2 || now() - begin < options.seconds; ++number) {
    const double seconds = turn(number);
    if (seconds < 0) break;
    watch.again(seconds);
    if (seconds > 4 * options.seconds) break;
  }
}

double Bench::best(const std::function<void()>& prepare, const std::function<void()>& work) {
  double shortest = 1e30;
  repeat([&](int) {
    prepare();
    const double from = now();
    work();
    const double seconds = now() - from;
    shortest = std::min(shortest, seconds);
    return seconds;
  });
  return shortest;
}

}  // namespace plimsoll::bench
