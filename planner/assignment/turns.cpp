#include "planner/assignment/turns.hpp"

#include <algorithm>

namespace plimsoll::assignment {

void take_turns(std::vector<Share>& workers, Context& context) {
  constexpr double first_turn = 500'000;
  constexpr double longest_turn = 32'000'000;
  bool busy = true;
  for (double turn = first_turn; busy; turn = std::min(1.5 * turn, longest_turn)) {
    busy = false;
    for (Share& member : workers) {
      if (context.should_stop()) return;
      if (member.worker->done()) continue;
      const auto work = static_cast<std::uint64_t>(turn * member.share);
      member.worker->turn(context, std::min(work, context.meter().work_left()));
      context.report();
      busy = true;
    }
  }
}

}  // namespace plimsoll::assignment
