// Instances that a caller has put together by hand, as the reader of files would have them: its rules are the ones that
// hold, and they stand in one place. Throws Error(input) with the pointer that the value would have in a file.
#pragma once

#include <string>

#include "plimsoll/documents.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::common {

template <class Instance>
std::string written(const Instance& instance) {
  try {
    return write_document(instance);
  } catch (const Error& error) {
    // What cannot be written (a number that is not finite) is the caller's mistake here.
    if (error.code() != ErrorCode::internal) throw;
    throw Error(ErrorCode::input, error.what());
  }
}

// These cost as much as reading a file. Instances of `experts` have a faster way: planner/experts/valid.hpp.
inline StepInstance valid(const StepInstance& instance) { return parse_step(written(instance)); }
inline AssignmentInstance valid(const AssignmentInstance& instance) { return parse_assignment(written(instance)); }

}  // namespace plimsoll::common
