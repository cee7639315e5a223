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

// The next turn goes to whoever is furthest behind its share, so that a worker whose steps cannot be cut short waits
// afterwards.
void take_turns(std::vector<Share>& workers, Context& context) {
  constexpr double first_turn = 1e6;
  constexpr double longest_turn = 16e6;
  std::vector<double> spent(workers.size(), 0.0);  // over the share
  for (double turn = first_turn; !context.should_stop();) {
    std::size_t next = workers.size();
    for (std::size_t k = 0; k < workers.size(); ++k) {
      if (!workers[k].worker->done() && (next == workers.size() || spent[k] < spent[next])) next = k;
    }
    if (next == workers.size()) return;
    const Share& share = workers[next];
    const std::uint64_t before = context.meter().work();
    const auto work = static_cast<std::uint64_t>(turn * share.share);
    share.worker->turn(context, std::min(work, context.meter().work_left()));
    spent[next] += std::max(1.0, static_cast<double>(context.meter().work() - before)) / share.share;
    if (next + 1 == workers.size()) turn = std::min(2 * turn, longest_turn);
    context.report();
  }
}

void refuse_cost(const Prepared& prepared, std::string_view method) {
  if (prepared.makespan) return;
  throw Error(ErrorCode::unsupported, "method " + std::string(method) + " minimises a makespan, this objective is cost",
              "/objective", "Maybe use auto.");
}

}  // namespace plimsoll::assignment
