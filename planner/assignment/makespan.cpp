#include "planner/assignment/makespan.hpp"

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

void refuse_cost(const Prepared& prepared, std::string_view method) {
  if (prepared.makespan) return;
  throw Error(ErrorCode::unsupported, "method " + std::string(method) + " minimises a makespan, this objective is cost",
              "/objective", "Maybe use auto.");
}

}  // namespace plimsoll::assignment
