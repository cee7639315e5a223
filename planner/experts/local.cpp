// The method `local`: rounds of local search until the limit.
#include "planner/experts/method.hpp"
#include "planner/experts/search/local_search.hpp"

namespace plimsoll::experts {

void run_local(const Prepared& prepared, Context& context) {
  LocalSearch search(prepared, context);
  search.begin();
  while (!context.should_stop() && search.round()) {
  }
}

}  // namespace plimsoll::experts
