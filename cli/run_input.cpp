#include "cli/run_input.hpp"

#include <utility>

#include "cli/errors.hpp"
#include "planner/common/plan_file.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/json.hpp"
#include "planner/experts/step/windows.hpp"

namespace plimsoll::cli {
namespace {

namespace step = experts::step;

std::vector<double> row_of(const Matrix<double>& table, int row) {
  const auto values = table.row(static_cast<std::size_t>(row));
  return {values.begin(), values.end()};
}

std::optional<std::string> first_of(const std::vector<std::string>& violations) {
  if (violations.empty()) return std::nullopt;
  return violations.front();
}

RunInput read_static(const OpenedInstance& opened, const OpenedPlan& file, const executor::RunPart& part) {
  const ExpertInstance instance = experts::read_instance(opened.document);
  const ExpertPlan plan = experts::read_plan(file.document.json, instance);
  const experts::Evaluation evaluation = experts::evaluate(instance, plan);
  RunInput input{{}, instance.cluster, first_of(evaluation.violations)};
  if (input.violation) return input;
  executor::Prediction prediction;
  double start = 0;
  for (int layer = 0; layer < instance.model.layers; ++layer) {
    const double seconds = evaluation.layer_seconds[static_cast<std::size_t>(layer)];
    prediction.windows.push_back({0, layer, true});
    prediction.window_start.push_back(start);
    prediction.window_seconds.push_back(seconds);
    prediction.waited.push_back(0);
    prediction.device_seconds.push_back(row_of(evaluation.device_seconds, layer));
    start += seconds;
  }
  input.plan = executor::run_plan(instance, plan, std::move(prediction), part);
  return input;
}

RunInput read_step(const OpenedInstance& opened, const OpenedPlan& file, const executor::RunPart& part) {
  const StepInstance instance = step::read_instance(opened.document);
  const StepPlan plan = step::read_plan(file.document.json, instance);
  const step::Evaluation evaluation = step::evaluate(instance, plan);
  RunInput input{{}, instance.experts.cluster, first_of(evaluation.violations)};
  if (input.violation) return input;
  executor::Prediction prediction;
  for (const step::Window& window : step::windows_of(instance)) {
    prediction.windows.push_back({window.microstep, window.layer, window.pass == Pass::forward});
    prediction.device_seconds.push_back(
        row_of(evaluation.device_seconds[static_cast<std::size_t>(window.microstep)], window.layer));
  }
  prediction.window_start = evaluation.window_start;
  prediction.window_seconds = evaluation.window_seconds;
  prediction.waited = evaluation.waited;
  input.plan = executor::run_plan(instance, plan, std::move(prediction), part);
  return input;
}

}  // namespace

executor::ModelShape open_shape(const std::string& name) {
  if (name.find_first_of("/") == std::string::npos && !name.ends_with(".json") && name != "-") {
    return executor::named_shape(name);
  }
  return about_file(name, [&] { return executor::read_shape(common::read_document(name).json); });
}

std::string known_shapes() {
  std::string list;
  for (const std::string& name : executor::shape_names()) list += name + ", ";
  return list + "or a JSON file";
}

RunInput read_run_input(const OpenedInstance& opened, const OpenedPlan& plan, const executor::RunPart& part) {
  if (opened.kind->name != "experts") {
    throw Error(ErrorCode::usage, "only plans of experts can be run, not of " + std::string(opened.kind->name));
  }
  return step::is_step(opened.document) ? read_step(opened, plan, part) : read_static(opened, plan, part);
}

}  // namespace plimsoll::cli
