#include "executor/calibrate/calibrate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <thread>

#include "executor/ceilings/ceilings.hpp"
#include "executor/routing/planned_routing.hpp"
#include "executor/run/layer_work.hpp"
#include "executor/run/run_loads.hpp"
#include "executor/telemetry/busy.hpp"
#include "executor/telemetry/clock.hpp"
#include "executor/threads/affinity.hpp"
#include "executor/threads/topology.hpp"
#include "executor/transfer/engine.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::array grid{1,  2,  3,  4,  5,   6,   8,   10,  12,  16,  20,  24,   28,   32,   40,
                          48, 64, 80, 96, 128, 160, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096};
constexpr int experts_of_a_round = 8;  // that a device computes one after the other
constexpr std::size_t cold_bytes = std::size_t{512} << 20U;
constexpr int layer_tokens = 256;  // of the layer whose other parts are measured

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Enough experts that none is in a cache when its turn comes again.
ModelShape pool_shape(ModelShape shape, std::size_t expert_bytes, int devices_at_once) {
  const int least = experts_of_a_round * devices_at_once * 2;
  const auto cold = static_cast<int>(cold_bytes / expert_bytes + 1);
  const auto most = static_cast<int>(std::min<std::size_t>(available_memory() / 2 / expert_bytes, 1'000'000));
  shape.router = {.experts = std::clamp(std::max(least, cold), 1, std::max(most, least)), .top_k = 1};
  shape.shared = {};
  return shape;
}

class Calibration {
 public:
  Calibration(const ModelShape& shape, const CalibrateOptions& options)
      : options_(options),
        isa_(chosen_isa()),
        seats_(options.devices, options.threads),
        expert_bytes_(packed_bytes(shape.expert, shape.type, isa_)),
        weights_(pool_shape(shape, expert_bytes_, seats_.seats()), 1, isa_, options.seed, seats_),
        kernel_(shape.expert, shape.type, isa_),
        workspaces_(static_cast<std::size_t>(seats_.seats())) {
    const int rows = experts_of_a_round * options.most_tokens;
    support::Random random(options.seed);
    input_.resize(static_cast<std::size_t>(options.most_tokens) * static_cast<std::size_t>(shape.expert.width));
    for (float& value : input_) value = static_cast<float>((2 * random.uniform() - 1) * std::sqrt(3.0));
    for (int row = 0; row < rows; ++row) {
      tokens_.push_back(row % options.most_tokens);
      parts_rows_.push_back(row);
    }
    for (std::size_t seat = 0; seat < workspaces_.size(); ++seat) {
      parts_.emplace_back(static_cast<std::size_t>(rows) * static_cast<std::size_t>(shape.expert.width));
      kernel_.reserve(workspaces_[seat], rows, experts_of_a_round, seats_.threads_of(static_cast<int>(seat)));
    }
  }

  MeasuredCost measure() {
    const BusyMeter busy;
    MeasuredCost result;
    result.expert_bytes = static_cast<double>(expert_bytes_);
    result.devices_at_once = seats_.seats();
    result.threads_of_a_device = seats_.threads_of(0);
    result.cost.expert_seconds.push_back({0, 0});
    round(options_.most_tokens);  // warms up
    for (const int tokens : grid) {
      if (tokens > options_.most_tokens) break;
      tell("experts with " + std::to_string(tokens) + " tokens");
      const double seconds = std::max(seconds_of(tokens), result.cost.expert_seconds.back().seconds);
      result.cost.expert_seconds.push_back({static_cast<double>(tokens), seconds});
    }
    const auto& points = result.cost.expert_seconds;
    const auto& last = points[points.size() - 1];
    const auto& before = points[points.size() - 2];
    result.cost.token_seconds = std::max((last.seconds - before.seconds) / (last.tokens - before.tokens), 1e-12);
    tell("a layer's other parts");
    result.cost.other_seconds = other_seconds();
    tell("copies");
    measure_links(result.link);
    tell("the memory that all share");
    result.shared_bytes_per_second = shared_rate();
    result.other_busy = busy.other();
    return result;
  }

 private:
  void tell(const std::string& what) const {
    if (options_.stop != nullptr && options_.stop->load()) {
      throw Error(ErrorCode::usage, "stopped before everything was measured");
    }
    if (options_.progress) options_.progress(what);
  }

