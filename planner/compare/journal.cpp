#include "planner/compare/journal.hpp"

#include <limits>
#include <utility>
#include <vector>

#include "plimsoll/error.hpp"
#include "support/json_text.hpp"

namespace plimsoll::compare {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr double infinite = std::numeric_limits<double>::max();
constexpr std::string_view line_begin = "{\"plimsoll\": 1,\"journal\":";

// Line breaks of the writer are layout: in texts they are escaped.
std::string on_one_line(const std::string& json) {
  std::string line;
  for (std::size_t k = 0; k < json.size(); ++k) {
    if (json[k] != '\n') {
      line += json[k];
      continue;
    }
    while (k + 1 < json.size() && json[k + 1] == ' ') ++k;
  }
  return line + "\n";
}

std::string text_of(const std::optional<double>& number) { return number ? support::number_text(*number) : "null"; }

void write_number(support::Writer& writer, std::string_view key, const std::optional<double>& number) {
  writer.key(key);
  if (number) {
    writer.value(*number);
  } else {
    writer.null();
  }
}

std::optional<double> number_or_null(const support::Reader& place) {
  if (place.json().is_null()) return std::nullopt;
  return place.number(-infinite, infinite);
}

std::uint64_t whole(const support::Reader& place) { return static_cast<std::uint64_t>(place.integer(0, most)); }

void write_trace(support::Writer& writer, const std::vector<TracePoint>& trace) {
  std::string rows;
  for (const TracePoint& point : trace) {
    rows += (rows.empty() ? "[" : ", [") + support::number_text(point.seconds) + ", " + std::to_string(point.work) +
            ", " + text_of(point.objective) + ", " + text_of(point.bound) + "]";
  }
  writer.key("trace").raw("[" + rows + "]");
}

std::vector<TracePoint> trace_in(const support::Reader& place) {
  std::vector<TracePoint> trace;
  for (const support::Reader& row : place.elements()) {
    const auto cells = row.elements();
    if (cells.size() != 4) row.fail("[seconds, work, objective, bound]");
    trace.push_back(
        {cells[0].number(0, infinite), whole(cells[1]), number_or_null(cells[2]), number_or_null(cells[3])});
  }
  return trace;
}

// Calls action(line, number) for each line that ends in a newline; returns the bytes of those.
template <class Action>
std::size_t for_each_whole_line(std::string_view text, const Action& action) {
  std::size_t begin = 0;
  for (std::size_t number = 1;; ++number) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) return begin;
    if (end > begin) action(text.substr(begin, end - begin), number);
    begin = end + 1;
  }
}

}  // namespace

std::string RunKey::text() const {
  return instance_sha256 + " " + method + " " + std::to_string(seed) + " " + text_of(limits.time_limit_seconds) + " " +
         (limits.work_limit ? std::to_string(*limits.work_limit) : "null") + " " + std::to_string(limits.threads) +
         " " + support::number_text(limits.gap) + " " + limits.version;
}

void write_limits(support::Writer& writer, const Limits& limits) {
  write_number(writer, "time_limit_seconds", limits.time_limit_seconds);
  writer.key("work_limit");
  if (limits.work_limit) {
    writer.value(*limits.work_limit);
  } else {
    writer.null();
  }
  writer.key("threads").value(limits.threads).key("gap").value(limits.gap).key("version").value(limits.version);
}

Limits read_limits(support::Reader& place) {
  Limits limits;
  limits.time_limit_seconds = number_or_null(place.member("time_limit_seconds"));
  const support::Reader work = place.member("work_limit");
  if (!work.json().is_null()) limits.work_limit = whole(work);
  limits.threads = static_cast<int>(place.member("threads").integer(1, 1 << 20));
  limits.gap = place.member("gap").number(0, infinite);
  limits.version = place.member("version").text();
  return limits;
}

void write_run(support::Writer& writer, const Run& run) {
  writer.begin_object().key("status").value(name_of(run.status));
  write_number(writer, "objective", run.objective);
  write_number(writer, "bound", run.bound);
  writer.key("bound_method").value(run.bound_method).key("bound_evidence").value(run.bound_evidence);
  writer.key("stopped_by").value(run.stopped_by).key("seconds").value(run.seconds);
  writer.key("cpu_seconds").value(run.cpu_seconds).key("work").value(run.work).key("verified").value(run.verified);
  writer.key("violations").begin_array();
  for (const std::string& violation : run.violations) writer.value(violation);
  writer.end_array().key("reason").value(run.reason);
  write_trace(writer, run.trace);
  writer.key("machine").value(run.machine).key("jobs").value(run.jobs).key("finished").value(run.finished);
  writer.end_object();
}

