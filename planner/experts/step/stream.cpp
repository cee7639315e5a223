// One micro-step after the other, with the window planner and the scheduler of whole steps: base replicas stand, links
// and slots go on from where the last micro-step left them, and nothing is booked before the loads were known.
#include "plimsoll/stream.hpp"

#include <cmath>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/step/bound.hpp"
#include "planner/experts/step/search/base_placement.hpp"
#include "planner/experts/step/search/standing_base.hpp"
#include "planner/experts/step/search/step_builder.hpp"
#include "planner/experts/step/windows.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll {

using namespace experts::step;
using experts::step::Prepared;

namespace {

// The instance of one micro-step alone.
StepInstance single(const StepInstance& past) {
  StepInstance instance = past;
  instance.load.resize(1);
  instance.sources.clear();
  instance.schedule = default_schedule(1, past.gradient_return);
  instance.experts.placement.reset();
  instance.experts.limits = {};
  instance.experts.move_seconds = 0;
  return instance;
}

void refuse_unsupported(const StepInstance& past) {
  if (past.schedule != default_schedule(past.microsteps(), past.gradient_return)) {
    throw Error(ErrorCode::unsupported, "a stream runs micro-steps in order, each backward pass after its forward pass",
                "/schedule", "Maybe leave the schedule out.");
  }
  if (past.gradient_return && !past.sources.empty()) {
    throw Error(ErrorCode::unsupported, "a stream cannot send gradients where dispatch uses the same links", "/sources",
                "Maybe leave the sources out.");
  }
}

}  // namespace

class StepStream::State {
 public:
  State(const StepInstance& past, const StreamOptions& options)
      : lookahead_(options.lookahead_microsteps), frame_(single(past)) {
    if (lookahead_ < 0) throw Error(ErrorCode::usage, "lookahead_microsteps must be at least 0");
    refuse_unsupported(past);
    speaks_ = speaks(past.experts.cluster);
    const Prepared prepared(past);
    if (!prepared.impossible.empty()) throw Error(ErrorCode::unsupported, prepared.impossible);
    support::Meter meter(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr);
    std::uint64_t work = 0;
    base_ = base_is_free(prepared) ? place_base(prepared, {}, options.seed, 1, work)
                                   : standing_base(prepared, false, options.seed, 1, meter);
    if (base_.empty()) {
      throw Error(ErrorCode::unsupported, "no base replicas were found for the past micro-steps", "/microsteps");
    }
  }

  [[nodiscard]] const Matrix<int>& base() const { return base_; }

  StreamedMicrostep plan(const Matrix<double>& load, const std::vector<Matrix<double>>& sources) {
    check(load, sources);
    auto next = std::make_unique<Now>(frame_, load, sources);
    if (scheduler_) {
      scheduler_->follow(next->prepared, 1);
    } else {
      scheduler_.emplace(next->prepared, base_);
    }
    now_ = std::move(next);
    starts_.push_back(scheduler_->clock());
    if (static_cast<int>(starts_.size()) > lookahead_ + 1) starts_.pop_front();
    // Transfers for a micro-step may start when its loads are known.
    scheduler_->forget_before(count_ >= lookahead_ ? starts_.front() : 0.0);

    const Prepared& prepared = now_->prepared;
    const Bounds bounds = quick_bounds(prepared);
    WindowPlanner planner(prepared, bounds);
    const WindowRunner runner(prepared);
    StreamedMicrostep answer;
    answer.microstep = count_++;
    answer.start_seconds = scheduler_->clock();
    answer.bound_seconds = bounds.objective;
    answer.plan = empty_plan(prepared.columns);
    answer.plan.slots = base_;
    const std::uint64_t before = scheduler_->work();
    double imbalance = 0;
    for (const Window& window : prepared.windows) {
      if (window.pass == Pass::forward) {
        double promised = 0;
        const auto wishes = planner.wish(0, window.layer, base_.row(static_cast<std::size_t>(window.layer)), promised);
        const double seconds = planner.settle(0, window.layer, wishes, promised, *scheduler_, answer.plan);
        imbalance += imbalance_of(prepared, window.layer, seconds);
      }
      answer.exposed_seconds += scheduler_->ready() - scheduler_->clock();
      runner.run_next(answer.plan, *scheduler_);
    }
    answer.end_seconds = scheduler_->clock();
    answer.imbalance = imbalance / prepared.layers;
    answer.transfers = scheduler_->take();
    for (Transfer& transfer : answer.transfers) transfer.microstep += answer.microstep;
    answer.work = planner.work() + scheduler_->work() - before;
    return answer;
  }

