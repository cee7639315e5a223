// An instance that a caller has put together by hand, as the reader of files would have it. Tables are checked where
// they lie, in microseconds; everything else goes through the reader. Throws Error(input) with the pointer that the
// value would have in a file.
#pragma once

#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

ExpertInstance valid(const ExpertInstance& instance);

}  // namespace plimsoll::experts
