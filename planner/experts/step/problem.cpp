#include "planner/experts/step/problem.hpp"

#include "planner/common/plan_file.hpp"
#include "planner/common/summary.hpp"
#include "planner/experts/rolling/rolling.hpp"
#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/explain.hpp"
#include "planner/experts/step/json.hpp"
#include "planner/experts/step/method.hpp"
#include "planner/experts/step/report/report.hpp"
#include "planner/experts/step/solve.hpp"
#include "planner/experts/step/stream_lines.hpp"

namespace plimsoll::experts::step {
namespace {

using common::shown;

class Loaded : public common::LoadedInstance {
 public:
  explicit Loaded(const common::Document& document) : instance_(read_instance(document)) {}

  [[nodiscard]] const std::string& name() const override { return instance_.experts.name; }
  [[nodiscard]] common::MethodList methods() const override { return method_list(); }

  [[nodiscard]] common::SolvedPlan solve(const SolveOptions& options,
                                         support::Meter::Clock::time_point start) const override {
    const StepSolution solution = step::solve(instance_, options, start);
    common::SolvedPlan solved = write_solution(solution, instance_);
    if (!solution.certificate.objective) return solved;
    common::add_certificate_lines(solution.certificate, "seconds", solved);
    summarise(solution.metrics, solved);
    const std::vector<double> busy = busy_seconds(instance_, evaluate(instance_, solution.plan));
    for (std::size_t device = 0; device < busy.size(); ++device) {
      solved.bars.push_back({"device " + std::to_string(device), busy[device]});
    }
    solved.bar_unit = "seconds busy, all windows";
    return solved;
  }

  [[nodiscard]] std::vector<std::string> check(const support::Json& plan_file,
                                               const Certificate& certificate) const override {
    const StepPlan plan = read_plan(plan_file, instance_);
    std::vector<std::string> found = plimsoll::check(instance_, plan, &certificate);
    if (!found.empty()) return found;
    for (const ClaimedMetric& metric : read_metrics(plan_file, evaluate(instance_, plan).metrics)) {
      common::compare_metric(metric.key, metric.claimed, metric.computed, found);
    }
    return found;
  }

  [[nodiscard]] std::string explain(const support::Json& plan_file) const override {
    return step::explain(instance_, read_plan(plan_file, instance_));
  }

  [[nodiscard]] common::PlanReport report(const support::Json& plan_file,
                                          const Certificate& certificate) const override {
    return step::report(instance_, read_plan(plan_file, instance_), certificate, common::identity_in(plan_file));
  }

  [[nodiscard]] std::unique_ptr<common::LineStream> line_stream(
      const common::LineStreamOptions& options) const override {
    return step::line_stream(instance_, options);
  }

  [[nodiscard]] std::unique_ptr<common::RollingPlanner> rolling() const override {
    return rolling::planner_for(instance_);
  }

  [[nodiscard]] std::unique_ptr<common::IntegerProgram> integer_program(std::optional<double>) const override {
    throw Error(ErrorCode::unsupported, "an instance with micro-steps has no integer program in this version",
                "/microsteps");
  }

 private:
  void summarise(const StepMetrics& metrics, common::SolvedPlan& solved) const {
    const auto bytes = [](double count, double value) {
      return std::to_string(static_cast<std::int64_t>(count)) + (value > 0 ? shown(" (%.4g GB)", value / 1e9) : "");
    };
    solved.summary.emplace_back(
        "imbalance", shown("%.4f mean", metrics.imbalance) + shown(", %.4f worst layer", metrics.worst_imbalance));
    if (instance_.experts.placement) {
      solved.summary.emplace_back("moves", bytes(static_cast<double>(metrics.moves), metrics.moved_bytes));
    }
    if (instance_.transient_columns() > 0) {
      solved.summary.emplace_back("transfers",
                                  bytes(static_cast<double>(metrics.transfers), metrics.transferred_bytes) +
                                      shown(", %.4g seconds exposed", metrics.exposed_seconds));
    }
    if (metrics.moves > 0 && instance_.experts.move_seconds > 0) {
      solved.summary.emplace_back("step", shown("%.9g seconds", metrics.step_seconds));
    }
  }

  StepInstance instance_;
};

}  // namespace

std::unique_ptr<common::LoadedInstance> load(const common::Document& document) {
  return std::make_unique<Loaded>(document);
}

common::MethodList method_list() {
  common::MethodList list{"experts with micro-steps", {}};
  for (const Method& method : methods()) list.methods.push_back({method.name, method.supports, method.help});
  return list;
}

}  // namespace plimsoll::experts::step