 private:
  struct Now {
    Now(const StepInstance& frame, const Matrix<double>& load, const std::vector<Matrix<double>>& sources)
        : instance(with(frame, load, sources)), prepared(instance) {}
    static StepInstance with(StepInstance instance, const Matrix<double>& load,
                             const std::vector<Matrix<double>>& sources) {
      instance.load = {load};
      instance.experts.load = load;
      if (!sources.empty()) instance.sources = {sources};
      return instance;
    }
    StepInstance instance;
    Prepared prepared;
  };

  static double imbalance_of(const Prepared& prepared, int layer, double seconds) {
    double tokens = 0;
    for (const double each : prepared.load(0, layer)) tokens += each;
    double speed = 0;
    for (int device = 0; device < prepared.devices; ++device) {
      if (prepared.columns.alive[static_cast<std::size_t>(device)]) speed += prepared.columns.speed(device);
    }
    const double mean = prepared.whole.cost.token_seconds * tokens / speed;
    return mean > 0 ? seconds / mean : 1.0;
  }

  void check(const Matrix<double>& load, const std::vector<Matrix<double>>& sources) const {
    const auto layers = static_cast<std::size_t>(frame_.experts.model.layers);
    const auto experts = static_cast<std::size_t>(frame_.experts.model.experts);
    const auto devices = static_cast<std::size_t>(frame_.experts.cluster.devices());
    const auto refuse = [](const std::string& what, const std::string& pointer) {
      throw Error(ErrorCode::input, what, pointer);
    };
    if (load.rows() != layers || load.columns() != experts) {
      refuse("expected " + std::to_string(layers) + " layers of " + std::to_string(experts) + " experts", "/load");
    }
    check_tokens(load, frame_.experts.cost.tile_tokens > 0, "/load");
    if (!sources.empty() && sources.size() != layers) refuse("expected a table for each layer", "/sources");
    if (!sources.empty() && !speaks_) {
      throw Error(ErrorCode::unsupported, "dispatch needs rates of the links between all devices", "/cluster/link");
    }
    for (const auto& table : sources) {
      if (table.rows() != devices || table.columns() != experts) {
        refuse("expected " + std::to_string(devices) + " devices of " + std::to_string(experts) + " experts",
               "/sources");
      }
      check_tokens(table, false, "/sources");
    }
  }

  static void check_tokens(const Matrix<double>& table, bool whole, const std::string& pointer) {
    for (const double tokens : table.data()) {
      if (tokens >= 0 && tokens <= 1e15 && (!whole || std::trunc(tokens) == tokens)) continue;
      throw Error(ErrorCode::input, std::string("expected ") + (whole ? "whole " : "") + "tokens from 0 to 1e15",
                  pointer);
    }
  }

  // Tokens can go from every device to every other.
  static bool speaks(const Cluster& cluster) {
    if (!cluster.link) return true;
    const bool inside = cluster.devices_per_node == 1 || cluster.link->intra_bytes_per_second > 0;
    return inside && (cluster.nodes == 1 || cluster.link->nic_bytes_per_second > 0);
  }

  int lookahead_;
  bool speaks_ = true;
  StepInstance frame_;
  Matrix<int> base_;
  std::unique_ptr<Now> now_;
  std::optional<Scheduler> scheduler_;
  std::deque<double> starts_;  // of this micro-step and those within the lookahead before it
  int count_ = 0;
};

StepStream::StepStream(const StepInstance& past, const StreamOptions& options)
    : state_(std::make_unique<State>(past, options)) {}
StepStream::StepStream(StepStream&&) noexcept = default;
StepStream& StepStream::operator=(StepStream&&) noexcept = default;
StepStream::~StepStream() = default;

const Matrix<int>& StepStream::base() const { return state_->base(); }

StreamedMicrostep StepStream::plan(const Matrix<double>& load, const std::vector<Matrix<double>>& sources) {
  return state_->plan(load, sources);
}

}  // namespace plimsoll
