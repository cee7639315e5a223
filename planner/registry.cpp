// Every problem of this build, by name: the only file that knows them all.
#include <array>
#include <string>

#include "planner/assignment/problem.hpp"
#include "planner/common/problem.hpp"
#include "planner/experts/problem.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll {

std::span<const common::ProblemKind> problems() {
  static const std::array<common::ProblemKind, 2> kinds = {experts::problem_kind(), assignment::problem_kind()};
  return kinds;
}

const common::ProblemKind& find_problem(std::string_view name) {
  std::string known;
  for (const common::ProblemKind& kind : problems()) {
    if (kind.name == name) return kind;
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  }
  throw Error(ErrorCode::input, "unknown problem \"" + std::string(name) + "\", expected one of: " + known, "/problem");
}

}  // namespace plimsoll
