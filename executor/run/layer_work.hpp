// One layer on the tokens of one micro-step.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "executor/kernels/expert_kernel.hpp"
#include "executor/model/model_weights.hpp"
#include "executor/routing/grouping.hpp"
#include "executor/routing/router.hpp"
#include "executor/run/run_plan.hpp"
#include "executor/telemetry/recorder.hpp"
#include "executor/threads/seats.hpp"

namespace plimsoll::executor {

// A routing and the same by expert.
struct RoutedTokens {
  Routing routing;
  ExpertTokens by_expert;
};

// Where a device leaves its spans.
struct DeviceLanes {
  Lane* compute = nullptr;
  std::vector<Lane*> threads;
};

class LayerWork {
 public:
  // For micro-steps of at most so many tokens.
  LayerWork(const ModelWeights& weights, Isa isa, int tokens, Seats& seats);

  // hidden = rms_norm(x); x [tokens][width].
  void normalise(const std::vector<float>& x, int tokens);
  // What the router makes of `hidden`.
  void route(int layer, int tokens, RoutedTokens& routed);
  // Every device on its tokens. `weights_of` says where a replica's weights lie. seconds [devices] of each device;
  // lanes [devices] or empty.
  using WeightsOf = std::function<const std::byte*(int device, const RunReplica& replica)>;
  void experts(const Window& window, const RoutedTokens& routed, const WeightsOf& weights_of,
               std::vector<double>& seconds, const std::vector<DeviceLanes>& lanes);
  // x += weighted parts + shared experts.
  void combine(int layer, const RoutedTokens& routed, std::vector<float>& x);

 private:
  struct Seat {
    Workspace workspace;
    Workspace shared_workspace;
    std::vector<ReplicaWork> replicas;
    std::vector<RouterRoom> router;  // [threads]
  };
  // Tokens of each seat, [seats + 1].
  [[nodiscard]] std::vector<int> ranges(int tokens) const;
  void shared_experts(int layer, int begin, int end, Seat& seat, Team& team);

  const ModelWeights& weights_;
  Seats& seats_;
  ExpertKernel kernel_;
  std::unique_ptr<ExpertKernel> shared_kernel_;
  std::vector<Seat> room_;
  std::vector<std::int32_t> every_;  // 0, 1, 2, ...
  std::vector<float> hidden_;        // [tokens][width]
  std::vector<float> parts_;         // [tokens * top_k][width]
  std::vector<float> shared_;        // [tokens][width]
  std::vector<float> shared_gate_;   // [tokens]
  std::vector<float> logits_;        // [tokens][experts]
};

}  // namespace plimsoll::executor
