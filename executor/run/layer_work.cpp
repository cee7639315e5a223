#include "executor/run/layer_work.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "executor/kernels/combine.hpp"
#include "executor/kernels/rms_norm.hpp"
#include "executor/telemetry/clock.hpp"

namespace plimsoll::executor {
namespace {

constexpr int row_block = 16;  // tokens of one chunk where work is by tokens

}  // namespace

LayerWork::LayerWork(const ModelWeights& weights, Isa isa, int tokens, Seats& seats)
    : weights_(weights),
      seats_(seats),
      kernel_(weights.shape().expert, weights.shape().type, isa),
      room_(static_cast<std::size_t>(seats.seats())) {
  const ModelShape& shape = weights.shape();
  const auto rows = static_cast<std::size_t>(tokens);
  const auto width = static_cast<std::size_t>(shape.expert.width);
  const int places = tokens * shape.router.top_k;
  every_.resize(rows);
  std::iota(every_.begin(), every_.end(), 0);
  hidden_.resize(rows * width);
  parts_.resize(static_cast<std::size_t>(places) * width);
  if (shape.shared.inner > 0) {
    shared_kernel_ = std::make_unique<ExpertKernel>(weights.shared_shape(), shape.type, isa);
    shared_.resize(rows * width);
    if (shape.shared.gate) shared_gate_.resize(rows);
  }
  for (std::size_t seat = 0; seat < room_.size(); ++seat) {
    const int threads = seats.threads_of(static_cast<int>(seat));
    kernel_.reserve(room_[seat].workspace, places, shape.router.experts, threads);
    if (shared_kernel_) shared_kernel_->reserve(room_[seat].shared_workspace, tokens, 1, threads);
    room_[seat].router.resize(static_cast<std::size_t>(threads));
    room_[seat].replicas.reserve(static_cast<std::size_t>(shape.router.experts) * 2);
  }
}

std::vector<int> LayerWork::ranges(int tokens) const {
  std::vector<int> begin;
  for (int seat = 0; seat <= seats_.seats(); ++seat) {
    begin.push_back(static_cast<int>(static_cast<std::int64_t>(tokens) * seat / seats_.seats()));
  }
  return begin;
}

void LayerWork::normalise(const std::vector<float>& x, int tokens) {
  const auto width = static_cast<std::size_t>(weights_.shape().expert.width);
  const std::vector<int> range = ranges(tokens);
  seats_.run(seats_.seats(), [&](int seat, Team& team) {
    const int begin = range[static_cast<std::size_t>(seat)];
    const int end = range[static_cast<std::size_t>(seat) + 1];
    team.run((end - begin + row_block - 1) / row_block, [&](int chunk, int) {
      for (int row = begin + chunk * row_block; row < std::min(end, begin + (chunk + 1) * row_block); ++row) {
        const std::size_t at = static_cast<std::size_t>(row) * width;
        rms_norm({x.data() + at, width}, {}, {hidden_.data() + at, width});
      }
    });
  });
}

void LayerWork::route(int layer, int tokens, RoutedTokens& routed) {
  const RouterShape& shape = weights_.shape().router;
  const auto width = static_cast<std::size_t>(weights_.shape().expert.width);
  const auto experts = static_cast<std::size_t>(shape.experts);
  const auto top_k = static_cast<std::size_t>(shape.top_k);
  logits_.resize(static_cast<std::size_t>(tokens) * experts);
  routed.routing.top_k = shape.top_k;
  routed.routing.experts.resize(static_cast<std::size_t>(tokens) * top_k);
  routed.routing.weights.resize(static_cast<std::size_t>(tokens) * top_k);
  const std::vector<int> range = ranges(tokens);
  seats_.run(seats_.seats(), [&](int seat, Team& team) {
    const int first = range[static_cast<std::size_t>(seat)];
    const int last = range[static_cast<std::size_t>(seat) + 1];
    team.run((last - first + row_block - 1) / row_block, [&](int chunk, int thread) {
      const auto begin = static_cast<std::size_t>(first + chunk * row_block);
      const std::size_t rows = static_cast<std::size_t>(std::min(last, first + (chunk + 1) * row_block)) - begin;
      const std::span<float> logits{logits_.data() + begin * experts, rows * experts};
      weights_.router(layer).logits({hidden_.data() + begin * width, rows * width}, logits);
      executor::route(shape, logits, weights_.selection_bias(layer),
                      {routed.routing.experts.data() + begin * top_k, rows * top_k},
                      {routed.routing.weights.data() + begin * top_k, rows * top_k},
                      room_[static_cast<std::size_t>(seat)].router[static_cast<std::size_t>(thread)]);
    });
  });
  group_by_expert(routed.routing, shape.experts, routed.by_expert);
}

void LayerWork::experts(const Window& window, const RoutedTokens& routed, const WeightsOf& weights_of,
                        std::vector<double>& seconds, const std::vector<DeviceLanes>& lanes) {
  const auto devices = static_cast<int>(window.replicas.size());
  seconds.assign(window.replicas.size(), 0);
  seats_.run(devices, [&](int device, Team& team) {
    const auto at = static_cast<std::size_t>(device);
    Seat& seat = room_[at % room_.size()];
    seat.replicas.clear();
    int tokens = 0;
    for (const RunReplica& replica : window.replicas[at]) {
      if (replica.tokens == 0) continue;
      const std::size_t first =
          static_cast<std::size_t>(routed.by_expert.begin[static_cast<std::size_t>(replica.expert)]) +
          static_cast<std::size_t>(replica.first);
      const auto count = static_cast<std::size_t>(replica.tokens);
      seat.replicas.push_back({weights_of(device, replica),
                               {routed.by_expert.tokens.data() + first, count},
                               {routed.by_expert.parts.data() + first, count}});
      tokens += static_cast<int>(count);
    }
    const SpanArguments arguments{window.layer, window.microstep, -1, tokens};
    KernelLanes threads{{}, arguments};
    if (!lanes.empty()) threads.threads = lanes[at].threads;
    const std::int64_t begin = now_ns();
    if (!seat.replicas.empty()) {
      kernel_.run(seat.replicas, hidden_.data(), parts_.data(), seat.workspace, team,
                  lanes.empty() ? nullptr : &threads);
    }
    const std::int64_t end = now_ns();
    seconds[at] = static_cast<double>(end - begin) * 1e-9;
    if (lanes.empty()) return;
    Lane* lane = lanes[at].compute;
    record_span(lane, {"experts", "compute", begin, end, arguments});
    for (const RunReplica& replica : window.replicas[at]) {
      if (replica.transfer >= 0) record_arrival(lane, "weights", static_cast<std::uint64_t>(replica.transfer), begin);
    }
    record_count(lane, "flops", end, flops_per_token(weights_.shape().expert) * tokens);
    record_count(lane, "weight bytes", end,
                 static_cast<double>(seat.replicas.size()) * static_cast<double>(weights_.expert_bytes()));
  });
}

void LayerWork::shared_experts(int layer, int begin, int end, Seat& seat, Team& team) {
  const auto width = static_cast<std::size_t>(weights_.shape().expert.width);
  const std::span<const std::int32_t> rows{every_.data() + begin, static_cast<std::size_t>(end - begin)};
  const ReplicaWork work{weights_.shared(layer), rows, rows};
  shared_kernel_->run({&work, 1}, hidden_.data(), shared_.data(), seat.shared_workspace, team);
  const std::span<const float> gate = weights_.shared_gate(layer);
  if (gate.empty()) return;
  for (int row = begin; row < end; ++row) {
    const float* h = hidden_.data() + static_cast<std::size_t>(row) * width;
    float sum = 0;
    for (std::size_t k = 0; k < width; ++k) sum += gate[k] * h[k];
    shared_gate_[static_cast<std::size_t>(row)] = 1 / (1 + std::exp(-sum));
  }
}

void LayerWork::combine(int layer, const RoutedTokens& routed, std::vector<float>& x) {
  const ModelShape& shape = weights_.shape();
  const auto width = static_cast<std::size_t>(shape.expert.width);
  const auto top_k = static_cast<std::size_t>(routed.routing.top_k);
  const std::vector<int> range = ranges(routed.routing.tokens());
  seats_.run(seats_.seats(), [&](int seat, Team& team) {
    const int begin = range[static_cast<std::size_t>(seat)];
    const int end = range[static_cast<std::size_t>(seat) + 1];
    if (begin == end) return;
    if (shared_kernel_) shared_experts(layer, begin, end, room_[static_cast<std::size_t>(seat)], team);
    const auto row = static_cast<std::size_t>(begin);
    executor::combine({.tokens = end - begin,
                       .width = shape.expert.width,
                       .top_k = routed.routing.top_k,
                       .parts = parts_.data() + row * top_k * width,
                       .weights = routed.routing.weights.data() + row * top_k,
                       .shared = shared_kernel_ ? shared_.data() + row * width : nullptr,
                       .shared_gates = shape.shared.gate ? shared_gate_.data() + row : nullptr,
                       .output = x.data() + row * width},
                      team);
  });
}

}  // namespace plimsoll::executor
