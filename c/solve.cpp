#include <algorithm>

#include "c/call.hpp"
#include "c/instance.hpp"
#include "c/options.hpp"
#include "c/plan.hpp"
#include "c/text.hpp"
#include "plimsoll/error.hpp"

using plimsoll::c::expect;

namespace {

// A plan that was just made takes the way of a plan that comes from elsewhere, so that there is one.
plimsoll_plan* read_plan(const plimsoll_instance* instance, std::string text) {
  plimsoll::PlanDocument document = instance->document.read_plan(text);
  return new plimsoll_plan{std::move(document), std::move(text)};
}

// Whole lines, as many as fit.
void give_lines(const std::vector<std::string>& lines, char* text, uint64_t bytes) {
  std::string fitting;
  for (const std::string& line : lines) {
    if (fitting.size() + line.size() + 1 >= bytes) break;
    fitting += line + "\n";
  }
  plimsoll::c::copy_cut(fitting, text, bytes);
}

}  // namespace

extern "C" plimsoll_plan* plimsoll_solve(const plimsoll_instance* instance, const plimsoll_options* options,
                                         plimsoll_error* error) {
  return plimsoll::c::make(error, [&] {
    expect(instance, "plimsoll_solve: instance");
    plimsoll::c::CallOptions given(options);
    return read_plan(instance, instance->document.solve(given.solve_options()));
  });
}

extern "C" plimsoll_plan* plimsoll_plan_from_json(const plimsoll_instance* instance, const char* text, uint64_t bytes,
                                                  plimsoll_error* error) {
  return plimsoll::c::make(error, [&] {
    expect(instance, "plimsoll_plan_from_json: instance");
    expect(text, "plimsoll_plan_from_json: text");
    return read_plan(instance, std::string(text, bytes));
  });
}

extern "C" int32_t plimsoll_check(const plimsoll_instance* instance, const plimsoll_plan* plan, int64_t* violations,
                                  char* text, uint64_t bytes, plimsoll_error* error) {
  return plimsoll::c::call(error, [&] {
    expect(instance, "plimsoll_check: instance");
    expect(plan, "plimsoll_check: plan");
    expect(violations, "plimsoll_check: violations");
    if (bytes > 0) expect(text, "plimsoll_check: text");
    if (plan->text.empty()) {
      throw plimsoll::Error(plimsoll::ErrorCode::unsupported, "a plan of plimsoll_rebalance belongs to no instance");
    }
    const std::vector<std::string> found = instance->document.check(plan->text);
    *violations = static_cast<int64_t>(found.size());
    give_lines(found, text, bytes);
  });
}
