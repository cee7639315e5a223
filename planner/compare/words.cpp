#include "planner/compare/words.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "support/json_text.hpp"

namespace plimsoll::compare {
namespace {

std::string shown(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "; ") + word;
  return text;
}

std::string limits_text(const Limits& limits) {
  std::string text;
  if (limits.time_limit_seconds) text = support::number_text(*limits.time_limit_seconds) + " s";
  if (limits.work_limit) text += (text.empty() ? "" : ", ") + std::to_string(*limits.work_limit) + " units of work";
  if (text.empty()) text = "the default work of each problem";
  if (limits.gap > 0) text += ", gap " + support::number_text(100 * limits.gap) + " %";
  return text + " per run";
}

std::string seeds_text(const std::vector<std::uint64_t>& seeds) {
  if (seeds.size() == 1) return std::to_string(seeds.front());
  return std::to_string(seeds.front()) + " to " + std::to_string(seeds.back());
}

// "2026-01-31T12:00:00Z" as "2026-01-31 12:00 UTC"
std::string minute_of(const std::string& time) {
  return time.size() == 20 ? time.substr(0, 10) + " " + time.substr(11, 5) + " UTC" : time;
}

std::string dates(const Comparison& comparison) {
  std::string first;
  std::string last;
  for (const Run& run : comparison.runs) {
    if (run.finished.empty()) continue;
    if (first.empty() || run.finished < first) first = run.finished;
    if (run.finished > last) last = run.finished;
  }
  first = minute_of(first);
  last = minute_of(last);
  return first == last ? first : first + " to " + last;
}

}  // namespace

std::string objective_text(const std::optional<double>& value) { return value ? shown("%.9g", *value) : nothing; }

std::string percent_text(const std::optional<double>& ratio) {
  if (!ratio) return nothing;
  const double percent = 100 * *ratio;
  if (percent == 0) return "0";
  if (std::abs(percent) < 0.00005) return percent < 0 ? ">-0.0001" : "<0.0001";
  return shown(std::abs(percent) < 1000 ? "%.4f" : "%.4g", percent);
}

std::string seconds_text(const std::optional<double>& seconds) {
  if (!seconds) return nothing;
  if (*seconds < 9.9995) return shown("%.3f", *seconds);
  return shown(*seconds < 999.95 ? "%.1f" : "%.0f", *seconds);
}

std::string part_of(std::size_t part, std::size_t whole) {
  return std::to_string(part) + " of " + std::to_string(whole);
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::vector<std::string> machines(const Comparison& comparison) {
  std::vector<std::string> found;
  for (const Run& run : comparison.runs) {
    if (!run.machine.empty() && std::find(found.begin(), found.end(), run.machine) == found.end()) {
      found.push_back(run.machine);
    }
  }
  return found;
}

int most_jobs(const Comparison& comparison) {
  int most = 1;
  for (const Run& run : comparison.runs) most = std::max(most, run.jobs);
  return most;
}

std::vector<std::pair<std::string, std::string>> conditions(const Comparison& comparison) {
  const Limits& limits = comparison.limits;
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back("limits",
                     limits_text(limits) + ", " + counted(static_cast<std::size_t>(limits.threads), "thread"));
  lines.emplace_back("runs", counted(comparison.instances.size(), "instance") + ", " +
                                 counted(comparison.methods.size(), "method") + ", " +
                                 (comparison.seeds.size() == 1 ? "seed " : "seeds ") + seeds_text(comparison.seeds));
  const int jobs = most_jobs(comparison);
  lines.emplace_back("at once", jobs == 1 ? "1 run" : std::to_string(jobs) + " runs, so that times disturb each other");
  lines.emplace_back("machine", joined(machines(comparison)));
  lines.emplace_back("version", "plimsoll " + limits.version);
  if (!dates(comparison).empty()) lines.emplace_back("date", dates(comparison));
  if (!comparison.references.empty()) lines.emplace_back("references", comparison.references);
  lines.emplace_back("command", comparison.command);
  return lines;
}

}  // namespace plimsoll::compare
