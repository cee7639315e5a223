// How transient replicas arrive: one transfer for each, from host memory or from a device that holds the expert, after
// an event that frees its slot. Links are shared by the preemptive relaxation: what has to be sent between two events
// takes no longer than the time between them, on each link and direction.
#pragma once

#include <cstddef>
#include <vector>

#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/formulation/frame.hpp"
#include "planner/experts/step/links.hpp"

namespace plimsoll::experts::step {

class TransferRows {
 public:
  // Adds variables and rows.
  explicit TransferRows(Frame& frame);

  // Sets the variables of a plan's transfers. False where the program has no such transfer.
  bool encode(const StepPlan& plan, const Evaluation& evaluation, std::vector<double>& point) const;

 private:
  // A transfer that starts after window `release` has ended (-1: any time) and before the next such event of its slot.
  struct Arrival {
    int microstep;
    int layer;
    int expert;
    int to;
    bool from_host;
    int from;
    int release;
    Path path;
    double seconds;
    int variable;
  };
  // The gradient of a transient replica on its way to the expert's lowest base device.
  struct Gradient {
    int microstep;
    int layer;
    int expert;
    int from;
    int to;
    Path path;
    double seconds;
    int variable;
  };
  struct Use {
    int microstep;
    int layer;
  };

  [[nodiscard]] std::vector<Use> uses(int layer) const;
  void add_arrivals();
  void add_sources();
  void add_lives();
  void add_lowest();
  void add_gradients();
  void add_links();
  [[nodiscard]] int forward_window(int microstep, int layer) const {
    return prepared_.forward_window.at(static_cast<std::size_t>(microstep), static_cast<std::size_t>(layer));
  }
  [[nodiscard]] int last_window(int microstep, int layer) const {
    return prepared_.last_window.at(static_cast<std::size_t>(microstep), static_cast<std::size_t>(layer));
  }
  [[nodiscard]] int release_of(const Transfer& transfer, const Evaluation& evaluation) const;

  Frame& frame_;
  const Prepared& prepared_;
  Links links_;
  std::vector<Arrival> arrivals_;
  std::vector<std::vector<int>> of_;  // [microsteps * layers * experts * devices] indices of arrivals
  std::vector<Gradient> gradients_;
  std::vector<int> lowest_;  // [layers * experts * devices]: the lowest base device
};

}  // namespace plimsoll::experts::step
