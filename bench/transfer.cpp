// Transfers between device memories: how fast bytes are copied past the caches, how well the engine keeps the pace of
// links, and what of a core it takes for that.
//
//   bench_transfer [GIGABYTES_PER_SECOND...]
//
// Experts of 17 MB, rotated through 1 GiB; minima of five for copies. A link that is asked for more than memory can
// copy is late by what is missing.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "executor/transfer/engine.hpp"

namespace {

using plimsoll::executor::TransferEngine;
using Clock = std::chrono::steady_clock;

constexpr std::size_t expert = 17'301'504;  // 3 * 2048 * 1408 bf16
constexpr std::size_t experts = 32;         // on either side

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void copies(std::vector<std::byte>& from, std::vector<std::byte>& to) {
  std::printf("copy of one thread, pieces of 256 KiB\n");
  for (const auto isa : {plimsoll::executor::Isa::portable, plimsoll::executor::best_isa()}) {
    const auto copy = plimsoll::executor::copy_past_caches(isa);
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
      const auto begin = Clock::now();
      const std::size_t piece = std::size_t{256} << 10U;
      for (std::size_t i = 0; i + piece <= from.size(); i += piece) copy(to.data() + i, from.data() + i, piece);
      best = std::min(best, seconds_since(begin));
    }
    std::printf("  %-12s %6.2f GB/s\n", std::string(name_of(isa)).c_str(),
                static_cast<double>(from.size()) / best / 1e9);
  }
}

void pace(const std::vector<std::byte>& from, std::vector<std::byte>& to, int links, double rate) {
  TransferEngine engine(links);
  const auto begin = Clock::now();
  std::vector<int> jobs;
  for (std::size_t i = 0; i < experts; ++i) {
    const int port = static_cast<int>(i) % links;
    jobs.push_back(engine.submit({from.data() + i * expert, to.data() + i * expert, expert, {{port, -1}, rate, 0}}));
  }
  for (const int job : jobs) engine.wait(job);
  const double wall = seconds_since(begin);
  const double least = static_cast<double>(expert) * static_cast<double>(experts) / rate / links;
  const auto totals = engine.totals();
  std::printf("%5d %10.2f %11.2f %11.2f %9.3f %9.1f %9.1f %9lld\n", links, rate / 1e9, least * 1e3, wall * 1e3,
              wall / least, totals.copy_seconds / wall * 100, totals.cpu_seconds / wall * 100,
              static_cast<long long>(totals.wake_ups));
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::byte> from(expert * experts, std::byte{1});
  std::vector<std::byte> to(expert * experts, std::byte{2});
  copies(from, to);
  std::printf("\n%zu transfers of an expert of %.1f MB on one thread\n", experts, static_cast<double>(expert) / 1e6);
  std::printf("links  GB/s each    least ms measured ms     ratio copying %%     cpu %%  wake-ups\n");
  std::vector<double> rates;
  for (int i = 1; i < argc; ++i) rates.push_back(std::atof(argv[i]));
  if (rates.empty()) rates = {0.1, 0.3, 1, 3};
  for (const int links : {1, 8}) {
    for (const double rate : rates) pace(from, to, links, rate * 1e9 / (links > 1 ? 4 : 1));
  }
  return 0;
}
