// Steps whose routing is known: every method on the same instance, in the same run. MoE time, step time, what is
// exposed and how long planning takes; then how planning grows with micro-steps and devices; then streams.
//
//   bench_foresight [--threads N] [--layers N] [--concentration C] [table | growth | stream]...
//
// The model is a 48-layer one of 128 experts of 9.4 MB (2048 x 768, three matrices of bf16), top-8, on nodes of 8
// devices with 3 base slots and 1 transient slot, at 6e14 FLOP/s. `other_seconds` is attention at the same rate:
// projections of 18.9 million weights and a causal context of 4096 tokens, 71 MFLOP a token.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "planner/experts/generate.hpp"
#include "planner/experts/step/json.hpp"
#include "plimsoll/solve.hpp"
#include "plimsoll/stream.hpp"
#include "support/json.hpp"

namespace {

using plimsoll::SolveOptions;
using plimsoll::StepInstance;
using plimsoll::StepSolution;

constexpr double flops = 6e14;
constexpr double expert_flops = 6.0 * 2048 * 768;                   // of a token in one expert
constexpr double attention_flops = 2 * 18.9e6 + 2.0 * 4096 * 4096;  // of a token
constexpr double expert_bytes = 2.0 * 3 * 2048 * 768;

struct Setting {
  int layers = 48;
  int microsteps = 16;
  int nodes = 8;
  int experts = 128;
  double tokens = 16384;  // of a device and micro-step
  double concentration = 60;
  double slower = 1;  // links
};

std::string text(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

StepInstance make(const Setting& setting) {
  const std::map<std::string, std::string, std::less<>> values = {
      {"layers", std::to_string(setting.layers)},
      {"experts", std::to_string(setting.experts)},
      {"microsteps", std::to_string(setting.microsteps)},
      {"nodes", std::to_string(setting.nodes)},
      {"devices-per-node", "8"},
      {"slots", "3"},
      {"transient-slots", "1"},
      {"tokens", text(setting.tokens * setting.nodes * 8 * 8)},
      {"volatility", text(setting.concentration)},
      {"skew", "0.8"},
      {"top-k", "8"},
      {"expert-bytes", text(expert_bytes)},
      {"intra", text(3.7e11 / setting.slower)},
      {"nic", text(5e10 / setting.slower)},
      {"host", text(2.5e10 / setting.slower)},
      {"token-seconds", text(expert_flops / flops)},
      {"other-seconds", text(setting.tokens * attention_flops / flops)},
  };
  plimsoll::common::Document document;
  document.source = "generated";
  document.text = plimsoll::experts::generate(values, 1);
  document.json = plimsoll::support::parse(document.text);
  return plimsoll::experts::step::read_instance(document);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void table(Setting setting, int threads) {
  std::printf("%5s %5s  %-17s %9s %7s %9s %7s %9s %9s %7s %8s\n", "token", "links", "method", "MoE ms", "x", "step ms",
              "x", "imbalance", "exposed %", "gap %", "plan s");
  for (const double slower : {1.0, 10.0}) {
    for (const double tokens : {1024.0, 4096.0, 16384.0}) {
      setting.tokens = tokens;
      setting.slower = slower;
      const StepInstance instance = make(setting);
      double moe = 0;
      double step = 0;
      for (const char* method : {"eplb-step", "static", "eplb-oracle", "eplb-step-shares", "foresight"}) {
        SolveOptions options;
        options.method = method;
        options.threads = threads;
        const StepSolution solution = plimsoll::solve(instance, options);
        const auto& metrics = solution.metrics;
        if (moe == 0) moe = metrics.expert_seconds, step = metrics.step_seconds;
        std::printf("%5.0f  1/%-2.0f  %-17s %9.3f %7.3f %9.3f %7.3f %9.4f %9.3f %7.3f %8.3f\n", tokens, slower, method,
                    1e3 * metrics.expert_seconds, moe / metrics.expert_seconds, 1e3 * metrics.step_seconds,
                    step / metrics.step_seconds, metrics.imbalance,
                    100 * metrics.exposed_seconds / metrics.step_seconds, 100 * solution.certificate.gap.value_or(1),
                    solution.seconds);
        if (!plimsoll::check(instance, solution.plan, &solution.certificate).empty())
          std::printf("  refused by check\n");
        std::fflush(stdout);
      }
    }
  }
}

void growth(Setting setting, int threads) {
  std::printf("%11s %8s %8s  %8s %9s %14s\n", "micro-steps", "devices", "experts", "plan s", "imbalance",
              "us per device");
  const auto run = [&](int microsteps, int nodes, int experts) {
    Setting larger = setting;
    larger.microsteps = microsteps;
    larger.nodes = nodes;
    larger.experts = experts;
    const StepInstance instance = make(larger);
    SolveOptions options;
    options.method = "foresight";
    options.threads = threads;
    const StepSolution solution = plimsoll::solve(instance, options);
    std::printf("%11d %8d %8d  %8.3f %9.4f %14.2f\n", microsteps, nodes * 8, experts, solution.seconds,
                solution.metrics.imbalance, 1e6 * solution.seconds / microsteps / larger.layers / (nodes * 8));
    std::fflush(stdout);
  };
  run(16, 8, 128);
  run(160, 8, 128);
  run(16, 32, 128);
  run(16, 32, 512);
}

void stream(Setting setting) {
  std::printf("%9s  %9s %11s %9s %9s\n", "lookahead", "imbalance", "ms a layer", "worst", "exposed %");
  setting.microsteps = 32;
  const StepInstance all = make(setting);
  StepInstance past = all;
  past.load.resize(16);
  past.schedule.resize(16);
  for (const int lookahead : {0, 1, 2}) {
    plimsoll::StepStream stream(past, {lookahead, 1});
    double imbalance = 0;
    double exposed = 0;
    double total = 0;
    double worst = 0;
    double end = 0;
    for (std::size_t m = 16; m < 32; ++m) {
      const auto start = std::chrono::steady_clock::now();
      const auto answer = stream.plan(all.load[m]);
      const double seconds = seconds_since(start);
      imbalance += answer.imbalance / 16;
      exposed += answer.exposed_seconds;
      end = answer.end_seconds;
      total += seconds / 16;
      worst = std::max(worst, seconds);
    }
    std::printf("%9d  %9.4f %11.3f %9.3f %9.3f\n", lookahead, imbalance, 1e3 * total / setting.layers,
                1e3 * worst / setting.layers, 100 * exposed / end);
  }
}

}  // namespace

int main(int count, char** words) {
  Setting setting;
  int threads = 2;
  std::vector<std::string> parts;
  for (int k = 1; k < count; ++k) {
    const std::string word = words[k];
    const auto value = [&] { return k + 1 < count ? std::atof(words[++k]) : 0.0; };
    if (word == "--threads") {
      threads = static_cast<int>(value());
    } else if (word == "--layers") {
      setting.layers = static_cast<int>(value());
    } else if (word == "--concentration") {
      setting.concentration = value();
    } else {
      parts.push_back(word);
    }
  }
  if (parts.empty()) parts = {"table", "growth", "stream"};
  for (const std::string& part : parts) {
    if (part == "table") table(setting, threads);
    if (part == "growth") growth(setting, threads);
    if (part == "stream") stream(setting);
    std::printf("\n");
  }
}
