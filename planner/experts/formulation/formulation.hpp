// The integer program of `experts`: rows for each layer (layer_rows.hpp), and what couples them: groups on nodes,
// memory, moves. Exact for the whole static problem; docs/methods.md, "The integer program", has the formulas.
//
// The objective is in seconds. Times inside are counted in a unit, a power of two of seconds, in which they lie around
// a hundred; the variable T_<layer> counts the largest device time of its layer in it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "planner/experts/formulation/layer_rows.hpp"
#include "planner/experts/formulation/symmetry.hpp"
#include "plimsoll/experts.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::experts {

// Which part of an instance, and what is known about it already.
struct Scope {
  std::vector<int> layers;
  // [instance layers] largest device seconds: no plan's layer ends earlier (0: nothing known), and plans in which a
  // layer ends later need not be in the model (infinite: all plans are).
  std::vector<double> lower;
  std::vector<double> upper;
  // [instance layers] seconds and the price of moves together: no plan's layer is worth less. Empty: nothing known.
  std::vector<double> value;
  bool other_seconds = false;  // count them in the objective

  // All layers, all plans, the whole objective.
  static Scope whole(const Prepared& prepared);
};

class Formulation {
 public:
  // Throws Error(unsupported): too many variables, numbers too far apart for a backend.
  Formulation(const Prepared& prepared, Scope scope);
  Formulation(const Formulation&) = delete;
  Formulation& operator=(const Formulation&) = delete;

  [[nodiscard]] const solvers::mip::Model& model() const { return model_; }
  [[nodiscard]] const std::vector<int>& layers() const { return scope_.layers; }

  // The layers of a plan as a point of the model, alike devices exchanged where the order of the model asks for it.
  // Nothing where the plan is not in the model. Replicas that serve nothing may be left out, so that the point can be
  // better than the plan.
  [[nodiscard]] std::optional<std::vector<double>> encode(std::vector<LayerPlan> plans) const;
  [[nodiscard]] std::optional<std::vector<double>> encode(const ExpertPlan& plan) const;
  // The layers in the order of the scope. Any point gives some answer; whether it is a plan is for the evaluation to
  // say.
  [[nodiscard]] std::vector<LayerPlan> decode_layers(std::span<const double> point) const;
  // Where the scope has all layers.
  [[nodiscard]] ExpertPlan decode(std::span<const double> point) const;

 private:
  void choose_unit();
  void refuse_size() const;
  void build();
  void add_layer(int layer);
  void add_groups(std::size_t rank);
  void add_moves();
  void add_memory();
  [[nodiscard]] int home(std::size_t rank, int group, int node) const;

  // A binary for "stands there and did not before".
  struct Arrival {
    std::size_t rank;
    int expert;
    int device;
    int variable;
  };

  const Prepared& prepared_;
  Scope scope_;
  double unit_ = 1;
  solvers::mip::Model model_;
  std::vector<int> capacity_;  // [devices]
  // By rank in the scope:
  std::vector<std::unique_ptr<LayerRows>> rows_;
  std::vector<int> time_;
  std::vector<std::vector<int>> home_;  // [groups * nodes], empty where groups are free
  std::vector<Symmetry> symmetry_;
  std::vector<Arrival> arrivals_;
  int constant_ = -1;
};

}  // namespace plimsoll::experts
