// Streams as lines of JSON: docs/formats.md, "Streams".
#pragma once

#include <memory>

#include "planner/common/line_stream.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

std::unique_ptr<common::LineStream> line_stream(const StepInstance& past, const common::LineStreamOptions& options);

}  // namespace plimsoll::experts::step
