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

std::string solve_opened(const OpenedInstance& opened, const SolveOptions& options,
                         support::Meter::Clock::time_point start) {
  const common::SolvedPlan solved = opened.instance->solve(options, start);
  return common::write_plan(opened.kind->name, opened.instance->name(), opened.sha256, solved, options.threads);
}

bool has_plan(const Certificate& certificate) {
  return certificate.status != Status::infeasible && certificate.status != Status::unknown;
}

std::vector<std::string> check_opened(const OpenedInstance& opened, std::string_view plan) {
  const support::Json json = support::parse(plan);
  const Certificate certificate = common::read_envelope(json, opened.kind->name, opened.sha256);
  if (!has_plan(certificate)) {
    return {"no plan to check: the certificate says " + std::string(common::name_of(certificate.status))};
  }
  return opened.instance->check(json, certificate);
}

InstanceDocument::Instance read_typed(const common::Document& document) {
  if (kind_of(document.json).name == "assignment") return assignment::read_instance(document);
  if (experts::step::is_step(document)) return experts::step::read_instance(document);
  return experts::read_instance(document);
}

std::vector<std::pair<std::string, double>> numbers_of(const support::Json* metrics) {
  std::vector<std::pair<std::string, double>> numbers;
  if (metrics == nullptr || metrics->object() == nullptr) return numbers;
  for (const auto& [name, value] : *metrics->object()) {
    if (const auto* whole = std::get_if<std::int64_t>(&value.value())) {
      numbers.emplace_back(name, static_cast<double>(*whole));
    } else if (const auto* number = std::get_if<double>(&value.value())) {
      numbers.emplace_back(name, *number);
    }
  }
  return numbers;
}

}  // namespace

std::string solve_document(std::string_view instance, const SolveOptions& options, const std::string& folder) {
  const auto start = support::Meter::Clock::now();
  return solve_opened(open_instance(document_of(instance, folder)), options, start);
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
  return check_opened(open_instance(document_of(instance, folder)), plan);
}

struct InstanceDocument::Parts {
  Instance typed;
  OpenedInstance opened;
};

InstanceDocument::InstanceDocument(std::string_view text, const std::string& folder) {
  common::Document document = document_of(text, folder);
  Instance typed = read_typed(document);
  parts_ = std::make_unique<const Parts>(Parts{std::move(typed), open_instance(std::move(document))});
}

InstanceDocument::InstanceDocument(InstanceDocument&&) noexcept = default;
InstanceDocument& InstanceDocument::operator=(InstanceDocument&&) noexcept = default;
InstanceDocument::~InstanceDocument() = default;

const std::string& InstanceDocument::text() const { return parts_->opened.document.text; }
const InstanceDocument::Instance& InstanceDocument::instance() const { return parts_->typed; }

std::string InstanceDocument::solve(const SolveOptions& options) const {
  return solve_opened(parts_->opened, options, support::Meter::Clock::now());
}

std::vector<std::string> InstanceDocument::check(std::string_view plan) const {
  return check_opened(parts_->opened, plan);
}

PlanDocument InstanceDocument::read_plan(std::string_view plan) const {
  const support::Json json = support::parse(plan);
  PlanDocument read;
  read.certificate = common::read_envelope(json, parts_->opened.kind->name, parts_->opened.sha256);
  if (!has_plan(read.certificate)) return read;
  if (const auto* experts = std::get_if<ExpertInstance>(&parts_->typed)) {
    read.plan = experts::read_plan(json, *experts);
  } else if (const auto* step = std::get_if<StepInstance>(&parts_->typed)) {
    read.plan = experts::step::read_plan(json, *step);
  } else {
    read.plan = assignment::read_plan(json, std::get<AssignmentInstance>(parts_->typed));
  }
  read.metrics = numbers_of(json.find("metrics"));
  return read;
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
