// A cost that was measured on a machine (`plimsoll calibrate`), put in place of the one that an instance of `experts`
// gives. The file (docs/formats.md, "A measured cost"):
//   {"plimsoll": 1, "measured": "<model shape>", "cost": {"expert_seconds": [[tokens, seconds], ...], ...},
//    "expert_bytes": b, "link": {...}, "shared_bytes_per_second": s, "devices_at_once": n, "threads_of_a_device": t}
#pragma once

#include "planner/common/problem.hpp"

namespace plimsoll::experts {

// The instance as if its file had these numbers: `cost` is replaced (`backward_ratio` stays), `model.expert_bytes` is
// what an expert takes there, `cluster.memory_bytes` grows or shrinks with it, and a `link` is replaced where both have
// one. Where n devices share a memory bus of s bytes per second, no replica takes less than expert_bytes / (s / n),
// which is the roofline of one that streams its weights. The text of the cost file is added to the instance's, so that
// plans made with another cost, or with none, are told apart. Throws Error(input), about the cost file, where it breaks
// the format; the instance itself is read afterwards, as ever.
common::Document with_measured_cost(common::Document instance, const common::Document& measured);

}  // namespace plimsoll::experts
