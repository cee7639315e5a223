#include "executor/run/runner.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>

#include "executor/routing/planned_routing.hpp"
#include "executor/run/layer_work.hpp"
#include "executor/run/run_loads.hpp"
#include "executor/run/transfer_work.hpp"
#include "executor/telemetry/busy.hpp"
#include "executor/telemetry/clock.hpp"
#include "executor/threads/memory.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"
#include "support/sha256.hpp"

namespace plimsoll::executor {
namespace {

constexpr int microstep_shift = 37;  // tokens; so that micro-steps begin with different ones

double seconds_between(std::int64_t from, std::int64_t to) { return static_cast<double>(to - from) * 1e-9; }

// Tokens that no expert takes in this layer.
void pad(RoutedTokens& routed, int tokens) {
  const auto places = static_cast<std::size_t>(tokens) * static_cast<std::size_t>(routed.routing.top_k);
  routed.routing.experts.resize(places, -1);
  routed.routing.weights.resize(places, 0.0F);
}

}  // namespace

class Runner::Work {
 public:
  Work(const RunPlan& plan, const ModelWeights& weights, DeviceMemory& memory, Isa isa, Seats& seats,
       Recorder* recorder, AttentionWork* attention)
      : plan_(plan),
        weights_(weights),
        memory_(memory),
        isa_(isa),
        seats_(seats),
        attention_(attention),
        width_(weights.shape().expert.width),
        tokens_(tokens_of_microsteps(plan, weights.shape().router.top_k)) {
    const int most = tokens_.empty() ? 0 : *std::max_element(tokens_.begin(), tokens_.end());
    require_memory(most);
    layer_.emplace(weights, isa, most, seats);
    if (recorder == nullptr) return;
    coordinator_ = recorder->add_lane(plan.devices, 0, "windows");
    recorder->name_device(plan.devices, "the run");
    for (int device = 0; device < plan.devices; ++device) {
      DeviceLanes& lanes = compute_lanes_.emplace_back();
      lanes.compute = recorder->add_lane(device, 0, "compute");
      for (int thread = 0; thread < seats.threads_of(device); ++thread) {
        lanes.threads.push_back(recorder->add_lane(device, 2 + thread, "thread " + std::to_string(thread)));
      }
      transfer_lanes_.push_back(recorder->add_lane(device, 1, "transfers in"));
    }
  }

  RunResult run(const RunOptions& options) {
    prepare(options);
    RunResult result;
    result.windows.resize(plan_.windows.size());
    result.transfers.resize(plan_.transfers.size());
    const double turns = static_cast<double>(plan_.devices) / std::min(plan_.devices, seats_.seats());
    std::optional<TransferWork> transfers;
    if (!options.preloaded) transfers.emplace(plan_, weights_, memory_, isa_, options.links, turns);

    const BusyMeter busy;
    const std::int64_t start = now_ns();
    if (transfers) transfers->window_starts(-1, start);
    std::size_t done = 0;
    for (std::size_t w = 0; w < plan_.windows.size(); ++w) {
      if (options.stop != nullptr && options.stop->load()) {
        result.complete = false;
        break;
      }
      run_window(w, start, options, transfers ? &*transfers : nullptr, result.windows[w]);
      const bool last = w + 1 == plan_.windows.size() || plan_.windows[w + 1].microstep != plan_.windows[w].microstep;
      if (last) end_microstep(plan_.windows[w].microstep);
      ++done;
      if (options.progress) options.progress(done);
    }
    result.seconds = seconds_between(start, now_ns());
    result.other_busy = busy.other();
    result.windows.resize(done);
    if (transfers) report_transfers(*transfers, start, result);
    result.output_sha256 = output_hash();
    return result;
  }

  [[nodiscard]] const std::vector<float>& output() const { return x_; }

