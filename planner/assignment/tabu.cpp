// Method `tabu`: search/cost_oscillation.hpp with all the turns.
#include "planner/assignment/method.hpp"
#include "planner/assignment/search/tabu_worker.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::assignment {

void run_tabu(const Prepared& prepared, Context& context) {
  refuse_makespan(prepared, "tabu");
  TabuWorker worker(prepared);
  run_alone(worker, context);
}

}  // namespace plimsoll::assignment
