#include <limits>

#include "c/call.hpp"
#include "c/plan.hpp"
#include "c/sized.hpp"
#include "c/text.hpp"

namespace plimsoll::c {
namespace {

// The numbers of C are those of C++.
static_assert(static_cast<int>(Status::optimal) == PLIMSOLL_STATUS_OPTIMAL);
static_assert(static_cast<int>(Status::feasible) == PLIMSOLL_STATUS_FEASIBLE);
static_assert(static_cast<int>(Status::infeasible) == PLIMSOLL_STATUS_INFEASIBLE);
static_assert(static_cast<int>(Status::unknown) == PLIMSOLL_STATUS_UNKNOWN);
static_assert(static_cast<int>(StoppedBy::optimal) == PLIMSOLL_STOPPED_BY_OPTIMAL);
static_assert(static_cast<int>(StoppedBy::gap) == PLIMSOLL_STOPPED_BY_GAP);
static_assert(static_cast<int>(StoppedBy::work) == PLIMSOLL_STOPPED_BY_WORK);
static_assert(static_cast<int>(StoppedBy::time) == PLIMSOLL_STOPPED_BY_TIME);
static_assert(static_cast<int>(StoppedBy::interrupt) == PLIMSOLL_STOPPED_BY_INTERRUPT);
static_assert(static_cast<int>(StoppedBy::exhausted) == PLIMSOLL_STOPPED_BY_EXHAUSTED);

plimsoll_certificate in_c(const Certificate& certificate) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  plimsoll_certificate made = {};
  made.status = static_cast<std::int32_t>(certificate.status);
  made.stopped_by = static_cast<std::int32_t>(certificate.stopped_by);
  made.verified = certificate.verified ? 1 : 0;
  made.bound_is_recomputed = certificate.bound_evidence == BoundEvidence::recomputed ? 1 : 0;
  made.objective = certificate.objective.value_or(none);
  made.bound = certificate.bound.value_or(none);
  made.gap = certificate.gap.value_or(none);
  made.seed = certificate.seed;
  made.work = certificate.work;
  copy_cut(certificate.method, made.method);
  copy_cut(certificate.bound_method, made.bound_method);
  copy_cut(certificate.reason, made.reason);
  return made;
}

}  // namespace
}  // namespace plimsoll::c

extern "C" int32_t plimsoll_plan_certificate(const plimsoll_plan* plan, plimsoll_certificate* certificate,
                                             plimsoll_error* error) {
  return plimsoll::c::call(error, [&] {
    plimsoll::c::expect(plan, "plimsoll_plan_certificate: plan");
    plimsoll::c::expect(certificate, "plimsoll_plan_certificate: certificate");
    const std::uint32_t size =
        plimsoll::c::checked_size(certificate, "plimsoll_certificate", "Maybe set it to sizeof(plimsoll_certificate).");
    plimsoll::c::write_sized(plimsoll::c::in_c(plan->document.certificate), certificate, size);
  });
}

extern "C" const char* plimsoll_status_name(int32_t status) {
  switch (status) {
    case PLIMSOLL_STATUS_OPTIMAL:
      return "optimal";
    case PLIMSOLL_STATUS_FEASIBLE:
      return "feasible";
    case PLIMSOLL_STATUS_INFEASIBLE:
      return "infeasible";
    case PLIMSOLL_STATUS_UNKNOWN:
      return "unknown";
    default:
      return nullptr;
  }
}
