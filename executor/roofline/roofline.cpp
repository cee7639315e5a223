#include "executor/roofline/roofline.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "executor/run/layer_work.hpp"
#include "executor/telemetry/busy.hpp"
#include "executor/telemetry/clock.hpp"
#include "executor/threads/seats.hpp"
#include "executor/transfer/copy.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

constexpr double least_between = 0.01;  // seconds of work between two samples of the ceilings

// One device of all threads that holds every expert of one layer.
class Bench {
 public:
  Bench(const ModelShape& shape, const RooflineOptions& options)
      : options_(options),
        shape_(shape),
        isa_(chosen_isa()),
        seats_(1, options.threads),
        weights_(without_shared(shape), 1, isa_, options.seed, seats_),
        layer_(weights_, isa_, most_tokens(), seats_),
        random_(options.seed) {
    x_.resize(static_cast<std::size_t>(most_tokens()) * static_cast<std::size_t>(shape.expert.width));
    for (float& value : x_) value = static_cast<float>((2 * random_.uniform() - 1) * std::sqrt(3.0));
  }

  Roofline measure() {
    Roofline result;
    tell("the machine's ceilings");
    on_team([&](Team& team) { watch_.emplace(team, CeilingOptions{.repeats = 5, .isa = isa_}); });
    result.ceilings = watch_->whole();
    for (const int tokens : options_.tokens) {
      add_experts(tokens, result);
      add_small(tokens, result);
    }
    add_transfer(result);
    for (RooflinePoint& point : result.points) finish(point, result.ceilings);
    return result;
  }

 private:
  // Their time would stand among that of sums.
  static ModelShape without_shared(ModelShape shape) {
    shape.shared = {};
    return shape;
  }
  [[nodiscard]] int most_tokens() const { return *std::max_element(options_.tokens.begin(), options_.tokens.end()); }

  void tell(const std::string& what) const {
    if (options_.stop != nullptr && options_.stop->load()) {
      throw Error(ErrorCode::usage, "stopped before everything was measured");
    }
    if (options_.progress) options_.progress(what);
  }

  // The least of as many runs as fit into the time; `work` returns its seconds. Ceilings are measured in between: those
  // of a machine that others use drift within seconds.
  template <class Work>
  void time(RooflinePoint& point, Work&& work) {
    tell(point.kernel + " of " + std::to_string(point.tokens) + " tokens");
    const BusyMeter busy;
    const std::int64_t end = now_ns() + static_cast<std::int64_t>(options_.seconds * 1e9);
    point.seconds = 1e300;
    watch_->begin();
    double since_ceilings = 0;
    do {
      const double seconds = work();
      point.seconds = std::min(point.seconds, seconds);
      since_ceilings += seconds;
      if (since_ceilings < least_between) continue;
      on_team([&](Team&) { watch_->again(since_ceilings); });
      since_ceilings = 0;
    } while (now_ns() < end);
    on_team([&](Team&) { point.period = watch_->period(); });
    point.other_busy = busy.other();
  }

  template <class Work>
  void on_team(Work&& work) {
    seats_.run(1, [&](int, Team& team) { work(team); });
  }

