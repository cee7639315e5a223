#include "planner/assignment/makespan.hpp"

namespace plimsoll::assignment {

std::vector<Share> makespan_workers(const Prepared& prepared, std::uint64_t seed) {
  std::vector<Share> workers;
  workers.push_back({"search", make_target_search(prepared, seed), 1});
  workers.push_back({"dive", make_target_dive(prepared, seed), 1});
  workers.push_back({"bounds", make_target_bounds(prepared), 1});
  workers.push_back({"branch", make_makespan_branch(prepared), 0.5});
  return workers;
}

}  // namespace plimsoll::assignment
