#include "planner/assignment/makespan.hpp"

#include <algorithm>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::assignment {

std::vector<Share> makespan_workers(const Prepared& prepared, std::uint64_t seed) {
  std::vector<Share> workers;
  workers.push_back({"search", make_target_search(prepared, seed), 1});
  workers.push_back({"dive", make_target_dive(prepared, seed), 1});
  workers.push_back({"bounds", make_target_bounds(prepared), 1});
  workers.push_back({"branch", make_makespan_branch(prepared), 0.5});
  return workers;
}

void take_turns(std::vector<Share>& workers, Context& context) {
  constexpr double first_turn = 1e6;
  constexpr double longest_turn = 16e6;
  for (double turn = first_turn;; turn = std::min(2 * turn, longest_turn)) {
    bool open = false;
    for (const Share& share : workers) {
      if (context.should_stop()) return;
      if (share.worker->done()) continue;
      open = true;
      const auto work = static_cast<std::uint64_t>(turn * share.share);
      share.worker->turn(context, std::min(work, context.meter().work_left()));
    }
    if (!open) return;
    context.report();
  }
}

void refuse_cost(const Prepared& prepared, std::string_view method) {
  if (prepared.makespan) return;
  throw Error(ErrorCode::unsupported, "method " + std::string(method) + " minimises a makespan, this objective is cost",
              "/objective", "Maybe use auto.");
}

}  // namespace plimsoll::assignment
