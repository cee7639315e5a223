// plimsoll_assignment as an AssignmentInstance.
#include "plimsoll/assignment.hpp"

#include "c/arrays.hpp"
#include "c/call.hpp"
#include "c/instance.hpp"
#include "c/sized.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::c {
namespace {

plimsoll_assignment defaults() {
  plimsoll_assignment made = {};
  made.struct_size = sizeof made;
  made.max_changes = -1;
  return made;
}

AssignmentObjective objective_of(std::int32_t given) {
  if (given == PLIMSOLL_OBJECTIVE_COST) return AssignmentObjective::cost;
  if (given == PLIMSOLL_OBJECTIVE_MAKESPAN) return AssignmentObjective::makespan;
  throw Error(ErrorCode::usage, "plimsoll_assignment.objective is " + std::to_string(given) + ", expected 0 or 1");
}

std::vector<std::pair<int, int>> pairs_at(const char* pointer, const std::int32_t* values, std::int32_t count) {
  std::vector<std::pair<int, int>> pairs;
  const std::size_t ends = 2 * count_at(pointer, count);
  if (ends == 0) return pairs;
  const std::vector<int> flat = integers_at(pointer, values, ends);
  for (std::size_t i = 0; i < ends; i += 2) pairs.emplace_back(flat[i], flat[i + 1]);
  return pairs;
}

AssignmentInstance read(const plimsoll_assignment& given) {
  AssignmentInstance instance;
  const std::size_t bins = size_at("/bins", given.bins);
  const std::size_t items = size_at("/items", given.items);
  if (given.name != nullptr) instance.name = given.name;
  instance.objective = objective_of(given.objective);
  instance.bins = given.bins;
  instance.items = given.items;
  const bool makespan = instance.objective == AssignmentObjective::makespan;
  if (makespan && given.cost != nullptr) {
    throw Error(ErrorCode::input, "there are no costs where the objective is the makespan", "/cost");
  }
  if (!makespan) instance.cost = table_at("/cost", given.cost, bins, items);
  instance.size = table_at("/size", given.size, bins, items);
  if (given.capacity != nullptr) instance.capacity = numbers_at("/capacity", given.capacity, bins);
  if (given.speed != nullptr) instance.speed = numbers_at("/speed", given.speed, bins);
  instance.forbidden = pairs_at("/forbidden", given.forbidden, given.forbidden_count);
  instance.pinned = pairs_at("/pinned", given.pinned, given.pinned_count);
  if (given.current != nullptr) instance.current = integers_at("/current", given.current, items);
  instance.change_price = number_at("/change_price", given.change_price);
  instance.max_changes = limit_at("/limits/max_changes", given.max_changes);
  return instance;
}

}  // namespace
}  // namespace plimsoll::c

extern "C" void plimsoll_assignment_init(plimsoll_assignment* assignment, uint32_t struct_size) {
  plimsoll::c::init_sized(assignment, struct_size, plimsoll::c::defaults());
}

extern "C" plimsoll_instance* plimsoll_instance_from_assignment(const plimsoll_assignment* assignment,
                                                                plimsoll_error* error) {
  return plimsoll::c::make(error, [&] {
    plimsoll::c::expect(assignment, "plimsoll_instance_from_assignment: assignment");
    const plimsoll_assignment given =
        plimsoll::c::read_sized(assignment, plimsoll::c::defaults(), "plimsoll_assignment");
    return plimsoll::c::make_instance(plimsoll::write_document(plimsoll::c::read(given)));
  });
}
