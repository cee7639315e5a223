// Deltas with their moves, shared by the balancer and by what describes them.
#pragma once

#include "plimsoll/balancer.hpp"
#include "python/bindings/bindings.hpp"

namespace plimsoll::python {

// "load", "copy", "exchange" or "clear".
const char* name_of(MoveKind kind);

}  // namespace plimsoll::python
