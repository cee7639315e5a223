// Longest processing time first: the list schedule alone, a baseline.
#include "planner/assignment/makespan.hpp"
#include "planner/assignment/method.hpp"
#include "planner/assignment/search/list_schedule.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::assignment {

void run_lpt(const Prepared& prepared, Context& context) {
  refuse_cost(prepared, "lpt");
  const Times times(prepared);
  context.meter().add_work(static_cast<std::uint64_t>(prepared.items) * static_cast<std::uint64_t>(prepared.bins));
  context.offer_bins(list_schedule(times));
  if (context.last_violation().empty()) return;
  throw Error(ErrorCode::unsupported, "the plan of method lpt breaks this instance: " + context.last_violation(), {},
              "Maybe use local or auto.");
}

}  // namespace plimsoll::assignment
