// Solution files that other programs write for a model of ours (writers.hpp), read back into a point. Nothing in them
// is believed: evaluate() the point.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::mip {

enum class SolutionFormat {
  glpk,   // glpsol -o (for people) or -w (plain)
  cbc,    // cbc ... solution FILE: 8 digits, only values that are not 0
  highs,  // highs --solution_file, the raw style
};

struct ForeignSolution {
  std::vector<double> point;        // [variables]
  std::string status;               // the program's own word: "INTEGER OPTIMAL", "Stopped on time", ...
  std::optional<double> objective;  // what the program says it is
};

// Throws Error(usage) for a name other than "glpk", "cbc", "highs".
SolutionFormat solution_format_named(std::string_view name);

// Throws Error(input), naming the line: a file of another kind, one without a solution, unknown names, variables that
// are missing or come twice, numbers that are none.
ForeignSolution read_solution(const Model& model, SolutionFormat format, std::string_view text);

}  // namespace plimsoll::solvers::mip
