#include "planner/compare/comparison.hpp"

#include <array>
#include <utility>

namespace plimsoll::compare {
namespace {

constexpr std::array<std::pair<RunStatus, std::string_view>, 6> names = {{{RunStatus::optimal, "optimal"},
                                                                          {RunStatus::feasible, "feasible"},
                                                                          {RunStatus::infeasible, "infeasible"},
                                                                          {RunStatus::unknown, "unknown"},
                                                                          {RunStatus::refused, "refused"},
                                                                          {RunStatus::failed, "failed"}}};

}  // namespace

std::string_view name_of(RunStatus status) {
  for (const auto& [value, name] : names) {
    if (value == status) return name;
  }
  return "";
}

std::optional<RunStatus> status_named(std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

bool has_plan(const Run& run) {
  return run.verified && run.objective && (run.status == RunStatus::optimal || run.status == RunStatus::feasible);
}

bool is_proven(const Run& run) {
  return (run.status == RunStatus::optimal && run.verified) || run.status == RunStatus::infeasible;
}

bool took_part(const Run& run) { return run.status != RunStatus::refused; }

}  // namespace plimsoll::compare
