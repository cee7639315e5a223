// The integer program of a step: for each micro-step and layer the rows of the static program (even parts, weighted
// shares, tables), tied to what stands in base and in transient slots; windows one after the other; transfers on links.
//
// A relaxation in two points: links are shared preemptively between events, and a chain of copies takes no longer than
// its longest member. Its optimum is a bound, and where a schedule of its point is worth as much, that plan is optimal.
// docs/methods-steps.md, has the formulas.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "planner/experts/formulation/layer_rows.hpp"
#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/exact/layer_options.hpp"
#include "planner/experts/step/formulation/frame.hpp"
#include "planner/experts/step/formulation/transfer_rows.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::experts::step {

// What is known of an instance already.
struct Scope {
  Matrix<double> lower;                  // [microsteps][layers] no plan has a smaller largest device time there
  double bound = 0;                      // no plan is worth less
  double best = solvers::mip::infinity;  // plans that are worth more need not be in the program
};

class Formulation {
 public:
  // [layers]; empty: replicas and tokens are variables.
  using Options = std::vector<std::vector<BaseOption>>;

  // Throws Error(unsupported) for an instance with a feature that the program does not say, by its name.
  Formulation(const Prepared& prepared, Scope scope, Options options = {});
  Formulation(const Formulation&) = delete;
  Formulation& operator=(const Formulation&) = delete;

  [[nodiscard]] const solvers::mip::Model& model() const { return model_; }
  // Seconds of one unit of the program's objective: backends compare with absolute tolerances, and steps are short.
  [[nodiscard]] double unit() const { return frame_.unit; }

  // What stands when, and shares; without transfers. Any point gives some answer.
  [[nodiscard]] StepPlan decode(std::span<const double> point) const;
  // Nothing where the plan is not in the program. `evaluation` is the plan's.
  [[nodiscard]] std::optional<std::vector<double>> encode(const StepPlan& plan, const Evaluation& evaluation) const;

 private:
  void refuse() const;
  void choose_unit();
  void build();
  void add_layer(int microstep, int layer);
  void add_transient(int microstep, int layer);
  void tie(int microstep, int layer);
  void add_options(int layer, const std::vector<BaseOption>& options);
  void decode_base(std::span<const double> point, StepPlan& plan) const;
  void decode_transient(std::span<const double> point, StepPlan& plan) const;
  void decode_shares(std::span<const double> point, int microstep, int layer, StepPlan& plan) const;
  [[nodiscard]] LayerPlan layer_of(int microstep, int layer, const StepPlan& plan) const;
  [[nodiscard]] int most(int device) const;

  const Prepared& prepared_;
  Scope scope_;
  Options options_;
  ExpertInstance flat_instance_;  // a layer for each (micro-step, layer)
  experts::Prepared flat_;
  solvers::mip::Model model_;
  Frame frame_;
  std::vector<std::unique_ptr<LayerRows>> rows_;  // [microsteps * layers]
  std::unique_ptr<TransferRows> transfers_;
};

}  // namespace plimsoll::experts::step