 private:
  // What a layer works in, and the outputs that are kept: about so much, before the system would say so less kindly.
  void require_memory(int most) const {
    const ModelShape& shape = weights_.shape();
    const double rows = static_cast<double>(most) * (2.0 * shape.router.top_k + 4) +
                        std::accumulate(tokens_.begin(), tokens_.end(), 0.0);
    const double bytes = rows * sizeof(float) * std::max(shape.expert.width, shape.expert.inner);
    if (bytes < static_cast<double>(available_memory())) return;
    throw Error(ErrorCode::memory,
                std::to_string(most) + " tokens take about " + std::to_string(static_cast<std::int64_t>(bytes / 1e6)) +
                    " MB, and " + std::to_string(available_memory() / 1'000'000) + " MB are available",
                {}, "Maybe scale the loads down with --tokens, or run fewer micro-steps.");
  }

  // Everything that is known before the clock runs: routing by plan, and the tokens that micro-steps begin with.
  void prepare(const RunOptions& options) {
    const int most = tokens_.empty() ? 0 : *std::max_element(tokens_.begin(), tokens_.end());
    support::Random random(options.seed, 0);
    first_.resize(static_cast<std::size_t>(most) * static_cast<std::size_t>(width_));
    for (float& value : first_) value = static_cast<float>((2 * random.uniform() - 1) * std::sqrt(3.0));
    x_.resize(first_.size());
    outputs_.resize(tokens_.size());
    for (std::size_t m = 0; m < tokens_.size(); ++m) {
      outputs_[m].assign(static_cast<std::size_t>(tokens_[m]) * static_cast<std::size_t>(width_), 0);
    }
    if (attention_ != nullptr) attention_->begin_run();
    routed_.assign(plan_.windows.size(), {});
    if (options.routing == RoutingBy::model) return;
    for (std::size_t w = 0; w < plan_.windows.size(); ++w) {
      const Window& window = plan_.windows[w];
      const auto stream =
          static_cast<std::uint64_t>(window.microstep) * 1'000'003 + static_cast<std::uint64_t>(window.layer);
      RoutedTokens& routed = routed_[w];
      routed.routing = planned_routing(window.load, weights_.shape().router.top_k, options.seed, stream + 1);
      pad(routed, tokens_[static_cast<std::size_t>(window.microstep)]);
      group_by_expert(routed.routing, plan_.experts, routed.by_expert);
    }
  }

  void begin_microstep(int microstep) {
    const auto tokens = static_cast<std::size_t>(tokens_[static_cast<std::size_t>(microstep)]);
    const auto width = static_cast<std::size_t>(width_);
    const std::size_t rows = first_.size() / width;
    for (std::size_t token = 0; token < tokens; ++token) {
      const std::size_t from = (token + static_cast<std::size_t>(microstep) * microstep_shift) % rows;
      std::copy_n(first_.begin() + static_cast<std::ptrdiff_t>(from * width), width,
                  x_.begin() + static_cast<std::ptrdiff_t>(token * width));
    }
  }

