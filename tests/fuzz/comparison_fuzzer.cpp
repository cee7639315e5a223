// Any bytes as best known values in both forms, as a journal and as a trace: read them or refuse them with an Error.
// What was read of a journal survives being written again; whatever a name holds, its report is one safe text.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "planner/compare/journal.hpp"
#include "planner/compare/reference.hpp"
#include "planner/compare/report.hpp"
#include "plimsoll/error.hpp"

namespace {

using namespace plimsoll;
using namespace plimsoll::compare;

void references(std::string_view text, ReferenceFormat format) {
  try {
    const auto list = read_references(text, format);
    for (const Reference& one : list) {
      if (one.value && !std::isfinite(*one.value)) std::abort();
      if (one.bound && !std::isfinite(*one.bound)) std::abort();
      if (one.name.empty()) std::abort();
    }
    if (!list.empty()) find_reference(list, list.back().name, "folder/" + list.front().name + ".json");
  } catch (const Error&) {
  }
}

void report_on(const Journal& journal) {
  Comparison comparison;
  comparison.limits.version = "0";
  comparison.methods = {"<m>"};
  comparison.seeds = {1};
  for (const auto& [key, run] : journal.runs) {
    comparison.instances.push_back({key, key, "p", std::string(64, '0'), std::nullopt});
    comparison.runs.push_back(run);
  }
  const Report report = make_report(comparison);
  const std::string json = to_json(report);
  if (to_json(make_report(read_comparison(json))) != json) std::abort();
  to_html(report);
  to_markdown(report);
  to_csv(report);
  to_text(report);
}

void journal(std::string_view text) {
  Journal read;
  try {
    read = read_journal(text);
  } catch (const Error&) {
    return;
  }
  if (read.whole_bytes > text.size()) std::abort();
  for (const auto& [key, run] : read.runs) {
    RunKey other;
    const Journal again = read_journal(journal_line(other, run));
    if (again.runs.size() != 1 || journal_line(other, again.runs.begin()->second) != journal_line(other, run)) {
      std::abort();
    }
  }
  if (read.runs.size() <= 20) report_on(read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  references(text, ReferenceFormat::csv);
  references(text, ReferenceFormat::solu);
  references(text, reference_format("-", text));
  journal(text);
  read_trace(text);
  return 0;
}
