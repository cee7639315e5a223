// Small steps to the end: how many `auto` proves optimal, and how far `foresight` alone is from these optima.
//
//   bench_small_steps [SEEDS] [SECONDS] [METHOD]
//
// 2 layers, 2 nodes of 2 devices, 8 experts, 3 micro-steps; 2 or 3 base slots and 1 transient slot; links that carry
// from a fraction of an expert to several in a window; every fourth step goes backward, too, and returns gradients.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "planner/experts/generate.hpp"
#include "planner/experts/step/json.hpp"
#include "plimsoll/solve.hpp"
#include "support/json.hpp"

namespace {

plimsoll::StepInstance make(std::uint64_t seed) {
  const double rates[] = {4, 10, 40};
  const double rate = rates[seed % 3];
  std::map<std::string, std::string, std::less<>> values = {
      {"layers", "2"},
      {"experts", "8"},
      {"microsteps", "3"},
      {"nodes", "2"},
      {"devices-per-node", "2"},
      {"slots", seed % 2 == 0 ? "2" : "3"},
      {"transient-slots", "1"},
      {"tokens", "400"},
      {"volatility", "10"},
      {"skew", "0.8"},
      {"expert-bytes", "1000"},
      {"intra", std::to_string(rate)},
      {"nic", std::to_string(rate / 4)},
      {"host", std::to_string(rate / 8)},
  };
  if (seed % 4 == 3) {
    values["backward"] = "1";
    values["gradient-bytes"] = "1000";
  }
  plimsoll::common::Document document;
  document.source = "generated";
  document.text = plimsoll::experts::generate(values, seed);
  document.json = plimsoll::support::parse(document.text);
  return plimsoll::experts::step::read_instance(document);
}

}  // namespace

int main(int count, char** words) {
  const int seeds = count > 1 ? std::atoi(words[1]) : 100;
  plimsoll::SolveOptions options;
  options.time_limit_seconds = count > 2 ? std::atof(words[2]) : 60;
  options.method = count > 3 ? words[3] : "auto";
  int proven = 0;
  double excess = 0;
  double open = 0;
  double total = 0;
  std::vector<double> seconds;
  for (int seed = 1; seed <= seeds; ++seed) {
    const plimsoll::StepInstance instance = make(static_cast<std::uint64_t>(seed));
    const auto best = plimsoll::solve(instance, options);
    plimsoll::SolveOptions quick;
    quick.method = "foresight";
    const auto ours = plimsoll::solve(instance, quick);
    const bool closed = best.certificate.status == plimsoll::Status::optimal;
    if (!plimsoll::check(instance, best.plan, &best.certificate).empty())
      std::printf("seed %d refused by check\n", seed);
    total += best.seconds;
    seconds.push_back(best.seconds);
    if (closed) {
      ++proven;
      excess += *ours.certificate.objective / *best.certificate.objective - 1;
    } else {
      open += *best.certificate.gap;
      std::printf("seed %d open: gap %.3f %% (%s)\n", seed, 100 * *best.certificate.gap,
                  best.certificate.bound_method.c_str());
    }
    std::fflush(stdout);
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("%d of %d proven by %s, median %.3f s, %.1f s in all; foresight %.3f %% above them on average\n", proven,
              seeds, options.method.c_str(), seconds[seconds.size() / 2], total,
              proven > 0 ? 100 * excess / proven : 0.0);
  if (proven < seeds) std::printf("mean gap of the others %.3f %%\n", 100 * open / (seeds - proven));
}
