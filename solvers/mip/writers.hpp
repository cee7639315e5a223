// A model as text for any other solver: free MPS and CPLEX LP, always a minimisation. Numbers have the fewest digits
// that read back to the same value. solution_readers.hpp reads the answers.
#pragma once

#include <string>
#include <vector>

#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::mip {

// What variables and rows are called in both formats. Their own names, if all of them are safe everywhere (letters,
// digits, "_" and ".", a letter first, no keyword, at most 64 bytes) and no two are equal; else all are "x<index>" and
// "r<index>".
struct SafeNames {
  std::vector<std::string> variables;
  std::vector<std::string> rows;
};
SafeNames safe_names(const Model& model);

// Rows without bounds are left out; the LP format says a row with two bounds as two rows. Columns stand in the order of
// the model, all of them. Throws Error(unsupported) for a model without variables, which the formats cannot say.
std::string mps_text(const Model& model, const std::string& name = "plimsoll");
std::string lp_text(const Model& model, const std::string& name = "plimsoll");

}  // namespace plimsoll::solvers::mip
