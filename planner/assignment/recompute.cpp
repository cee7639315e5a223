// What `check` believes of a bound: nothing but what it computes anew, from the proof's numbers where they are enough,
// by the same search where a search was the proof.
#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/assignment/bounds/target.hpp"
#include "planner/assignment/exact/cost_branch.hpp"
#include "planner/assignment/exact/makespan_branch.hpp"
#include "planner/assignment/exact/packing.hpp"
#include "planner/assignment/identical.hpp"
#include "planner/assignment/solve.hpp"

namespace plimsoll::assignment {
namespace {

// A search may spend twice what the whole solve did.
std::uint64_t work_for(const Certificate& certificate) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max() / 4;
  return 2 * std::min(certificate.work, most) + 1'000'000;
}

double makespan_again(const Prepared& prepared, const Certificate& certificate, const Proof& proof, double claimed) {
  const Times times(prepared);
  double bound = prepared.round_up(target_bound(times, proof));
  if (bound < claimed && can_pack(prepared)) {
    bound = std::max(bound, packing_bound_again(prepared, proof, claimed, work_for(certificate)));
  }
  if (bound < claimed && certificate.bound_method == name_of(BoundKind::branch)) {
    const support::Meter meter(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr);
    if (refute_again(prepared, proof.refuted, work_for(certificate), meter)) {
      bound = prepared.step > 0 ? times.next(proof.refuted) : proof.refuted;
    }
  }
  return bound;
}

double cost_again(const Prepared& prepared, const AssignmentPlan& plan, const Certificate& certificate,
                  const Proof& proof, double claimed) {
  double bound = -std::numeric_limits<double>::infinity();
  if (!proof.item_price.empty()) bound = prepared.round_up(evaluate_lagrangian(prepared, proof));
  if (bound < claimed && certificate.bound_method == name_of(BoundKind::branch)) {
    bound = std::max(bound, branch_again(prepared, plan, proof, claimed, work_for(certificate)));
  }
  return bound;
}

}  // namespace

double recompute_bound(const AssignmentInstance& instance, const AssignmentPlan& plan, const Certificate& certificate,
                       const Proof& proof) {
  const Prepared prepared(instance);
  if (!prepared.impossible.empty()) return std::numeric_limits<double>::infinity();
  const double quick = prepared.round_up(quick_bound(prepared).value);
  const double claimed = certificate.bound.value_or(quick);
  if (quick >= claimed - 1e-9 * std::max(1.0, std::abs(claimed))) return quick;
  return std::max(quick, prepared.makespan ? makespan_again(prepared, certificate, proof, claimed)
                                           : cost_again(prepared, plan, certificate, proof, claimed));
}

}  // namespace plimsoll::assignment
