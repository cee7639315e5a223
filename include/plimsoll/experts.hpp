// The problem `experts`: replicas of mixture-of-experts experts on the slots of devices, and the share of an expert's
// tokens that each replica serves. One ExpertInstance is the static case of docs/formats.md, one ExpertPlan answers it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/cluster.hpp"
#include "plimsoll/matrix.hpp"

namespace plimsoll {

struct ExpertModel {
  int layers = 1;
  int experts = 1;
  int groups = 1;  // divides experts; group of expert e is e / (experts / groups)
  int top_k = 0;   // 0: not given
  double expert_bytes = 0;
  double gradient_bytes = 0;
  double dispatch_token_bytes = 0;
  double combine_token_bytes = 0;
};

// Seconds of one replica that serves x tokens, on a device of speed 1:
//   token_seconds * x + (x > 0 ? replica_seconds : 0), with x rounded up to whole tiles where tile_tokens >= 1, or
//   the piecewise linear expert_seconds(x), which replaces the three (beyond its last point: along its last segment).
struct ExpertCost {
  double token_seconds = 1.0;
  double replica_seconds = 0.0;
  std::int64_t tile_tokens = 0;  // 0: tokens are real numbers
  struct Point {
    double tokens = 0;
    double seconds = 0;
    friend bool operator==(const Point&, const Point&) = default;
  };
  std::vector<Point> expert_seconds;  // empty: not given; first at 0 tokens, strictly rising tokens, never falling
  double other_seconds = 0.0;         // per layer, spent on everything but experts
};

enum class Dispatch {
  weighted,  // any shares
  even,      // every slot of an expert gets the same part
};

struct ExpertLimits {
  std::optional<std::int64_t> max_moves;  // totals over layers
  std::optional<std::int64_t> max_moves_per_device;
};

struct ExpertInstance {
  std::string name;
  ExpertModel model;
  Cluster cluster;
  ExpertCost cost;
  Dispatch dispatch = Dispatch::weighted;
  Matrix<double> load;                   // [layers][experts] tokens, 0 or more
  bool keep_groups_on_a_node = false;    // all replicas of a group's experts on one node
  std::optional<Matrix<int>> placement;  // [layers][all slots in device order], expert or -1: what stands now
  ExpertLimits limits;                   // need a placement
  double move_seconds = 0.0;             // price of one move in the objective; above 0 needs a placement
};

struct ExpertPlan {
  Matrix<int> slots;            // [layers][all slots in device order], expert or -1
  Matrix<double> shares;        // same shape; 0 on an empty slot
  Matrix<std::int64_t> tokens;  // same shape where tile_tokens >= 1, else empty
  friend bool operator==(const ExpertPlan&, const ExpertPlan&) = default;
};

// What a user of this problem looks at.
struct ExpertMetrics {
  double imbalance = 1;        // mean over layers with load: largest device seconds / (token_seconds * tokens / speed)
  double worst_imbalance = 1;  // the largest of them
  std::int64_t moves = 0;      // (layer, expert, device) that was not there before; 0 without a placement
  double moved_bytes = 0;
};

}  // namespace plimsoll
