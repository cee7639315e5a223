// Method `neighbourhood`: search/cell_worker.hpp with all the turns.
#include "planner/assignment/method.hpp"
#include "planner/assignment/search/cell_worker.hpp"

namespace plimsoll::assignment {

void run_neighbourhood(const Prepared& prepared, Context& context) {
  refuse_makespan(prepared, "neighbourhood");
  CellWorker worker(prepared);
  worker.turn(context, 1);
  run_alone(worker, context);
}

}  // namespace plimsoll::assignment
