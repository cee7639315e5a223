// What must not happen: plans that the checker refuses, bounds above confirmed plans, proofs that contradict each other
// or what is known from elsewhere, runs that crashed. One sentence each; a comparison with any of them ends with exit
// code 1.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "planner/compare/comparison.hpp"

namespace plimsoll::compare {

struct Fault {
  enum class Kind { failed, refuted, contradiction };
  Kind kind = Kind::contradiction;
  std::size_t instance = 0;
  std::string sentence;  // "milp-cbc (seed 1) on gap-a: ..."
};

// In the order of instances, methods and seeds.
std::vector<Fault> find_faults(const Comparison& comparison);

}  // namespace plimsoll::compare
