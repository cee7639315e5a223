// The calls that take and give text (include/plimsoll/documents.hpp): the verbs `solve` and `check` without files.
#include "plimsoll/documents.hpp"

#include <filesystem>
#include <utility>

#include "planner/assignment/json.hpp"
#include "planner/common/plan_file.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/step/json.hpp"
#include "planner/opened_instance.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll {
namespace {

common::Document document_of(std::string_view text, const std::string& folder) {
  common::Document document;
  document.source = "-";
  document.text = text;
  document.json = support::parse(document.text);
  document.attachments.folder = folder;
  return document;
}

// `solved` gives what stands in the envelope; opening the instance tells its name and identity.
template <class Solved>
std::string write_envelope(common::Document document, int threads, const Solved& solved) {
  const OpenedInstance opened = open_instance(std::move(document));
  return common::write_plan(opened.kind->name, opened.instance->name(), opened.sha256, solved(opened.document),
                            threads);
}

}  // namespace

std::string solve_document(std::string_view instance, const SolveOptions& options, const std::string& folder) {
  const auto start = support::Meter::Clock::now();
  const OpenedInstance opened = open_instance(document_of(instance, folder));
  const common::SolvedPlan solved = opened.instance->solve(options, start);
  return common::write_plan(opened.kind->name, opened.instance->name(), opened.sha256, solved, options.threads);
}

std::string write_plan(const ExpertSolution& solution, std::string_view instance, const std::string& folder,
                       int threads) {
  return write_envelope(document_of(instance, folder), threads,
                        [&](const common::Document&) { return experts::write_solution(solution); });
}

std::string write_plan(const StepSolution& solution, std::string_view instance, const std::string& folder,
                       int threads) {
  return write_envelope(document_of(instance, folder), threads, [&](const common::Document& document) {
    return experts::step::write_solution(solution, experts::step::read_instance(document));
  });
}

std::string write_plan(const AssignmentSolution& solution, std::string_view instance, const std::string& folder,
                       int threads) {
  return write_envelope(document_of(instance, folder), threads, [&](const common::Document& document) {
    return assignment::write_solution(solution, assignment::read_instance(document));
  });
}

std::vector<std::string> check_document(std::string_view instance, std::string_view plan, const std::string& folder) {
  const OpenedInstance opened = open_instance(document_of(instance, folder));
  const support::Json json = support::parse(plan);
  const Certificate certificate = common::read_envelope(json, opened.kind->name, opened.sha256);
  if (certificate.status == Status::infeasible || certificate.status == Status::unknown) {
    return {"no plan to check: the certificate says " + std::string(common::name_of(certificate.status))};
  }
  return opened.instance->check(json, certificate);
}

std::string kind_of_document(std::string_view instance) {
  const common::Document document = document_of(instance, {});
  const std::string name(kind_of(document.json).name);
  return name == "experts" && experts::step::is_step(document) ? "step" : name;
}

ExpertInstance parse_experts(std::string_view instance, const std::string& folder) {
  return experts::read_instance(document_of(instance, folder));
}

StepInstance parse_step(std::string_view instance, const std::string& folder) {
  return experts::step::read_instance(document_of(instance, folder));
}

AssignmentInstance parse_assignment(std::string_view instance, const std::string& folder) {
  return assignment::read_instance(document_of(instance, folder));
}

std::string write_document(const ExpertInstance& instance) { return experts::write_instance(instance); }
std::string write_document(const StepInstance& instance) { return experts::step::write_instance(instance); }
std::string write_document(const AssignmentInstance& instance) { return assignment::write_instance(instance); }

}  // namespace plimsoll
