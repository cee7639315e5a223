// The micro-steps of a foreign file put into the tree of an instance.
#pragma once

#include <string>
#include <vector>

#include "planner/experts/convert/foreign.hpp"
#include "support/json.hpp"

namespace plimsoll::experts {

// `json` is an instance with loads or with other micro-steps, whose place the file's take. What belonged to those
// others goes; `notes` says so. --transient-slots and --transient-pool-slots are set.
support::Json with_microsteps(support::Json json, Foreign& foreign, const ConvertOptions& options,
                              std::vector<std::string>& notes);

}  // namespace plimsoll::experts
