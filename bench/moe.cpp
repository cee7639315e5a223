// bench_moe: the experts of one mixture-of-experts layer, ours beside other libraries' matrix products per expert.
// Caches are cold: the weights of all experts (over 1 GiB in bf16) are rotated through. The machine's ceilings are
// measured again between the calls of every row; minima are shown, and how busy the machine was otherwise.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "bench/moe/layer.hpp"
#include "bench/table.hpp"
#include "executor/ceilings/ceiling_watch.hpp"
#include "executor/kernels/expert_kernel.hpp"
#include "executor/telemetry/busy.hpp"
#include "executor/telemetry/clock.hpp"
#include "executor/threads/affinity.hpp"
#include "executor/threads/memory.hpp"
#include "executor/threads/topology.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::bench {
namespace {

constexpr const char* usage =
    "bench_moe [--threads N] [--tokens 1,16,64,512] [--seconds S] [--only NAME] [--width D] [--inner F] [--experts "
    "E]\n";

using executor::Isa;
using executor::Memory;
using executor::NumberType;
using executor::Team;

class Ours : public Contender {
 public:
  Ours(const Layer& layer, NumberType type, Isa isa, Team& team)
      : kernel_(layer.shape, type, isa), team_(team), stride_(kernel_.layout().bytes) {
    weights_ = Memory(stride_ * static_cast<std::size_t>(layer.experts));
    const auto begin = executor::now_ns();
    team.run(layer.experts,
             [&](int e, int) { executor::pack_random_expert(layer.shape, type, isa, layer.seed, 0, e, at(e)); });
    const double seconds = 1e-9 * static_cast<double>(executor::now_ns() - begin);
    std::printf("weights of %s: %.2f GB written at %.2f GB/s (first touch), %.0f %% in 2 MiB pages\n",
                std::string(name_of(type)).c_str(), 1e-9 * static_cast<double>(weights_.size()),
                1e-9 * static_cast<double>(weights_.size()) / seconds,
                100.0 * static_cast<double>(weights_.huge_bytes()) / static_cast<double>(weights_.size()));
  }

  void run(const Batch& batch, float* parts) override {
    work_.clear();
    for (std::size_t e = 0; e < batch.rows_of.size(); ++e) {
      if (!batch.rows_of[e].empty()) work_.push_back({at(static_cast<int>(e)), batch.rows_of[e], batch.parts_of[e]});
    }
    kernel_.run(work_, batch.input.data(), parts, workspace_, team_);
  }

 private:
  std::byte* at(int expert) { return weights_.data() + static_cast<std::size_t>(expert) * stride_; }

  executor::ExpertKernel kernel_;
  Team& team_;
  std::size_t stride_;
  Memory weights_;
  executor::Workspace workspace_;
  std::vector<executor::ReplicaWork> work_;
};

struct Arguments {
  int threads = 0;
  std::vector<int> tokens = {1, 16, 64, 512};
  double seconds = 2;
  std::string only;
  Layer layer;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; i += 2) {
    const std::string_view option = values[i];
    if (i + 1 >= count) throw Error(ErrorCode::usage, "every option takes a value", {}, usage);
    const std::string value = values[i + 1];
    if (option == "--threads") {
      arguments.threads = std::atoi(value.c_str());
    } else if (option == "--seconds") {
      arguments.seconds = std::atof(value.c_str());
    } else if (option == "--only") {
      arguments.only = value;
    } else if (option == "--width") {
      arguments.layer.shape.width = std::atoi(value.c_str());
    } else if (option == "--inner") {
      arguments.layer.shape.inner = std::atoi(value.c_str());
    } else if (option == "--experts") {
      arguments.layer.experts = std::atoi(value.c_str());
    } else if (option == "--tokens") {
      arguments.tokens.clear();
      for (std::size_t at = 0; at < value.size();
           at = value.find(',', at) == std::string::npos ? value.size() : value.find(',', at) + 1) {
        arguments.tokens.push_back(std::atoi(value.c_str() + at));
      }
    } else {
      throw Error(ErrorCode::usage, "unknown option " + std::string(option), {}, usage);
    }
  }
  return arguments;
}

// Relative distance in the mean square, against what ours gave for f32.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0;
  double size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
    size += static_cast<double>(a[i]) * a[i];
  }
  return std::sqrt(difference / size);
}

