// `experts` as the registry and the verbs see it.
#include "planner/experts/problem.hpp"

#include "planner/common/plan_file.hpp"
#include "planner/common/summary.hpp"
#include "planner/experts/convert/convert.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/explain.hpp"
#include "planner/experts/formulation/program.hpp"
#include "planner/experts/generate.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/report.hpp"
#include "planner/experts/solve.hpp"
#include "planner/experts/step/json.hpp"
#include "planner/experts/step/problem.hpp"

namespace plimsoll::experts {
namespace {

using common::shown;

void check_metrics(const support::Json& plan_file, const ExpertMetrics& metrics, std::vector<std::string>& found) {
  const ClaimedMetrics claimed = read_metrics(plan_file);
  const auto compare = [&](std::string_view key, const std::optional<double>& claim, double expected) {
    common::compare_metric(key, claim, expected, found);
  };
  compare("imbalance", claimed.imbalance, metrics.imbalance);
  compare("worst_imbalance", claimed.worst_imbalance, metrics.worst_imbalance);
  compare("moves", claimed.moves, static_cast<double>(metrics.moves));
  compare("moved_bytes", claimed.moved_bytes, metrics.moved_bytes);
}

common::MethodList method_list() {
  common::MethodList list{"experts", {}};
  for (const Method& method : methods()) list.methods.push_back({method.name, method.supports, method.help});
  return list;
}

class Loaded : public common::LoadedInstance {
 public:
  explicit Loaded(const common::Document& document) : instance_(read_instance(document)) {}

  [[nodiscard]] const std::string& name() const override { return instance_.name; }
  [[nodiscard]] common::MethodList methods() const override { return method_list(); }

  [[nodiscard]] common::SolvedPlan solve(const SolveOptions& options,
                                         support::Meter::Clock::time_point start) const override {
    const ExpertSolution solution = experts::solve(instance_, options, start);
    common::SolvedPlan solved = write_solution(solution);
    const Certificate& certificate = solution.certificate;
    if (!certificate.objective) return solved;
    common::add_certificate_lines(certificate, "seconds", solved);
    solved.summary.emplace_back("imbalance", shown("%.4f mean", solution.metrics.imbalance) +
                                                 shown(", %.4f worst layer", solution.metrics.worst_imbalance));
    if (instance_.placement) {
      const bool weighed = instance_.model.expert_bytes > 0;
      solved.summary.emplace_back("moves",
                                  std::to_string(solution.metrics.moves) +
                                      (weighed ? shown(" (%.4g GB)", solution.metrics.moved_bytes / 1e9) : ""));
    }
    const Evaluation evaluation = evaluate(instance_, solution.plan);
    for (std::size_t device = 0; device < evaluation.device_seconds.columns(); ++device) {
      double seconds = 0;
      for (std::size_t layer = 0; layer < evaluation.device_seconds.rows(); ++layer) {
        seconds += evaluation.device_seconds.at(layer, device);
      }
      solved.bars.push_back({"device " + std::to_string(device), seconds});
    }
    solved.bar_unit = "seconds busy, all layers";
    return solved;
  }

  [[nodiscard]] std::vector<std::string> check(const support::Json& plan_file,
                                               const Certificate& certificate) const override {
    const ExpertPlan plan = read_plan(plan_file, instance_);
    std::vector<std::string> found = plimsoll::check(instance_, plan, &certificate);
    if (found.empty()) check_metrics(plan_file, evaluate(instance_, plan).metrics, found);
    return found;
  }

  [[nodiscard]] std::string explain(const support::Json& plan_file) const override {
    return experts::explain(instance_, read_plan(plan_file, instance_));
  }

  [[nodiscard]] common::PlanReport report(const support::Json& plan_file,
                                          const Certificate& certificate) const override {
    return experts::report(instance_, read_plan(plan_file, instance_), certificate, common::identity_in(plan_file));
  }

  [[nodiscard]] std::unique_ptr<common::IntegerProgram> integer_program(std::optional<double> cutoff) const override {
    return make_program(instance_, cutoff);
  }

 private:
  ExpertInstance instance_;
};

}  // namespace

common::ProblemKind problem_kind() {
  return {"experts",
          "replicas of MoE experts on the slots of devices, and the share of tokens that each serves",
          [] {
            return std::vector<common::MethodList>{method_list(), step::method_list()};
          },
          [](const common::Document& document) -> std::unique_ptr<common::LoadedInstance> {
            if (step::is_step(document)) return step::load(document);
            return std::make_unique<Loaded>(document);
          },
          generate_options,
          generate,
          conversions};
}

}  // namespace plimsoll::experts

namespace plimsoll {

ExpertInstance read_experts(const std::string& path) { return experts::read_instance(common::read_document(path)); }

}  // namespace plimsoll
