// What solve() gives to Python: the solution, and the instance that it belongs to.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "plimsoll/solve.hpp"
#include "python/bindings/instance.hpp"

namespace plimsoll::python {

struct Plan {
  using Solution = std::variant<ExpertSolution, StepSolution, AssignmentSolution>;

  std::shared_ptr<const Instance> instance;
  Solution solution;
  int threads = 1;

  [[nodiscard]] const Certificate& certificate() const;
  [[nodiscard]] std::string digest() const;
  // The text of the plan file that `plimsoll solve` writes.
  [[nodiscard]] std::string text() const;
  // Throws Error(usage) where the instance is of another problem.
  [[nodiscard]] std::vector<std::string> check(const Instance& of) const;
};

}  // namespace plimsoll::python
