// What a mode hands over: a plan that nobody has evaluated yet.
#pragma once

#include <cstdint>

#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

struct Planned {
  ExpertPlan plan;
  Matrix<int> rank;  // [layers][slots] which of its expert's replicas; -1 where the slot is empty
  std::uint64_t work = 0;
};

}  // namespace plimsoll::experts
