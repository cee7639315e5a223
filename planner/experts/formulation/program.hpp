// The integer program of an instance for `export`, and the way back for `check --solution`.
#pragma once

#include <memory>
#include <optional>

#include "planner/common/integer_program.hpp"
#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

// Without a cutoff nothing goes in that our bounds or searches have found out: the program can judge them.
std::unique_ptr<common::IntegerProgram> make_program(const ExpertInstance& instance, std::optional<double> cutoff);

}  // namespace plimsoll::experts
