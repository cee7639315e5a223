// Instances that a caller has put together by hand, as the reader of files would have them: its rules are the ones that
// hold, and they stand in one place. Costs as much as reading the file. Throws Error(input) with the pointer that the
// value would have in a file.
#pragma once

#include "plimsoll/documents.hpp"

namespace plimsoll::common {

inline ExpertInstance valid(const ExpertInstance& instance) { return parse_experts(write_document(instance)); }
inline StepInstance valid(const StepInstance& instance) { return parse_step(write_document(instance)); }
inline AssignmentInstance valid(const AssignmentInstance& instance) {
  return parse_assignment(write_document(instance));
}

}  // namespace plimsoll::common
