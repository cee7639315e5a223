// `assignment` as the registry and the verbs see it.
#include "planner/assignment/problem.hpp"

#include "planner/assignment/convert/text.hpp"
#include "planner/assignment/evaluate.hpp"
#include "planner/assignment/explain.hpp"
#include "planner/assignment/formulation.hpp"
#include "planner/assignment/generate.hpp"
#include "planner/assignment/json.hpp"
#include "planner/assignment/method.hpp"
#include "planner/assignment/solve.hpp"
#include "planner/common/plan_file.hpp"
#include "planner/common/summary.hpp"

namespace plimsoll::assignment {
namespace {

AssignmentInstance read(const common::Document& document) {
  return document.format == "json" ? read_instance(document) : read_text(document);
}

void check_metrics(const support::Json& plan_file, const AssignmentMetrics& metrics, std::vector<std::string>& found) {
  const ClaimedMetrics claimed = read_metrics(plan_file);
  common::compare_metric("cost", claimed.cost, metrics.cost, found);
  common::compare_metric("makespan", claimed.makespan, metrics.makespan, found);
  common::compare_metric("mean_load", claimed.mean_load, metrics.mean_load, found);
  common::compare_metric("fullest", claimed.fullest, metrics.fullest, found);
  common::compare_metric("changes", claimed.changes, static_cast<double>(metrics.changes), found);
}

common::MethodList method_list() {
  common::MethodList list{"assignment", {}};
  for (const Method& method : methods()) list.methods.push_back({method.name, method.supports, method.help});
  return list;
}

class Loaded : public common::LoadedInstance {
 public:
  explicit Loaded(const common::Document& document) : instance_(read(document)) {}

  [[nodiscard]] const std::string& name() const override { return instance_.name; }
  [[nodiscard]] common::MethodList methods() const override { return method_list(); }

  [[nodiscard]] common::SolvedPlan solve(const SolveOptions& options,
                                         support::Meter::Clock::time_point start) const override {
    const AssignmentSolution solution = assignment::solve(instance_, options, start);
    common::SolvedPlan solved = write_solution(solution, instance_);
    if (!solution.certificate.objective) return solved;
    summarise(solution, solved);
    return solved;
  }

  [[nodiscard]] std::vector<std::string> check(const support::Json& plan_file,
                                               const Certificate& certificate) const override {
    const AssignmentPlan plan = read_plan(plan_file, instance_);
    const Proof proof = read_proof(plan_file, Prepared(instance_));
    std::vector<std::string> found = plimsoll::check(instance_, plan, &certificate, proof);
    if (found.empty()) check_metrics(plan_file, evaluate(instance_, plan).metrics, found);
    return found;
  }

  [[nodiscard]] std::string explain(const support::Json& plan_file) const override {
    return assignment::explain(instance_, read_plan(plan_file, instance_));
  }

  [[nodiscard]] std::unique_ptr<common::IntegerProgram> integer_program(std::optional<double> cutoff) const override {
    return make_program(instance_, cutoff);
  }

 private:
  void summarise(const AssignmentSolution& solution, common::SolvedPlan& solved) const {
    common::add_certificate_lines(solution.certificate, "", solved);
    const AssignmentMetrics& metrics = solution.metrics;
    if (metrics.fullest > 0)
      solved.summary.emplace_back("fullest bin", common::shown("%.2f %%", 100 * metrics.fullest));
    if (!instance_.current.empty()) solved.summary.emplace_back("changes", std::to_string(metrics.changes));
    const Evaluation evaluation = evaluate(instance_, solution.plan);
    for (std::size_t bin = 0; bin < evaluation.load.size(); ++bin) {
      solved.bars.push_back({"bin " + std::to_string(bin), evaluation.load[bin]});
    }
    solved.bar_unit = instance_.objective == AssignmentObjective::makespan ? "time" : "load";
  }

  AssignmentInstance instance_;
};

}  // namespace

common::ProblemKind problem_kind() {
  common::ProblemKind kind;
  kind.name = "assignment";
  kind.summary = "items into bins, at least cost under capacities or with the least makespan";
  kind.methods = [] { return std::vector<common::MethodList>{method_list()}; };
  kind.load = [](const common::Document& document) -> std::unique_ptr<common::LoadedInstance> {
    return std::make_unique<Loaded>(document);
  };
  kind.generate_options = generate_options;
  kind.generate = generate;
  kind.text_formats = text_formats;
  return kind;
}

}  // namespace plimsoll::assignment

namespace plimsoll {

AssignmentInstance read_assignment(const std::string& path, const std::string& format) {
  return format == "json" ? assignment::read_instance(common::read_document(path))
                          : assignment::read_text(common::read_text_document(path, format));
}

}  // namespace plimsoll
