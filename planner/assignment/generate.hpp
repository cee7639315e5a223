// Seeded instances: the literature's classes of generalized assignment (A to E) and of makespan on parallel machines,
// with the extensions on top where asked for.
#pragma once

#include <map>
#include <span>
#include <string>

#include "planner/common/problem.hpp"
#include "plimsoll/assignment.hpp"

namespace plimsoll::assignment {

std::span<const common::GenerateOption> generate_options();

// The text of an instance file. Values not given take their default; throws Error(usage) on an unknown or bad value.
std::string generate(const std::map<std::string, std::string, std::less<>>& values, std::uint64_t seed);

// Types A to E as Chu and Beasley (1997) and Yagiura, Yamaguchi and Ibaraki (1998) publish them.
AssignmentInstance generate_cost(char type, int bins, int items, std::uint64_t seed);

}  // namespace plimsoll::assignment
