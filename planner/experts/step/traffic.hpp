// Dispatch and combine of one layer: which bytes cross which link, and how long that takes. Part of the evaluation;
// methods may ask it as well.
//
// Links are those of transfers (links.hpp): link 4 d + 0 and 4 d + 1 are the out and in port of device d inside its
// node, 4 n + 2 and 4 n + 3 what NIC n sends and receives.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "planner/experts/step/links.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

// Infinite seconds: bytes must cross a link that has no rate.
struct Traffic {
  std::vector<double> dispatch_seconds;  // [4 * devices] by link; empty without `sources`
  std::vector<double> combine_seconds;   // the same
  double dispatch = 0;                   // seconds of the phase
  double combine = 0;
};

// `slots` and `shares` are those of the micro-step and layer.
Traffic traffic(const StepInstance& instance, int microstep, int layer, std::span<const int> slots,
                std::span<const double> shares);

// The same for many layers: what is derived of the instance alone stands ready.
class TrafficModel {
 public:
  explicit TrafficModel(const StepInstance& instance);
  [[nodiscard]] Traffic of(int microstep, int layer, std::span<const int> slots, std::span<const double> shares) const;

 private:
  struct Replica {
    std::size_t device = 0;
    double share = 0;
  };
  // Of one row: the replicas of each expert by ascending device, and the copies that go out over links.
  struct Row {
    std::vector<std::size_t> first;  // [experts + 1]
    std::vector<Replica> replicas;
    std::vector<double> copies;  // [4 * devices] by link, of dispatch
  };

  void fill(Row& row, std::span<const int> slots, std::span<const double> shares) const;
  void count_per_replica(Row& row, const Matrix<double>& sources) const;
  void count_between_nodes(Row& row, const Matrix<double>& sources) const;
  void count_routes(Row& row, std::size_t microstep, std::size_t layer) const;
  void send(Row& row, std::size_t from, std::size_t to, double copies) const;
  [[nodiscard]] std::size_t node(std::size_t device) const { return device / devices_per_node_; }
  // Bytes per token, out or back: phase seconds and those of each link.
  double phase(const Row& row, double token_bytes, bool back, std::vector<double>& link_seconds) const;

  const StepInstance& instance_;
  Links links_;
  std::size_t devices_;
  std::size_t devices_per_node_;
  std::size_t nodes_;
  std::size_t experts_;
  std::vector<std::size_t> device_of_column_;
  std::vector<std::size_t> first_token_;  // [micro-steps + 1] into token_
  std::vector<std::size_t> token_;        // tokens of `routes` by micro-step
};

// Seconds of a window (backward: compute and the rest take backward_ratio times as long).
double window_seconds(const StepInstance& instance, double compute_seconds, const Traffic& traffic, Pass pass);

}  // namespace plimsoll::experts::step