  void run_window(std::size_t w, std::int64_t start, const RunOptions& options, TransferWork* transfers,
                  WindowTimes& times) {
    const Window& window = plan_.windows[w];
    const int tokens = tokens_[static_cast<std::size_t>(window.microstep)];
    const SpanArguments arguments{window.layer, window.microstep, -1, -1};
    if (w == 0 || plan_.windows[w - 1].microstep != window.microstep) begin_microstep(window.microstep);
    // Before the experts' transfers are waited for, which have that much longer to arrive.
    if (attention_ != nullptr) {
      attention_->run(window.microstep, window.layer, x_.data(), times.attention, coordinator_);
    }
    if (transfers != nullptr) {
      const Span wait(coordinator_, "wait for transfers", "wait", arguments);
      times.waited = transfers->wait_for(static_cast<int>(w));
    }
    const std::int64_t begin = now_ns();
    times.start = seconds_between(start, begin);
    if (transfers != nullptr) transfers->window_starts(static_cast<int>(w), begin);
    const Span span(coordinator_, "window", "compute", arguments);
    std::int64_t since = begin;
    const auto done = [&](double& seconds, const char* name) {
      const std::int64_t now = now_ns();
      seconds = seconds_between(since, now);
      record_span(coordinator_, {name, "compute", since, now, arguments});
      since = now;
    };
    layer_->normalise(x_, tokens);
    done(times.normalise_seconds, "norm");
    RoutedTokens& routed = routed_[w];
    const Window* served = &window;
    Window routed_window;
    if (options.routing == RoutingBy::model) {
      layer_->route(window.layer, tokens, routed);
      done(times.route_seconds, "route");
      for (int expert = 0; expert < plan_.experts; ++expert) times.counts.push_back(routed.by_expert.count(expert));
      routed_window = window;
      hand_out_tokens(routed_window, times.counts);
      served = &routed_window;
    }
    since = now_ns();
    layer_->experts(
        *served, routed,
        [&](int device, const RunReplica& replica) -> const std::byte* {
          const bool from_host = replica.transfer >= 0 && transfers == nullptr;
          return from_host ? weights_.expert(window.layer, replica.expert)
                           : memory_.slot(device, window.layer, replica.slot);
        },
        times.device_seconds, compute_lanes_);
    done(times.expert_seconds, "experts");
    layer_->combine(window.layer, routed, x_);
    done(times.combine_seconds, "combine");
    times.seconds = seconds_between(begin, since);
    if (transfers != nullptr) transfers->window_ends(static_cast<int>(w));
  }

  // Hashed when the clock has stopped: transfers would go on meanwhile and seem hidden.
  void end_microstep(int microstep) {
    std::vector<float>& output = outputs_[static_cast<std::size_t>(microstep)];
    std::copy_n(x_.begin(), output.size(), output.begin());
    if (attention_ != nullptr) attention_->end_microstep(microstep);
  }
  [[nodiscard]] std::string output_hash() const {
    support::Sha256 hash;
    for (const std::vector<float>& output : outputs_) {
      hash.add({reinterpret_cast<const char*>(output.data()), output.size() * sizeof(float)});
    }
    return hash.finish();
  }

  void report_transfers(const TransferWork& transfers, std::int64_t start, RunResult& result) const {
    for (std::size_t t = 0; t < result.transfers.size(); ++t) {
      if (transfers.job(t) < 0) continue;
      const TransferReport report = transfers.engine().report(transfers.job(t));
      if (!report.arrived) continue;
      result.transfers[t] = {seconds_between(start, report.started_ns), seconds_between(start, report.ended_ns),
                             report.late_seconds};
    }
    result.totals = transfers.engine().totals();
    if (!transfer_lanes_.empty()) transfers.record(transfer_lanes_);
  }

  const RunPlan& plan_;
  const ModelWeights& weights_;
  DeviceMemory& memory_;
  Isa isa_;
  Seats& seats_;
  AttentionWork* attention_;
  int width_;
  std::vector<int> tokens_;  // [micro-steps]
  std::optional<LayerWork> layer_;
  std::vector<RoutedTokens> routed_;         // [windows]
  std::vector<float> first_;                 // [tokens][width]
  std::vector<float> x_;                     // [tokens][width]
  std::vector<std::vector<float>> outputs_;  // [micro-steps] the last x
  Lane* coordinator_ = nullptr;
  std::vector<DeviceLanes> compute_lanes_;
  std::vector<Lane*> transfer_lanes_;
};

Runner::Runner(const RunPlan& plan, const ModelWeights& weights, DeviceMemory& memory, Isa isa, Seats& seats,
               Recorder* recorder, AttentionWork* attention)
    : work_(std::make_unique<Work>(plan, weights, memory, isa, seats, recorder, attention)) {}
Runner::~Runner() = default;
RunResult Runner::run(const RunOptions& options) { return work_->run(options); }
const std::vector<float>& Runner::output() const { return work_->output(); }

}  // namespace plimsoll::executor
