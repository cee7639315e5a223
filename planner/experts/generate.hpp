// Seeded instances: skewed popularity of experts as routers show it, or a placement that popularity has drifted away
// from.
#pragma once

#include <map>
#include <span>
#include <string>

#include "planner/common/problem.hpp"

namespace plimsoll::experts {

std::span<const common::GenerateOption> generate_options();

// The text of an instance file. Values not given take their default; throws Error(usage) on an unknown or bad value.
std::string generate(const std::map<std::string, std::string, std::less<>>& values, std::uint64_t seed);

}  // namespace plimsoll::experts
