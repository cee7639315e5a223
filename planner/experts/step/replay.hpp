// The replay of a step: when its windows run given what must arrive before them, and whether every transfer fills a
// transient slot that is free, comes from where its expert stands, takes the time its bytes need and has its links for
// itself. Knows the plan and the instance, and nothing of how plans are made.
//
// Where a device has several transient slots with the same expert in a micro-step and layer, the transfers that are
// listed first belong to the lower columns.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "planner/experts/step/links.hpp"
#include "planner/experts/step/traffic.hpp"
#include "planner/experts/step/windows.hpp"
#include "planner/experts/violations.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

// An expert in a transient slot for the windows of one (micro-step, layer).
struct TransientReplica {
  int microstep = 0;
  int layer = 0;
  int expert = 0;
  int device = 0;
  int column = 0;
};

// Which devices hold an expert of a layer for the whole step.
class BaseHolders {
 public:
  BaseHolders(const Matrix<int>& base, const std::vector<int>& device_of_column, const std::vector<bool>& alive,
              int experts);
  [[nodiscard]] bool holds(int layer, int expert, int device) const;
  // -1: none does.
  [[nodiscard]] int lowest(int layer, int expert) const;

 private:
  [[nodiscard]] std::size_t index(int layer, int expert) const {
    return static_cast<std::size_t>(layer) * experts_ + static_cast<std::size_t>(expert);
  }
  std::size_t experts_;
  std::vector<std::size_t> first_;  // [layers * experts + 1]
  std::vector<int> devices_;        // ascending for each (layer, expert)
};

// What is replayed: the plan's transfers, and what the evaluation of its rows has found.
struct Scene {
  const StepInstance& instance;
  const StepPlan& plan;
  const Links& links;
  const BaseHolders& base;
  const std::vector<bool>& alive;                 // [devices]
  const std::vector<Window>& windows;             // in the order of time
  const std::vector<double>& window_seconds;      // [windows]
  const std::vector<Traffic>& traffic;            // [micro-steps * layers] or empty
  const std::vector<TransientReplica>& replicas;  // by micro-step, layer, expert, device, column
  [[nodiscard]] std::size_t row(int microstep, int layer) const {
    return static_cast<std::size_t>(microstep) * static_cast<std::size_t>(instance.experts.model.layers) +
           static_cast<std::size_t>(layer);
  }
};

struct Timeline {
  std::vector<double> start;   // [windows]
  std::vector<double> waited;  // [windows]
  double exposed_seconds = 0;
  double step_seconds = 0;
};

Timeline replay(const Scene& scene, Violations& violations);

// "/plan/transfers/12: "
std::string transfer_place(std::size_t transfer);

}  // namespace plimsoll::experts::step