  // A fresh routing each time, so that few tokens meet experts that no cache holds.
  void add_experts(int tokens, Roofline& result) {
    RooflinePoint point{.kernel = "experts", .tokens = tokens};
    const auto top_k = static_cast<std::size_t>(shape_.router.top_k);
    const auto experts = static_cast<std::size_t>(shape_.router.experts);
    Window window;
    window.replicas.resize(1);
    RoutedTokens routed;
    std::vector<double> seconds;
    std::size_t next = 0;
    layer_.normalise(x_, tokens);
    time(point, [&] {
      // Tokens take the experts in turn, so every run has the same number of active ones.
      routed.routing.top_k = shape_.router.top_k;
      routed.routing.experts.resize(static_cast<std::size_t>(tokens) * top_k);
      routed.routing.weights.assign(routed.routing.experts.size(), 1.0F / static_cast<float>(top_k));
      for (std::int32_t& expert : routed.routing.experts) {
        expert = static_cast<std::int32_t>(next);
        next = (next + 1) % experts;
      }
      group_by_expert(routed.routing, shape_.router.experts, routed.by_expert);
      window.replicas[0].clear();
      for (int expert = 0; expert < shape_.router.experts; ++expert) {
        const std::int64_t count = routed.by_expert.count(expert);
        if (count > 0) window.replicas[0].push_back({expert, expert, expert, 0, count, -1});
      }
      layer_.experts(window, routed, [&](int, const RunReplica& replica) { return weights_.expert(0, replica.expert); },
                     seconds, {});
      return seconds[0];
    });
    const auto places = static_cast<double>(tokens) * static_cast<double>(top_k);
    const double row_bytes = 4.0 * shape_.expert.width;
    point.flops = flops_per_token(shape_.expert) * places;
    point.bytes = static_cast<double>(window.replicas[0].size()) * static_cast<double>(weights_.expert_bytes()) +
                  row_bytes * (static_cast<double>(tokens) + places);
    result.points.push_back(point);
    RooflinePoint sums{.kernel = "combine", .tokens = tokens};
    time(sums, [&] {
      const std::int64_t begin = now_ns();
      layer_.combine(0, routed, x_);
      return static_cast<double>(now_ns() - begin) * 1e-9;
    });
    sums.flops = 2.0 * places * shape_.expert.width;
    sums.bytes = row_bytes * (places + 2.0 * tokens);
    result.points.push_back(sums);
  }

  void add_small(int tokens, Roofline& result) {
    RooflinePoint norm{.kernel = "norm", .tokens = tokens};
    time(norm, [&] {
      const std::int64_t begin = now_ns();
      layer_.normalise(x_, tokens);
      return static_cast<double>(now_ns() - begin) * 1e-9;
    });
    const double elements = static_cast<double>(tokens) * shape_.expert.width;
    norm.flops = 3 * elements;
    norm.bytes = 8 * elements;
    result.points.push_back(norm);
    RooflinePoint router{.kernel = "router", .tokens = tokens};
    RoutedTokens routed;
    time(router, [&] {
      const std::int64_t begin = now_ns();
      layer_.route(0, tokens, routed);
      return static_cast<double>(now_ns() - begin) * 1e-9;
    });
    router.flops = 2 * elements * shape_.router.experts;
    router.bytes = 4.0 * (elements + static_cast<double>(shape_.router.experts) * shape_.expert.width);
    result.points.push_back(router);
  }

  // One expert after the other past the caches, by one thread, as the engine copies them.
  void add_transfer(Roofline& result) {
    RooflinePoint point{.kernel = "transfer"};
    const CopyBytes copy = copy_past_caches(isa_);
    Memory target(weights_.expert_bytes() * 4);
    std::memset(target.data(), 1, target.size());
    int next = 0;
    time(point, [&] {
      const std::int64_t begin = now_ns();
      copy(target.data() + static_cast<std::size_t>(next % 4) * weights_.expert_bytes(),
           weights_.expert(0, next % shape_.router.experts), weights_.expert_bytes());
      ++next;
      return static_cast<double>(now_ns() - begin) * 1e-9;
    });
    point.bytes = 2.0 * static_cast<double>(weights_.expert_bytes());
    result.points.push_back(point);
  }

  void finish(RooflinePoint& point, const Ceilings& ceilings) const {
    const bool wide = point.kernel == "experts" && shape_.type == NumberType::bf16;
    const double peak = wide ? point.period.bf16_flops : point.period.f32_flops;
    // A copy moves every byte twice, and its ceiling counts them once.
    const double rate =
        point.kernel == "transfer" ? 2 * ceilings.copy_bytes_per_second : point.period.read_bytes_per_second;
    const double compute = point.flops / peak;
    const double memory = point.bytes / rate;
    point.compute_bound = compute > memory;
    point.share = std::max(compute, memory) / point.seconds;
    point.ceiling = point.compute_bound ? peak : rate;
  }

  const RooflineOptions& options_;
  const ModelShape& shape_;
  Isa isa_;
  Seats seats_;
  std::optional<CeilingWatch> watch_;
  ModelWeights weights_;
  LayerWork layer_;
  support::Random random_;
  std::vector<float> x_;
};

}  // namespace

Roofline measure_roofline(const ModelShape& shape, const RooflineOptions& options) {
  if (options.tokens.empty()) throw Error(ErrorCode::usage, "no number of tokens to measure");
  return Bench(shape, options).measure();
}

}  // namespace plimsoll::executor
