// `experts` with micro-steps: a step of many micro-steps whose tokens per expert are all known before it runs. Base
// replicas stand for the whole step; transient replicas come and go at single micro-steps, copied over links that carry
// one byte at a time in each direction. One StepInstance is an instance with `microsteps` of docs/formats.md, one
// StepPlan answers it.
//
// Windows. The step is a sequence of passes (`schedule`), each of which runs the layers of one micro-step: forward in
// order, backward in reverse. A window is one layer of one pass. Windows follow each other; a forward window waits
// until every transient replica of its (micro-step, layer) has arrived, and what it waits is exposed.
//
// Columns. A row of slots lists for each device in order its `slots` base slots, then its transient slots. A transient
// column is a slot of its own for each layer (`transient_slots`), or one and the same slot for all layers
// (`transient_pool_slots`).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plimsoll/experts.hpp"
#include "plimsoll/matrix.hpp"

namespace plimsoll {

enum class Pass { forward, backward };

struct ScheduledPass {
  Pass pass = Pass::forward;
  int microstep = 0;
  friend bool operator==(const ScheduledPass&, const ScheduledPass&) = default;
};

// Dispatch sends a token once to each replica that serves it, once to each device that holds such replicas, or once to
// each node (and from there to its devices).
enum class Copies { per_replica, per_device, per_node };
// Compute waits for dispatch and combine waits for compute; or all three run at the same time.
enum class Overlap { none, full };

struct StepCommunication {
  Copies copies = Copies::per_replica;
  Overlap overlap = Overlap::none;
  // Needed by per_device and per_node: which experts each token goes to. Empty: not given.
  int routes_per_token = 0;          // k
  std::vector<int> routes;           // [tokens][layers][k] experts
  std::vector<int> route_source;     // [tokens] device
  std::vector<int> route_microstep;  // [tokens]
};

struct StepInstance {
  // Everything but the micro-steps. Its `load` is the sum over micro-steps, its `cluster.slots` are the base slots.
  ExpertInstance experts;
  std::vector<Matrix<double>> load;  // [micro-steps] of [layers][experts] tokens
  // At most one of the two is above 0; both 0: no transient replicas.
  int transient_slots = 0;       // per device and layer
  int transient_pool_slots = 0;  // per device, over all layers
  // [micro-steps][layers] of [devices][experts]: tokens by the device they come from. Empty: dispatch costs nothing.
  std::vector<std::vector<Matrix<double>>> sources;
  StepCommunication communication;
  std::vector<ScheduledPass> schedule;  // every micro-step forward once, and backward at most once, after its forward
  bool gradient_return = false;         // each transient replica's gradient goes to the expert's lowest base device
  double backward_ratio = 2.0;          // seconds of a backward window's compute over those of the forward one

  [[nodiscard]] int microsteps() const { return static_cast<int>(load.size()); }
  // Transient columns of each live device.
  [[nodiscard]] int transient_columns() const { return transient_slots + transient_pool_slots; }
};

// Weights of an expert on their way to a transient slot, or the gradient of a transient replica on its way back.
enum class TransferKind { weights, gradient };

struct Transfer {
  TransferKind kind = TransferKind::weights;
  int microstep = 0;
  int layer = 0;
  int expert = 0;
  bool from_host = false;  // `from` is a node, whose host memory holds every expert; else a device
  int from = 0;
  int to = 0;                // device
  double start_seconds = 0;  // since the step began
  double end_seconds = 0;
  friend bool operator==(const Transfer&, const Transfer&) = default;
};

struct StepPlan {
  // [layers][columns]: what stands for the whole step, -1 where nothing does. A transient column that holds an expert
  // here is a base slot for the whole step and takes no transfers (of a pool: in this layer, and then in no other).
  Matrix<int> base;
  // [micro-steps]: all replicas that serve it, in the same columns: those of `base` and the transient ones.
  std::vector<ExpertPlan> microsteps;
  std::vector<Transfer> transfers;  // in the order of their start
  friend bool operator==(const StepPlan&, const StepPlan&) = default;
};

struct StepMetrics {
  double imbalance = 1;        // mean over layers and micro-steps with load, as ExpertMetrics
  double worst_imbalance = 1;  // the largest of them
  std::int64_t moves = 0;      // of `base` against the placement
  double moved_bytes = 0;
  std::int64_t transfers = 0;
  double transferred_bytes = 0;
  double expert_seconds = 0;   // sum over windows of the largest device time
  double exposed_seconds = 0;  // waiting for transfers, and for the last gradients
  double step_seconds = 0;     // from the first window to the last, and to the last gradient
};

}  // namespace plimsoll
