// Many threads, mixed solves, for a long time: every answer is the single-threaded one, and memory does not grow.
//   plimsoll_soak [--threads N] [--seconds S | --rounds N]      ./dev soak runs it under both sanitizers
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/random.hpp"
#include "tests/faults/cases.hpp"
#include "tests/faults/counted_memory.hpp"

namespace plimsoll::testing {
namespace {

using Clock = std::chrono::steady_clock;

struct Soak {
  std::vector<SolveCase> cases = solve_cases();
  std::vector<std::string> expected;
  std::atomic<std::uint64_t> solves{0};
  std::atomic<int> wrong{0};

  void compute_expected() {
    for (const SolveCase& solve : cases) expected.push_back(solve.run());
  }

  // Every case once, in an order of this thread's own.
  void run_all(std::uint64_t seed) {
    support::Random random(seed);
    std::vector<std::size_t> order(cases.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    for (const std::size_t index : order) {
      ++solves;
      std::string found;
      try {
        found = cases[index].run();
      } catch (const std::exception& error) {
        found = error.what();
      }
      if (found == expected[index]) continue;
      ++wrong;
      std::fprintf(stderr, "%s: found %s, expected %s\n", cases[index].name.c_str(), found.c_str(),
                   expected[index].c_str());
    }
  }
};

double resident_megabytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

int soak(int threads, double seconds, int rounds) {
  Soak soak;
  soak.compute_expected();
  const auto start = Clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  std::int64_t settled = 0;  // allocations that live on after a round
  int growths = 0;
  for (int round = 0; seconds > 0 ? passed() < seconds : round < rounds; ++round) {
    {
      std::vector<std::thread> pool;
      for (int thread = 0; thread < threads; ++thread) {
        const auto seed = static_cast<std::uint64_t>(round) * 1000 + static_cast<std::uint64_t>(thread);
        pool.emplace_back([&soak, seed] { soak.run_all(seed); });
      }
      for (auto& thread : pool) thread.join();
    }
    const std::int64_t living = CountedMemory::live();
    growths = round > 0 && living > settled ? growths + 1 : 0;
    settled = std::max(settled, living);
    std::fprintf(stderr, "round %d: %llu solves, %d wrong, %.0f s, %lld allocations live, %.0f MB resident\n",
                 round + 1, static_cast<unsigned long long>(soak.solves), soak.wrong.load(), passed(),
                 static_cast<long long>(living), resident_megabytes());
  }
  // A cache that fills once is no leak; what grows round after round is.
  if (growths >= 3) std::fprintf(stderr, "memory grew in each of the last %d rounds\n", growths);
  return soak.wrong > 0 || growths >= 3 ? 1 : 0;
}

}  // namespace
}  // namespace plimsoll::testing

int main(int count, char** words) {
  int threads = 16;
  double seconds = 0;
  int rounds = 1;
  for (int i = 1; i + 1 < count; i += 2) {
    const double value = std::atof(words[i + 1]);
    if (std::strcmp(words[i], "--threads") == 0) threads = static_cast<int>(value);
    if (std::strcmp(words[i], "--seconds") == 0) seconds = value;
    if (std::strcmp(words[i], "--rounds") == 0) rounds = static_cast<int>(value);
  }
  return plimsoll::testing::soak(threads, seconds, rounds);
}
