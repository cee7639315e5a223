#include "planner/compare/rolling/rolling.hpp"

#include <algorithm>

#include "support/quantity.hpp"

namespace plimsoll::compare {
namespace {

using support::factor_text;
using support::share_text;

struct Named {
  const RollingEntry* entry = nullptr;
  RollingSummary summary;
};

// Of one instance: who is best, and what the others pay for it.
std::string finding_of(const RollingInstance& instance, bool alone) {
  std::vector<Named> list;
  for (const RollingEntry& entry : instance.entries) {
    if (const auto summary = summarise(instance, entry)) list.push_back({&entry, *summary});
  }
  const std::string where = alone ? "" : instance.name + ": ";
  if (list.empty()) return where + "no method could plan.";
  const Named& best = *std::min_element(list.begin(), list.end(), [](const Named& a, const Named& b) {
    return a.summary.imbalance < b.summary.imbalance;
  });
  std::string text = where + name_of(*best.entry) + " has the least imbalance, " + factor_text(best.summary.imbalance) +
                     " on average, with " + support::amount_text(best.summary.moves) +
                     " moves a planning (no placement can be below " + factor_text(best.summary.least) + ")";
  for (const Named& other : list) {
    if (other.entry == best.entry || other.entry->method != "eplb") continue;
    text += "; " + name_of(*other.entry) + " " + factor_text(other.summary.imbalance) + " with " +
            support::amount_text(other.summary.moves);
    if (other.summary.moves > 0) {
      text += ", so that " + name_of(*best.entry) + " takes " + share_text(best.summary.moves / other.summary.moves) +
              " of its moves";
    }
  }
  return text + ".";
}

}  // namespace

std::string name_of(const RollingEntry& entry) {
  if (!entry.max_moves) return entry.method;
  if (!entry.run.keeps_limit) return entry.method + ", takes no limit";
  return entry.method + ", at most " + support::count_text(static_cast<double>(*entry.max_moves), "move");
}

std::optional<RollingSummary> summarise(const RollingInstance& instance, const RollingEntry& entry) {
  const auto& plans = entry.run.plans;
  if (plans.empty()) return std::nullopt;
  RollingSummary summary;
  summary.imbalance = summary.planned = summary.least = summary.worst = 0;
  double counted = 0;
  for (const common::RollingPlan& plan : plans) {
    summary.imbalance += plan.imbalance;
    summary.planned += plan.planned_imbalance;
    summary.least += instance.least[static_cast<std::size_t>(plan.microstep)];
    summary.worst = std::max(summary.worst, plan.worst_imbalance);
    summary.all_moves += plan.moves;
    summary.moved_bytes += plan.moved_bytes;
    summary.work += plan.work;
    counted += plan.first ? 0 : 1;
  }
  const auto count = static_cast<double>(plans.size());
  summary.imbalance /= count;
  summary.planned /= count;
  summary.least /= count;
  summary.moves = counted > 0 ? static_cast<double>(summary.all_moves) / counted : 0;
  return summary;
}

std::vector<std::string> faults(const RollingComparison& comparison) {
  std::vector<std::string> list;
  for (const RollingInstance& instance : comparison.instances) {
    for (const RollingEntry& entry : instance.entries) {
      for (const common::RollingPlan& plan : entry.run.plans) {
        if (plan.violations.empty()) continue;
        list.push_back(name_of(entry) + " on " + instance.name + ", micro-step " + std::to_string(plan.microstep) +
                       ": the checker refuses the plan: " + plan.violations.front());
      }
    }
  }
  return list;
}

std::vector<std::string> findings(const RollingComparison& comparison) {
  std::vector<std::string> list;
  for (const RollingInstance& instance : comparison.instances) {
    list.push_back(finding_of(instance, comparison.instances.size() == 1));
  }
  for (const RollingInstance& instance : comparison.instances) {
    for (const RollingEntry& entry : instance.entries) {
      if (!entry.run.refused.empty()) {
        list.push_back(name_of(entry) + " refused" + (comparison.instances.size() > 1 ? " " + instance.name : "") +
                       ": " + entry.run.refused);
      }
    }
  }
  return list;
}

}  // namespace plimsoll::compare
