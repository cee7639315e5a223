// Other people's formats of expert loads and placements: the table, and the way in and out (docs/formats.md, "Other
// people's formats").
#pragma once

#include "planner/common/conversion.hpp"

namespace plimsoll::experts {

const common::Conversions* conversions();

}  // namespace plimsoll::experts
