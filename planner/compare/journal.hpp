// Runs as lines of JSON: the journal of a comparison, to which each run is added when it has ended, so that an
// interrupted comparison goes on where it was. docs/formats.md, "The journal".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "planner/compare/comparison.hpp"
#include "support/json.hpp"

namespace plimsoll::compare {

// What a run is a function of, but for the machine.
struct RunKey {
  std::string instance_sha256;
  std::string method;
  std::uint64_t seed = 0;
  Limits limits;

  // The same text for equal keys, and only for them.
  [[nodiscard]] std::string text() const;
};

// One line, ending in a newline.
std::string journal_line(const RunKey& key, const Run& run);

struct Journal {
  std::map<std::string, Run> runs;  // by RunKey::text(); of two runs with one key, the first
  std::size_t whole_bytes = 0;      // what comes behind is a line that was never finished
};

// Throws Error(input) that names the line where it is no line of a journal. A torn last line is left out.
Journal read_journal(std::string_view text);

// The same run as an object of the JSON report.
void write_run(support::Writer& writer, const Run& run);
Run read_run(support::Reader place);
void write_limits(support::Writer& writer, const Limits& limits);
Limits read_limits(support::Reader& place);

// Lines of `solve --trace`. Those that are no points, and a torn last line, are left out; the message of an error line
// goes into `refusal` where the error is that the method does not support the instance, else into `error`.
struct ReadTrace {
  std::vector<TracePoint> points;
  std::optional<std::string> refusal;
  std::optional<std::string> error;
};
ReadTrace read_trace(std::string_view text);

}  // namespace plimsoll::compare
