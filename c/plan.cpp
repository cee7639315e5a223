#include "c/plan.hpp"

#include <algorithm>

#include "c/call.hpp"
#include "c/text.hpp"
#include "plimsoll/digest.hpp"
#include "plimsoll/error.hpp"

using plimsoll::c::call;
using plimsoll::c::expect;

namespace plimsoll::c {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::unsupported, message, {}, "Maybe look at the certificate's status and the instance's kind.");
}

const ExpertPlan* experts_in(const plimsoll_plan& plan) { return std::get_if<ExpertPlan>(&plan.document.plan); }
const StepPlan* step_in(const plimsoll_plan& plan) { return std::get_if<StepPlan>(&plan.document.plan); }
const AssignmentPlan* assignment_in(const plimsoll_plan& plan) {
  return std::get_if<AssignmentPlan>(&plan.document.plan);
}

template <class Number, class Taken>
void give(const std::vector<Number>& numbers, Taken* taker, std::uint64_t count) {
  expect(taker, "the array");
  if (count < numbers.size()) {
    throw Error(ErrorCode::usage, "the array holds " + std::to_string(count) + " numbers, the plan has " +
                                      std::to_string(numbers.size()));
  }
  std::copy(numbers.begin(), numbers.end(), taker);
}

const Matrix<int>& slots_of(const plimsoll_plan& plan) {
  if (const ExpertPlan* experts = experts_in(plan)) return experts->slots;
  if (const StepPlan* step = step_in(plan)) return step->base;
  refuse("this plan has no slots");
}

std::pair<std::size_t, std::size_t> shape_of(const plimsoll_plan& plan) {
  if (const AssignmentPlan* assignment = assignment_in(plan)) return {1, assignment->bin_of.size()};
  if (std::holds_alternative<std::monostate>(plan.document.plan)) return {0, 0};
  const Matrix<int>& slots = slots_of(plan);
  return {slots.rows(), slots.columns()};
}

std::string digest_of(const plimsoll_plan& plan) {
  if (const ExpertPlan* experts = experts_in(plan)) return digest(*experts);
  if (const StepPlan* step = step_in(plan)) return digest(*step);
  if (const AssignmentPlan* assignment = assignment_in(plan)) return digest(*assignment);
  refuse("there is no plan");
}

}  // namespace
}  // namespace plimsoll::c

extern "C" int32_t plimsoll_plan_shape(const plimsoll_plan* plan, int64_t* rows, int64_t* columns,
                                       plimsoll_error* error) {
  return call(error, [&] {
    expect(plan, "plimsoll_plan_shape: plan");
    const auto shape = plimsoll::c::shape_of(*plan);
    if (rows != nullptr) *rows = static_cast<int64_t>(shape.first);
    if (columns != nullptr) *columns = static_cast<int64_t>(shape.second);
  });
}

extern "C" int32_t plimsoll_plan_slots(const plimsoll_plan* plan, int32_t* slots, uint64_t count,
                                       plimsoll_error* error) {
  return call(error, [&] {
    expect(plan, "plimsoll_plan_slots: plan");
    plimsoll::c::give(plimsoll::c::slots_of(*plan).data(), slots, count);
  });
}

extern "C" int32_t plimsoll_plan_shares(const plimsoll_plan* plan, double* shares, uint64_t count,
                                        plimsoll_error* error) {
  return call(error, [&] {
    expect(plan, "plimsoll_plan_shares: plan");
    const auto* experts = plimsoll::c::experts_in(*plan);
    if (experts == nullptr) plimsoll::c::refuse("this plan has no shares of its own");
    plimsoll::c::give(experts->shares.data(), shares, count);
  });
}

extern "C" int32_t plimsoll_plan_rank(const plimsoll_plan* plan, int32_t* rank, uint64_t count, plimsoll_error* error) {
  return call(error, [&] {
    expect(plan, "plimsoll_plan_rank: plan");
    if (plan->rank.empty()) plimsoll::c::refuse("this plan has no ranks");
    plimsoll::c::give(plan->rank.data(), rank, count);
  });
}

extern "C" int32_t plimsoll_plan_bin_of(const plimsoll_plan* plan, int32_t* bin_of, uint64_t count,
                                        plimsoll_error* error) {
  return call(error, [&] {
    expect(plan, "plimsoll_plan_bin_of: plan");
    const auto* assignment = plimsoll::c::assignment_in(*plan);
    if (assignment == nullptr) plimsoll::c::refuse("this plan has no bins");
    plimsoll::c::give(assignment->bin_of, bin_of, count);
  });
}

extern "C" int32_t plimsoll_plan_microsteps(const plimsoll_plan* plan) {
  const auto* step = plan == nullptr ? nullptr : plimsoll::c::step_in(*plan);
  return step == nullptr ? 0 : static_cast<int32_t>(step->microsteps.size());
}

extern "C" int32_t plimsoll_plan_microstep(const plimsoll_plan* plan, int32_t microstep, int32_t* slots, double* shares,
                                           uint64_t count, plimsoll_error* error) {
  return call(error, [&] {
    expect(plan, "plimsoll_plan_microstep: plan");
    const auto* step = plimsoll::c::step_in(*plan);
    if (step == nullptr) plimsoll::c::refuse("this plan has no micro-steps");
    const int32_t microsteps = plimsoll_plan_microsteps(plan);
    if (microstep < 0 || microstep >= microsteps) {
      throw plimsoll::Error(plimsoll::ErrorCode::usage,
                            "micro-step " + std::to_string(microstep) + " of a plan of " + std::to_string(microsteps));
    }
    const plimsoll::ExpertPlan& part = step->microsteps[static_cast<std::size_t>(microstep)];
    if (slots != nullptr) plimsoll::c::give(part.slots.data(), slots, count);
    if (shares != nullptr) plimsoll::c::give(part.shares.data(), shares, count);
  });
}

extern "C" int32_t plimsoll_plan_metric(const plimsoll_plan* plan, const char* name, double* value,
                                        plimsoll_error* error) {
  return call(error, [&] {
    expect(plan, "plimsoll_plan_metric: plan");
    expect(name, "plimsoll_plan_metric: name");
    expect(value, "plimsoll_plan_metric: value");
    std::string known;
    for (const auto& [metric, number] : plan->document.metrics) {
      if (metric == name) {
        *value = number;
        return;
      }
      known += (known.empty() ? "" : ", ") + metric;
    }
    plimsoll::c::refuse("this plan has no metric \"" + std::string(name) + "\", but " +
                        (known.empty() ? "none at all" : known));
  });
}

extern "C" int32_t plimsoll_plan_json(const plimsoll_plan* plan, char* text, uint64_t bytes, uint64_t* needed,
                                      plimsoll_error* error) {
  return call(error, [&] {
    expect(plan, "plimsoll_plan_json: plan");
    if (plan->text.empty()) plimsoll::c::refuse("a plan of plimsoll_rebalance has no file");
    plimsoll::c::give_text(plan->text, text, bytes, needed);
  });
}

extern "C" int32_t plimsoll_plan_digest(const plimsoll_plan* plan, char digest[PLIMSOLL_DIGEST_BYTES],
                                        plimsoll_error* error) {
  return call(error, [&] {
    expect(plan, "plimsoll_plan_digest: plan");
    expect(digest, "plimsoll_plan_digest: digest");
    plimsoll::c::copy_cut(plimsoll::c::digest_of(*plan), digest, PLIMSOLL_DIGEST_BYTES);
  });
}

extern "C" void plimsoll_plan_free(plimsoll_plan* plan) { delete plan; }
