// How the program ends; the same codes for every verb.
#pragma once

namespace plimsoll::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_wrong = 1;     // checked and wrong, or proven infeasible
inline constexpr int exit_bad = 2;       // usage, input, files
inline constexpr int exit_internal = 3;  // a bug, or no memory
inline constexpr int exit_no_plan = 4;   // nothing found within the limit

}  // namespace plimsoll::cli
