// `plimsoll compare --rolling`.
#pragma once

#include "cli/compare_arguments.hpp"

namespace plimsoll::cli {

// The exit code.
int compare_rolling(const CompareArguments& arguments);

}  // namespace plimsoll::cli