  // All seats at once; seconds of each for one expert.
  std::vector<double> round(int tokens) {
    std::vector<double> seconds(workspaces_.size());
    const int first = next_;
    next_ = (next_ + experts_of_a_round * seats_.seats()) % weights_.shape().router.experts;
    seats_.run(seats_.seats(), [&](int seat, Team& team) {
      const auto at = static_cast<std::size_t>(seat);
      std::array<ReplicaWork, experts_of_a_round> work;
      for (int k = 0; k < experts_of_a_round; ++k) {
        const int expert = (first + seat * experts_of_a_round + k) % weights_.shape().router.experts;
        const auto rows = static_cast<std::size_t>(k) * static_cast<std::size_t>(tokens);
        const auto count = static_cast<std::size_t>(tokens);
        work[static_cast<std::size_t>(k)] = {weights_.expert(0, expert),
                                             {tokens_.data() + rows % tokens_.size() % input_tokens(tokens), count},
                                             {parts_rows_.data() + rows, count}};
      }
      const std::int64_t begin = now_ns();
      kernel_.run(work, input_.data(), parts_[at].data(), workspaces_[at], team);
      seconds[at] = static_cast<double>(now_ns() - begin) * 1e-9 / experts_of_a_round;
    });
    return seconds;
  }
  // Where a list of so many tokens may begin and still end within those there are.
  [[nodiscard]] std::size_t input_tokens(int tokens) const {
    return static_cast<std::size_t>(options_.most_tokens - tokens + 1);
  }

  double seconds_of(int tokens) {
    std::vector<double> samples;
    for (int repeat = 0; repeat < options_.repeats; ++repeat) {
      for (const double seconds : round(tokens)) samples.push_back(seconds);
    }
    return median(std::move(samples));
  }

  // Norm, routing tables and sums of a layer; what is left of it when its experts are taken out.
  double other_seconds() {
    LayerWork layer(weights_, isa_, layer_tokens, seats_);
    std::vector<float> x(
        static_cast<std::size_t>(layer_tokens) * static_cast<std::size_t>(weights_.shape().expert.width), 1.0F);
    const std::vector<std::int64_t> load(1, layer_tokens);
    RoutedTokens routed;
    routed.routing = planned_routing(load, 1, options_.seed);
    group_by_expert(routed.routing, 1, routed.by_expert);
    std::vector<double> samples;
    for (int repeat = 0; repeat < options_.repeats; ++repeat) {
      const std::int64_t begin = now_ns();
      layer.normalise(x, layer_tokens);
      layer.combine(0, routed, x);
      samples.push_back(static_cast<double>(now_ns() - begin) * 1e-9);
    }
    return median(std::move(samples));
  }

  // Copies of experts while all seats compute.
  void measure_links(Link& link) {
    constexpr int copies = 12;
    Memory target(expert_bytes_ * copies);
    std::memset(target.data(), 1, target.size());
    TransferEngine engine(0, 1, isa_);
    std::array<int, copies> jobs{};
    for (int copy = 0; copy < copies; ++copy) {
      TransferJob job;
      job.from = weights_.expert(0, copy % weights_.shape().router.experts);
      job.to = target.data() + static_cast<std::size_t>(copy) * expert_bytes_;
      job.bytes = expert_bytes_;
      if (copy > 0) job.after = jobs[static_cast<std::size_t>(copy - 1)];
      jobs[static_cast<std::size_t>(copy)] = engine.submit(job);
    }
    while (!engine.has_arrived(jobs.back())) static_cast<void>(round(std::min(16, options_.most_tokens)));
    std::vector<double> rates;
    for (const int job : jobs) {
      const TransferReport report = engine.report(job);
      const double seconds = static_cast<double>(std::max<std::int64_t>(report.ended_ns - report.started_ns, 1)) * 1e-9;
      rates.push_back(static_cast<double>(expert_bytes_) / seconds);
    }
    const double turns = static_cast<double>(options_.devices) / seats_.seats();
    const double rate = median(rates) * std::max(1.0, turns);
    // One memory is all there is: devices, nodes and the host are the same distance apart.
    link = {rate, rate, rate, 1e-4};
  }

  double shared_rate() const {
    std::vector<int> cores;
    for (const Core& core : usable_cores()) cores.push_back(core.id);
    while (static_cast<int>(cores.size()) < seats_.threads()) cores.push_back(-1);
    cores.resize(static_cast<std::size_t>(seats_.threads()));
    double rate = 0;
    std::thread caller([&] {  // on a thread of its own: the caller's pinning is left alone
      pin_this_thread(cores.front());
      Team team(cores);
      rate = measure_ceilings(team, {.bytes = cold_bytes, .repeats = 3, .isa = isa_}).read_bytes_per_second;
    });
    caller.join();
    return rate;
  }

  const CalibrateOptions& options_;
  Isa isa_;
  Seats seats_;
  std::size_t expert_bytes_;
  ModelWeights weights_;
  ExpertKernel kernel_;
  std::vector<Workspace> workspaces_;
  std::vector<float> input_;
  std::vector<std::int32_t> tokens_;
  std::vector<std::int32_t> parts_rows_;
  std::vector<std::vector<float>> parts_;
  int next_ = 0;
};

}  // namespace

MeasuredCost calibrate(const ModelShape& shape, const CalibrateOptions& options) {
  return Calibration(shape, options).measure();
}

}  // namespace plimsoll::executor
