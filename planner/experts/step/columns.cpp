#include "planner/experts/step/columns.hpp"

namespace plimsoll::experts::step {

int count_columns(const StepInstance& instance) {
  int columns = 0;
  for (const int slots : instance.experts.cluster.slots) columns += slots + instance.transient_columns();
  return columns;
}

std::vector<int> base_columns(const StepInstance& instance) {
  std::vector<int> result;
  int column = 0;
  for (const int slots : instance.experts.cluster.slots) {
    for (int slot = 0; slot < slots; ++slot) result.push_back(column++);
    column += instance.transient_columns();
  }
  return result;
}

}  // namespace plimsoll::experts::step