Run read_run(support::Reader place) {
  Run run;
  const support::Reader status = place.member("status");
  const auto named = status_named(status.text());
  if (!named) status.fail("a status such as \"optimal\"");
  run.status = *named;
  run.objective = number_or_null(place.member("objective"));
  run.bound = number_or_null(place.member("bound"));
  run.bound_method = place.member("bound_method").text();
  run.bound_evidence = place.member("bound_evidence").text();
  run.stopped_by = place.member("stopped_by").text();
  run.seconds = place.member("seconds").number(0, infinite);
  run.cpu_seconds = place.member("cpu_seconds").number(0, infinite);
  run.work = whole(place.member("work"));
  run.verified = place.member("verified").boolean();
  for (const support::Reader& violation : place.member("violations").elements()) {
    run.violations.push_back(violation.text());
  }
  run.reason = place.member("reason").text();
  run.trace = trace_in(place.member("trace"));
  run.machine = place.member("machine").text();
  run.jobs = static_cast<int>(place.member("jobs").integer(1, 1 << 20));
  run.finished = place.member("finished").text();
  place.done();
  if (run.status == RunStatus::optimal || run.status == RunStatus::feasible) {
    if (!run.objective) place.fail("an objective, since the status says that there is a plan");
  }
  return run;
}

std::string journal_line(const RunKey& key, const Run& run) {
  support::Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("journal").begin_object();
  writer.key("instance").value(key.instance_sha256).key("method").value(key.method).key("seed").value(key.seed);
  write_limits(writer, key.limits);
  writer.end_object().key("run");
  write_run(writer, run);
  return on_one_line(writer.end_object().take());
}

Journal read_journal(std::string_view text) {
  Journal journal;
  journal.whole_bytes = for_each_whole_line(text, [&](std::string_view line, std::size_t number) {
    try {
      const support::Json json = support::parse(line);
      support::Reader root(json);
      static_cast<void>(root.member("plimsoll").integer(1, 1));
      support::Reader place = root.member("journal");
      RunKey key;
      key.instance_sha256 = place.member("instance").text();
      key.method = place.member("method").text();
      key.seed = whole(place.member("seed"));
      key.limits = read_limits(place);
      place.done();
      Run run = read_run(root.member("run"));
      root.done();
      journal.runs.emplace(key.text(), std::move(run));
    } catch (const Error& error) {
      throw Error(ErrorCode::input,
                  "line " + std::to_string(number) + " is no run of a comparison: " +
                      (error.pointer().empty() ? "" : error.pointer() + ": ") + error.what(),
                  {}, "Maybe this is no journal of plimsoll compare.");
    }
  });
  // A line that was cut off while it was written begins like any other.
  const std::string_view torn = text.substr(journal.whole_bytes);
  const std::size_t common = std::min(torn.size(), line_begin.size());
  if (torn.substr(0, common) != line_begin.substr(0, common)) {
    throw Error(ErrorCode::input, "the last line is no run of a comparison", {},
                "Maybe this is no journal of plimsoll compare.");
  }
  return journal;
}

ReadTrace read_trace(std::string_view text) {
  ReadTrace trace;
  for_each_whole_line(text, [&](std::string_view line, std::size_t) {
    try {
      const support::Json json = support::parse(line);
      support::Reader root(json);
      if (const auto error = root.optional_member("error")) {
        const std::string message = root.member("message").text();
        (error->text() == "unsupported" ? trace.refusal : trace.error) = message;
        return;
      }
      TracePoint point;
      point.seconds = root.member("seconds").number(0, infinite);
      point.work = whole(root.member("work"));
      point.objective = number_or_null(root.member("objective"));
      point.bound = number_or_null(root.member("bound"));
      trace.points.push_back(point);
    } catch (const Error&) {
      // A trace is for drawing; what cannot be read is not drawn.
    }
  });
  return trace;
}

}  // namespace plimsoll::compare
