// What a recorder holds as a trace that Perfetto (ui.perfetto.dev) and chrome://tracing open: the JSON of the "Trace
// Event Format". Devices are processes, lanes are their threads.
//
//   spans     ph X, ts and dur; arguments layer, microstep, expert, tokens
//   flows     ph s where an arrow leaves, ph f (bp e: bound to the span around it) where it arrives; flows that lack an
//             end are left out and counted
//   counters  ph C, one track per device and name
//   names     ph M
//
// Times are microseconds with a fraction, from the first record on. Events are sorted by time; of spans that begin at
// the same moment the longest comes first, as nesting wants it.
#pragma once

#include <string>

#include "executor/telemetry/recorder.hpp"

namespace plimsoll::executor {

// Records that come in while this reads may or may not be in it. "otherData" says how many records did not fit
// ("lost_records") and how many flows had one end only ("open_flows").
[[nodiscard]] std::string trace_json(const Recorder& recorder);

}  // namespace plimsoll::executor
