#include "executor/ceilings/ceilings.hpp"

#include "executor/ceilings/measurement.hpp"

namespace plimsoll::executor {

Ceilings measure_ceilings(Team& team, const CeilingOptions& options) { return Measurement(team, options).all(); }

}  // namespace plimsoll::executor
