#include "planner/assignment/turns.hpp"

#include <algorithm>

namespace plimsoll::assignment {

void take_turns(std::vector<Share>& workers, Context& context, std::uint64_t pairs) {
  const double first_turn = std::max(500'000.0, 10.0 * static_cast<double>(pairs));
  const double longest_turn = std::max(32'000'000.0, first_turn);
  bool busy = true;
  for (double turn = first_turn; busy; turn = std::min(1.5 * turn, longest_turn)) {
    busy = false;
    for (Share& member : workers) {
      if (context.should_stop()) return;
      if (member.worker->done()) continue;
      const auto objective = context.objective();
      const auto bound = context.bound();
      const auto work = static_cast<std::uint64_t>(turn * member.share * member.trust);
      member.worker->turn(context, std::min(work, context.meter().work_left()));
      const bool gained = objective != context.objective() || bound != context.bound();
      member.trust = gained ? std::min(1.5 * member.trust, 1.5) : std::max(0.7 * member.trust, 0.25);
      context.report();
      busy = true;
    }
  }
}

}  // namespace plimsoll::assignment
