// Where waiting comes from: which transfer a window waited for, and what kept that transfer from starting earlier.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "planner/experts/step/report/link_use.hpp"

namespace plimsoll::experts::step {

enum class Cause {
  step_begins,  // it started with the step: there was no time before
  link_busy,    // another transfer had just left one of its links
  tokens,       // dispatch or combine had just left one of its links
  slot_taken,   // its slot had just come free
  source_late,  // its source had just arrived itself
  compute,      // a gradient: its backward window had just ended
  other,        // nothing that is seen here: it could perhaps have started earlier
};
std::string name_of(Cause cause);

struct Waiting {
  int window = -1;  // -1: for gradients behind the last window
  double seconds = 0;
  std::size_t transfer = 0;  // the one that ended last, an index into the plan's
  PathKind path = PathKind::inside;
  Cause cause = Cause::other;
  int link = -1;  // that was busy
};

// The longest first; ties in the order of time.
std::vector<Waiting> waitings(const Story& story);

struct WaitingSum {
  PathKind path = PathKind::inside;
  Cause cause = Cause::other;
  std::size_t count = 0;
  double seconds = 0;
};
// By path and cause, the most first.
std::vector<WaitingSum> sums_of(const std::vector<Waiting>& waitings);

}  // namespace plimsoll::experts::step
