// The window between a method and the rest: the method offers plans and raises the bound, and asks whether to go on.
// Every offered plan is judged by the problem's own evaluation before it counts.
#pragma once

#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "plimsoll/certificate.hpp"
#include "plimsoll/options.hpp"
#include "support/meter.hpp"

namespace plimsoll::common {

struct Verdict {
  double objective = 0;
  std::string violation;  // the first one found; empty where the plan is feasible
};

template <class Plan>
class Context {
 public:
  using Evaluate = std::function<Verdict(const Plan&)>;

  Context(Evaluate evaluate, const SolveOptions& options, support::Meter& meter)
      : evaluate_(std::move(evaluate)), options_(options), meter_(meter) {}

  // True where the plan is feasible and better than all before. Called on the solving thread only.
  bool offer(Plan plan) {
    const Verdict verdict = evaluate_(plan);
    last_violation_ = verdict.violation;
    if (!verdict.violation.empty()) return false;
    if (objective_ && verdict.objective >= *objective_) return false;
    objective_ = verdict.objective;
    best_ = std::move(plan);
    report();
    return true;
  }

  // Keeps the largest; evidence as in the certificate.
  void raise_bound(double value, const std::string& method, BoundEvidence evidence = BoundEvidence::recomputed) {
    if (bound_ && value <= *bound_) return;
    bound_ = value;
    bound_method_ = method;
    bound_evidence_ = evidence;
    report();
  }

  // No plan exists: a search or a backend has proven it on the whole problem, in words. Counts only while there is no
  // plan.
  void exclude(std::string reason, const std::string& method, BoundEvidence evidence) {
    excluded_ = std::move(reason);
    bound_method_ = method;
    bound_evidence_ = evidence;
  }

  // The gap asked for is reached, or the plan is optimal within the certificate's tolerance.
  [[nodiscard]] bool closed() const {
    if (!objective_ || !bound_) return false;
    const double open = *objective_ - *bound_;
    return open <= 1e-9 * std::max(1.0, std::abs(*objective_)) ||
           open <= options_.gap * std::max(std::abs(*objective_), 1e-12);
  }
  [[nodiscard]] bool should_stop() const { return closed() || !excluded_.empty() || meter_.exhausted(); }

  // Called between rounds, so that whoever watches sees the seconds go on.
  void report() const {
    if (options_.progress) options_.progress({meter_.seconds(), objective_, bound_, meter_.work()});
  }

  [[nodiscard]] const SolveOptions& options() const { return options_; }
  [[nodiscard]] support::Meter& meter() { return meter_; }
  [[nodiscard]] const support::Meter& meter() const { return meter_; }
  [[nodiscard]] const std::optional<Plan>& best() const { return best_; }
  [[nodiscard]] std::optional<double> objective() const { return objective_; }
  [[nodiscard]] std::optional<double> bound() const { return bound_; }
  [[nodiscard]] const std::string& bound_method() const { return bound_method_; }
  [[nodiscard]] BoundEvidence bound_evidence() const { return bound_evidence_; }
  // Why the last offer was refused; empty where it was feasible.
  [[nodiscard]] const std::string& last_violation() const { return last_violation_; }
  // Why there is no plan; empty where nobody proved it.
  [[nodiscard]] const std::string& excluded() const { return excluded_; }

 private:
  Evaluate evaluate_;
  const SolveOptions& options_;
  support::Meter& meter_;
  std::optional<Plan> best_;
  std::optional<double> objective_;
  std::optional<double> bound_;
  std::string bound_method_;
  BoundEvidence bound_evidence_ = BoundEvidence::recomputed;
  std::string last_violation_;
  std::string excluded_;
};

}  // namespace plimsoll::common
