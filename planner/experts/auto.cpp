// The default: the answers that cost nothing first (what stands, re-split), then the search.
#include "planner/experts/method.hpp"
#include "planner/experts/shares.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {

void run_auto(const Prepared& prepared, Context& context) {
  if (prepared.has_placement()) {
    try {
      offer_standing(prepared, context);
    } catch (const Error& error) {
      // An expert without a device: re-splitting cannot help, the search has to move something.
      if (error.code() != ErrorCode::unsupported) throw;
    }
  }
  // Without a plan there is always time for the first one.
  if (!context.objective() || !context.should_stop()) run_local(prepared, context);
}

}  // namespace plimsoll::experts
