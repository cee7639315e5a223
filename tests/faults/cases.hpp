// Solves of every kind on small instances: what the faults, the soak and the fork tests run.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace plimsoll::testing {

struct SolveCase {
  std::string name;
  // Everything that must be the same each time: the digest of the plan, objective and bound.
  std::function<std::string()> run;
  bool uses_backend = false;  // CBC or GLPK runs in it
  // Clp or CBC runs in it: they lose what they hold when an exception passes through them.
  bool may_leak = false;
};

std::vector<SolveCase> solve_cases();

}  // namespace plimsoll::testing
