// plimsoll solve --stream: questions on standard input, a line each; answers on standard output, a line each.
#pragma once

#include "cli/documents.hpp"
#include "planner/common/line_stream.hpp"

namespace plimsoll::cli {

// Until standard input ends or somebody interrupts. Returns the exit code.
int run_stream(const OpenedInstance& opened, const common::LineStreamOptions& options, bool quiet);

}  // namespace plimsoll::cli
