#include "planner/compare/contradictions.hpp"

#include <algorithm>

#include "planner/compare/measures.hpp"
#include "support/json_text.hpp"

namespace plimsoll::compare {
namespace {

using support::number_text;

class Search {
 public:
  explicit Search(const Comparison& comparison) : comparison_(comparison) {}

  std::vector<Fault> all() {
    for (instance_ = 0; instance_ < comparison_.instances.size(); ++instance_) {
      find_best();
      for_each_run([&](std::size_t method, std::size_t seed) { judge(method, seed); });
    }
    return std::move(found_);
  }

 private:
  template <class Action>
  void for_each_run(const Action& action) const {
    for (std::size_t method = 0; method < comparison_.methods.size(); ++method) {
      for (std::size_t seed = 0; seed < comparison_.seeds.size(); ++seed) action(method, seed);
    }
  }

  [[nodiscard]] const Run& run(std::size_t method, std::size_t seed) const {
    return comparison_.run(instance_, method, seed);
  }

  [[nodiscard]] std::string who(std::size_t method, std::size_t seed) const {
    std::string text = comparison_.methods[method];
    if (comparison_.seeds.size() > 1) text += " (seed " + std::to_string(comparison_.seeds[seed]) + ")";
    return text;
  }

  void find_best() {
    best_ = nullptr;
    for_each_run([&](std::size_t method, std::size_t seed) {
      const Run& candidate = run(method, seed);
      if (!has_plan(candidate) || (best_ != nullptr && *candidate.objective >= *best_->objective)) return;
      best_ = &candidate;
      best_owner_ = who(method, seed);
    });
  }

  void add(Fault::Kind kind, std::size_t method, std::size_t seed, const std::string& what) {
    found_.push_back(
        {kind, instance_, who(method, seed) + " on " + comparison_.instances[instance_].name + ": " + what});
  }

  void judge(std::size_t method, std::size_t seed) {
    const Run& one = run(method, seed);
    const auto contradiction = [&](const std::string& what) { add(Fault::Kind::contradiction, method, seed, what); };
    if (one.status == RunStatus::failed) return add(Fault::Kind::failed, method, seed, "failed: " + one.reason);
    if ((one.status == RunStatus::optimal || one.status == RunStatus::feasible) && !one.verified) {
      std::string why;
      for (const std::string& violation : one.violations) why += (why.empty() ? "" : "; ") + violation;
      add(Fault::Kind::refuted, method, seed,
          "the checker refuses the plan: " + (why.empty() ? "it gave no reason" : why));
    }
    if (best_ != nullptr) {
      const double objective = *best_->objective;
      if (one.status == RunStatus::infeasible) {
        contradiction("claims that no plan exists, " + best_owner_ + " has one of objective " + number_text(objective));
      } else if (one.status == RunStatus::optimal && exceeds(*one.objective, objective)) {
        contradiction("claims that " + number_text(*one.objective) + " is optimal, " + best_owner_ +
                      " has a plan of objective " + number_text(objective));
      } else if (one.bound && exceeds(*one.bound, objective)) {
        contradiction("its bound " + number_text(*one.bound) + " (" + one.bound_method + ", " + one.bound_evidence +
                      ") exceeds the objective " + number_text(objective) + " of a plan of " + best_owner_);
      }
    }
    const auto& reference = comparison_.instances[instance_].reference;
    if (reference) judge_against(*reference, one, contradiction);
  }

  template <class Complain>
  static void judge_against(const Reference& reference, const Run& one, const Complain& complain) {
    if (reference.infeasible && has_plan(one)) complain("has a plan, the reference says that none exists");
    if (reference.value) {
      const double value = *reference.value;
      if (one.status == RunStatus::infeasible) {
        complain("claims that no plan exists, the reference is one of objective " + number_text(value));
      } else if (one.bound && exceeds(*one.bound, value + reference.value_slack)) {
        complain("its bound " + number_text(*one.bound) + " exceeds the reference " + number_text(value));
      }
      if (reference.optimum && has_plan(one) && exceeds(value - reference.value_slack, *one.objective)) {
        complain("its objective " + number_text(*one.objective) + " is below " + number_text(value) +
                 ", which the reference calls optimal");
        return;
      }
    }
    if (reference.bound && has_plan(one) && exceeds(*reference.bound - reference.bound_slack, *one.objective)) {
      complain("its objective " + number_text(*one.objective) + " is below the reference's bound " +
               number_text(*reference.bound));
    }
  }

  const Comparison& comparison_;
  std::size_t instance_ = 0;
  const Run* best_ = nullptr;
  std::string best_owner_;
  std::vector<Fault> found_;
};

}  // namespace

std::vector<Fault> find_faults(const Comparison& comparison) { return Search(comparison).all(); }

}  // namespace plimsoll::compare
