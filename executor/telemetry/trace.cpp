#include "executor/telemetry/trace.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "support/json.hpp"

namespace plimsoll::executor {
namespace {

using support::Writer;

struct Place {
  int process;
  int thread;
};

struct Event {
  std::int64_t at_ns;
  std::int64_t length_ns;
  Place place;
  std::variant<SpanRecord, FlowRecord, CountRecord> record;
};

struct Trace {
  std::vector<Event> events;
  std::map<int, int> processes;  // by device
  std::uint64_t open_flows = 0;
};

// Process 0 is the idle task in Perfetto's eyes, and devices may be negative (the host), so processes are numbered from
// 1 in the order of devices, threads above them in the order of lanes.
Trace collect(const std::vector<const Lane*>& lanes) {
  Trace trace;
  for (const Lane* lane : lanes) trace.processes.emplace(lane->device, 0);
  int process = 0;
  for (auto& [device, number] : trace.processes) number = ++process;

  std::map<std::uint64_t, std::pair<int, int>> ends;  // of each flow: leaving, arriving
  for (const Lane* lane : lanes) {
    for (const FlowRecord& flow : lane->flows.all()) ++(flow.leaves ? ends[flow.id].first : ends[flow.id].second);
  }
  const auto is_matched = [&](const FlowRecord& flow) {
    const auto found = ends.find(flow.id);
    return found != ends.end() && found->second == std::pair{1, 1};
  };

  int thread = process;
  for (const Lane* lane : lanes) {
    const Place place{trace.processes[lane->device], ++thread};
    for (const SpanRecord& span : lane->spans.all()) {
      trace.events.push_back({span.begin_ns, std::max<std::int64_t>(span.end_ns - span.begin_ns, 0), place, span});
    }
    for (const FlowRecord& flow : lane->flows.all()) {
      if (is_matched(flow)) trace.events.push_back({flow.at_ns, -1, place, flow});
    }
    for (const CountRecord& count : lane->counts.all()) trace.events.push_back({count.at_ns, -1, place, count});
  }
  for (const auto& [id, both] : ends) trace.open_flows += both == std::pair{1, 1} ? 0 : 1;
  // Arrows come after the spans that they are bound to.
  std::stable_sort(trace.events.begin(), trace.events.end(), [](const Event& left, const Event& right) {
    return std::pair(left.at_ns, -left.length_ns) < std::pair(right.at_ns, -right.length_ns);
  });
  return trace;
}

double microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; }

void begin_event(Writer& out, const char* kind, std::string_view name, const Place& place) {
  out.begin_flat_object();
  out.key("ph").value(kind);
  out.key("name").value(name);
  out.key("pid").value(place.process);
  out.key("tid").value(place.thread);
}

void write_argument(Writer& out, const char* name, int value) {
  if (value >= 0) out.key(name).value(value);
}

void write_span(Writer& out, const Event& event, const SpanRecord& span, double at) {
  begin_event(out, "X", span.name, event.place);
  out.key("cat").value(span.category);
  out.key("ts").value(at);
  out.key("dur").value(microseconds(event.length_ns));
  out.key("args").begin_object();
  write_argument(out, "layer", span.arguments.layer);
  write_argument(out, "microstep", span.arguments.microstep);
  write_argument(out, "expert", span.arguments.expert);
  write_argument(out, "tokens", span.arguments.tokens);
  out.end_object();
  out.end_object();
}

void write_flow(Writer& out, const Event& event, const FlowRecord& flow, double at) {
  begin_event(out, flow.leaves ? "s" : "f", flow.name, event.place);
  out.key("cat").value("flow");
  out.key("ts").value(at);
  out.key("id").value(flow.id);
  if (!flow.leaves) out.key("bp").value("e");
  out.end_object();
}

void write_count(Writer& out, const Event& event, const CountRecord& count, double at) {
  begin_event(out, "C", count.name, event.place);
  out.key("ts").value(at);
  out.key("args").begin_object();
  out.key("value").value(count.value);
  out.end_object();
  out.end_object();
}

void write_name(Writer& out, const char* what, const Place& place, std::string_view name) {
  begin_event(out, "M", what, place);
  out.key("args").begin_object();
  out.key("name").value(name);
  out.end_object();
  out.end_object();
}

void write_order(Writer& out, const char* what, const Place& place, int order) {
  begin_event(out, "M", what, place);
  out.key("args").begin_object();
  out.key("sort_index").value(order);
  out.end_object();
  out.end_object();
}

void write_names(Writer& out, const Recorder& recorder, const std::vector<const Lane*>& lanes, const Trace& trace) {
  for (const auto& [device, process] : trace.processes) {
    write_name(out, "process_name", {process, process}, recorder.device_name(device));
    write_order(out, "process_sort_index", {process, process}, process);
  }
  int thread = static_cast<int>(trace.processes.size());
  for (const Lane* lane : lanes) {
    const Place place{trace.processes.at(lane->device), ++thread};
    write_name(out, "thread_name", place, lane->name);
    write_order(out, "thread_sort_index", place, lane->thread);
  }
}

}  // namespace

std::string trace_json(const Recorder& recorder) {
  const std::vector<const Lane*> lanes = recorder.lanes();
  const Trace trace = collect(lanes);
  Writer out;
  out.begin_object();
  out.key("displayTimeUnit").value("ns");
  out.key("otherData").begin_object();
  out.key("lost_records").value(recorder.lost());
  out.key("open_flows").value(trace.open_flows);
  out.end_object();
  out.key("traceEvents").begin_array();
  write_names(out, recorder, lanes, trace);
  const std::int64_t first = trace.events.empty() ? 0 : trace.events.front().at_ns;
  for (const Event& event : trace.events) {
    const double at = microseconds(event.at_ns - first);
    if (const auto* span = std::get_if<SpanRecord>(&event.record)) {
      write_span(out, event, *span, at);
    } else if (const auto* flow = std::get_if<FlowRecord>(&event.record)) {
      write_flow(out, event, *flow, at);
    } else if (const auto* count = std::get_if<CountRecord>(&event.record)) {
      write_count(out, event, *count, at);
    }
  }
  out.end_array();
  out.end_object();
  return out.take();
}

}  // namespace plimsoll::executor
