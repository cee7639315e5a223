// EPLB's placement from the step's sum of loads, and in each micro-step the best shares for it, exactly: what a linear
// program per micro-step would do.
#include <cstdint>
#include <vector>

#include "planner/experts/step/method.hpp"
#include "planner/experts/step/search/baseline.hpp"
#include "planner/experts/step/search/shares.hpp"
#include "plimsoll/error.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts::step {

void run_eplb_step_shares(const Prepared& prepared, Context& context) {
  if (prepared.columns.even) {
    throw Error(ErrorCode::unsupported, "method eplb-step-shares solves shares, and dispatch is even", "/dispatch",
                "Maybe use eplb-step.");
  }
  StepPlan plan = even_plan(prepared, eplb_base(prepared, "eplb-step-shares", context));
  std::vector<std::uint64_t> work(plan.microsteps.size(), 0);
  support::for_each_index(work.size(), context.options().threads, [&](std::size_t microstep) {
    RowShares shares(prepared);
    for (int layer = 0; layer < prepared.layers; ++layer) {
      shares.share(static_cast<int>(microstep), layer, plan.microsteps[microstep]);
    }
    work[microstep] = shares.work();
  });
  for (const std::uint64_t amount : work) context.meter().add_work(amount);
  offer_or_refuse(context, std::move(plan), "eplb-step-shares");
}

}  // namespace plimsoll::experts::step