int run(const Arguments& arguments) {
  std::vector<int> cores;
  for (const auto& core : executor::usable_cores()) cores.push_back(core.id);
  if (arguments.threads > 0) cores.resize(std::min(cores.size(), static_cast<std::size_t>(arguments.threads)));
  executor::pin_this_thread(cores.front());  // or it would sit on another's core now and then, at half the speed
  Team team(cores);
  const Isa isa = executor::chosen_isa();
  const Layer& layer = arguments.layer;

  std::vector<Entry> entries;
  for (const NumberType type : {NumberType::bf16, NumberType::f32}) {
    entries.push_back(
        {"plimsoll " + std::string(name_of(type)), static_cast<double>(bytes_of(type)), type == NumberType::bf16,
         [type, isa](const Layer& of, Team& on) { return std::unique_ptr<Contender>(new Ours(of, type, isa, on)); }});
  }
#ifdef PLIMSOLL_HAS_ONEDNN
  add_onednn(entries);
#endif
#ifdef PLIMSOLL_HAS_LIBXSMM
  add_libxsmm(entries);
#endif
#ifdef PLIMSOLL_HAS_OPENBLAS
  add_openblas(entries);
#endif
  add_eigen(entries);

  std::printf("%s, %d threads, %d experts, top-%d, width %d, inner %d\n", std::string(name_of(isa)).c_str(),
              team.size(), layer.experts, layer.top_k, layer.shape.width, layer.shape.inner);
  Table table(
      {"kernel", "tokens", "ms", "GFLOP/s", "GB/s", "read GB/s", "peak", "bound", "% of it", "error", "busy else %"},
      1);
  executor::CeilingWatch watch(team, {.isa = isa});
  const executor::Ceilings& ceilings = watch.whole();
  std::printf("ceilings: read %.1f GB/s (%s), f32 %.0f GFLOP/s, bf16 %.0f GFLOP/s; busy otherwise %.0f %%\n",
              1e-9 * ceilings.read_bytes_per_second, ceilings.best_read, 1e-9 * ceilings.f32_flops,
              1e-9 * ceilings.bf16_flops, 100 * ceilings.other_busy);
  std::vector<std::vector<float>> expected(arguments.tokens.size());
  for (const Entry& entry : entries) {
    if (!arguments.only.empty() && entry.name.find(arguments.only) == std::string::npos) continue;
    const std::unique_ptr<Contender> contender = entry.make(layer, team);
    if (contender == nullptr) continue;
    for (std::size_t n = 0; n < arguments.tokens.size(); ++n) {
      const int tokens = arguments.tokens[n];
      const auto rows = static_cast<std::size_t>(tokens) * static_cast<std::size_t>(layer.top_k);
      std::vector<float> parts(rows * static_cast<std::size_t>(layer.shape.width));
      std::vector<Batch> batches;
      for (int call = 0; call < std::min(layer.experts / layer.top_k, 10); ++call)
        batches.push_back(make_batch(layer, tokens, call));
      contender->run(batches[0], parts.data());
      if (expected[n].empty()) expected[n] = parts;
      const double error = distance(expected[n], parts);
      const executor::BusyMeter busy;
      double best = 1e30;
      double spent = 0;
      watch.begin();
      for (int call = 1; call < 4 || spent < arguments.seconds; ++call) {
        const Batch& batch = batches[static_cast<std::size_t>(call) % batches.size()];
        const auto begin = executor::now_ns();
        contender->run(batch, parts.data());
        const double seconds = 1e-9 * static_cast<double>(executor::now_ns() - begin);
        watch.again(seconds);
        best = std::min(best, seconds);
        spent += seconds;
      }
      const double flops = static_cast<double>(rows) * flops_per_token(layer.shape);
      const double bytes = batches[0].active * 3.0 * layer.shape.width * layer.shape.inner * entry.weight_bytes;
      const executor::CeilingWatch::Period& at = watch.period();
      const double peak = entry.bf16_peak ? at.bf16_flops : at.f32_flops;
      const double by_memory = bytes / at.read_bytes_per_second;
      const double by_flops = flops / peak;
      table.add({entry.name, std::to_string(tokens), shown("%.2f", 1e3 * best), shown("%.0f", 1e-9 * flops / best),
                 shown("%.1f", 1e-9 * bytes / best), shown("%.1f", 1e-9 * at.read_bytes_per_second),
                 shown("%.0f", 1e-9 * peak), by_memory > by_flops ? "read" : "flops",
                 shown("%.1f", 100 * std::max(by_memory, by_flops) / best), shown("%.1e", error),
                 shown("%.0f", 100 * busy.other())});
    }
  }
  table.print();
  return 0;
}

}  // namespace
}  // namespace plimsoll::bench

int main(int count, char** values) {
  try {
    return plimsoll::bench::run(plimsoll::bench::parse(count, values));
  } catch (const plimsoll::Error& error) {
    std::fprintf(stderr, "bench_moe: %s\n%s\n", error.what(), error.advice().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_moe: %s\n", error.what());
  }
  return 2;
}
