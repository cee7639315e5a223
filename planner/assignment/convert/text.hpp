// The text files in which the literature keeps its instances: gap (OR-Library), rcmax and pcmax.
#pragma once

#include <span>
#include <string>

#include "planner/common/problem.hpp"
#include "plimsoll/assignment.hpp"

namespace plimsoll::assignment {

std::span<const common::TextFormat> text_formats();

// `document.format` is one of the above, with ":K" behind it for the K-th problem (from 1) of a gap file that holds
// several. Throws Error(input) that names the line.
AssignmentInstance read_text(const common::Document& document);

}  // namespace plimsoll::assignment
