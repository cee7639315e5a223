// A step made ready for the methods: its windows in the order of time, its columns, and what can be ruled out at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "planner/experts/prepare.hpp"
#include "planner/experts/step/windows.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

struct Prepared {
  explicit Prepared(const StepInstance& source);
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  const StepInstance& instance;
  // The static instance whose slots are base and transient ones together and whose load is the sum over micro-steps;
  // without placement, limits of moves and prices.
  ExpertInstance whole;
  // What is derived of it: columns are its slots (first_slot, device_of_slot, alive, node, curve, ...).
  experts::Prepared columns;
  int layers;
  int experts;
  int devices;
  int microsteps;
  int transient;                       // transient columns of a live device
  bool pool;                           // they are shared by all layers
  std::vector<int> base_slots;         // [devices] per layer; 0 on a dead device
  std::vector<bool> transient_column;  // [columns]
  std::vector<Window> windows;         // in the order of time
  Matrix<int> forward_window;          // [microsteps][layers]: its index in `windows`
  Matrix<int> last_window;  // [microsteps][layers]: the backward one where it is scheduled, else the forward one
  // Why no plan can exist, in the problem's words; empty where nothing was proven.
  std::string impossible;

  [[nodiscard]] std::span<const double> load(int microstep, int layer) const {
    return instance.load[static_cast<std::size_t>(microstep)].row(static_cast<std::size_t>(layer));
  }
  // Seconds of all windows of a (micro-step, layer) over those of its forward one, communication aside.
  [[nodiscard]] double passes(int microstep, int layer) const {
    const auto m = static_cast<std::size_t>(microstep);
    const auto l = static_cast<std::size_t>(layer);
    return forward_window.at(m, l) == last_window.at(m, l) ? 1.0 : 1.0 + instance.backward_ratio;
  }
  [[nodiscard]] int total_columns() const { return columns.total_slots(); }
};

}  // namespace plimsoll::experts::step
