// Base replicas where the instance binds them: groups on a node, memory, moves that are limited or priced. The static
// local search plans the step's sum of loads and keeps all of these.
#pragma once

#include <cstdint>

#include "planner/experts/step/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts::step {

// [layers][columns], with base slots alone or with transient columns as well; empty where no plan was found.
Matrix<int> standing_base(const Prepared& prepared, bool use_transient_columns, std::uint64_t seed, int threads,
                          support::Meter& meter);

// Rows of base slots as rows of columns, transient ones empty.
Matrix<int> widened(const Prepared& prepared, const Matrix<int>& slots);

}  // namespace plimsoll::experts::step
