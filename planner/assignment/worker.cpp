#include "planner/assignment/worker.hpp"

#include <algorithm>

namespace plimsoll::assignment {

void run_alone(Worker& worker, Context& context) {
  constexpr std::uint64_t first_turn = 1'000'000;
  constexpr std::uint64_t longest_turn = 256'000'000;
  for (std::uint64_t work = first_turn; !context.should_stop() && !worker.done();
       work = std::min(2 * work, longest_turn)) {
    worker.turn(context, std::min(work, context.meter().work_left()));
    context.report();
  }
}

}  // namespace plimsoll::assignment
