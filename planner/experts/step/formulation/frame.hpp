// What the parts of a step's integer program share: the variables that say what stands and when windows start. Times
// are counted in `unit`, a power of two of seconds in which a window's compute lies around a hundred.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "planner/experts/step/prepare.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::experts::step {

// A linear expression under construction; a variable may be added many times.
class Sum {
 public:
  Sum& add(int variable, double coefficient) {
    if (variable >= 0) terms_[variable] += coefficient;
    return *this;
  }
  Sum& add(const std::vector<int>& variables, double coefficient) {
    for (const int variable : variables) add(variable, coefficient);
    return *this;
  }
  Sum& add(const Sum& other, double factor) {
    for (const auto& [variable, coefficient] : other.terms_) terms_[variable] += factor * coefficient;
    constant_ += factor * other.constant_;
    return *this;
  }
  Sum& constant(double value) {
    constant_ += value;
    return *this;
  }
  [[nodiscard]] bool empty() const { return terms_.empty(); }
  // The value of the expression lies between the two.
  void require(solvers::mip::Model& model, double lower, double upper, const std::string& name = {}) const {
    std::vector<solvers::mip::Entry> entries;
    for (const auto& [variable, coefficient] : terms_) {
      if (coefficient != 0) entries.push_back({variable, coefficient});
    }
    model.add_row(lower - constant_, upper - constant_, entries, name);
  }

 private:
  std::map<int, double> terms_;
  double constant_ = 0;
};

struct Frame {
  const Prepared& prepared;
  solvers::mip::Model& model;
  double unit = 1;  // seconds

  // -1 where there is none:
  std::vector<int> base;       // [layers * experts * devices] replicas that stand for the whole step
  std::vector<int> transient;  // [microsteps * layers * experts * devices]
  std::vector<int> time;       // [microsteps * layers] largest device time of the forward window
  std::vector<int> start;      // [windows]
  std::vector<int> serving;    // [layers * devices] transient columns that serve as base slots; pools and memory only
  std::vector<int> home;       // [layers * groups * nodes] where groups stay on a node
  int end = -1;                // of the step
  struct Move {
    int base;  // the variable that makes it one
    int variable;
  };
  std::vector<Move> moves;

  [[nodiscard]] std::size_t at(int layer, int expert, int device) const {
    return (static_cast<std::size_t>(layer) * static_cast<std::size_t>(prepared.experts) +
            static_cast<std::size_t>(expert)) *
               static_cast<std::size_t>(prepared.devices) +
           static_cast<std::size_t>(device);
  }
  [[nodiscard]] std::size_t at(int microstep, int layer, int expert, int device) const {
    return at(flat(microstep, layer), expert, device);
  }
  // (micro-step, layer) as one number.
  [[nodiscard]] int flat(int microstep, int layer) const { return microstep * prepared.layers + layer; }
  [[nodiscard]] int columns(int device) const { return prepared.columns.slots[static_cast<std::size_t>(device)]; }
  [[nodiscard]] int base_slots(int device) const { return prepared.base_slots[static_cast<std::size_t>(device)]; }
  [[nodiscard]] bool alive(int device) const { return prepared.columns.alive[static_cast<std::size_t>(device)]; }
  // All replicas of a layer's base on a device.
  [[nodiscard]] Sum base_on(int layer, int device) const {
    Sum sum;
    for (int expert = 0; expert < prepared.experts; ++expert) sum.add(base[at(layer, expert, device)], 1.0);
    return sum;
  }
  [[nodiscard]] Sum transient_on(int microstep, int layer, int device) const {
    Sum sum;
    for (int expert = 0; expert < prepared.experts; ++expert) {
      sum.add(transient[at(microstep, layer, expert, device)], 1.0);
    }
    return sum;
  }
  [[nodiscard]] Sum start_of(int window) const { return Sum().add(start[static_cast<std::size_t>(window)], 1.0); }
  // Start and duration of a window.
  [[nodiscard]] Sum end_of(int window) const {
    const Window& which = prepared.windows[static_cast<std::size_t>(window)];
    const double ratio = which.pass == Pass::forward ? 1.0 : prepared.instance.backward_ratio;
    Sum sum = start_of(window);
    sum.add(time[static_cast<std::size_t>(flat(which.microstep, which.layer))], ratio);
    return sum.constant(ratio * prepared.instance.experts.cost.other_seconds / unit);
  }
};

// "y_0_3_2": unique and safe in every format.
std::string label(const char* kind, std::initializer_list<int> indices);

// Slots, memory, groups and moves of what stands.
void add_placement_rows(Frame& frame);
// Windows one after the other.
void add_window_rows(Frame& frame);

}  // namespace plimsoll::experts::step
