#include "cli/compare_arguments.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>

#include "cli/arguments.hpp"
#include "cli/documents.hpp"
#include "cli/errors.hpp"
#include "plimsoll/solve.hpp"
#include "support/text.hpp"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;

constexpr double default_time_limit = 10;
constexpr const char* methods_advice = "Maybe see 'plimsoll methods'.";

bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return a == b || fs::equivalent(a, b, ignored) ||
         fs::weakly_canonical(a, ignored) == fs::weakly_canonical(b, ignored);
}

std::vector<std::string> methods_of(const common::MethodList& kind) {
  std::vector<std::string> names;
  for (const auto& method : kind.methods) names.emplace_back(method.name);
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void require_method(const std::string& name, const common::MethodList& kind) {
  const auto known = methods_of(kind);
  if (contains(known, name)) return;
  std::string list;
  for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
  const std::string meant = support::nearest(name, known);
  throw Error(
      ErrorCode::usage,
      "--methods: " + support::in_quotes(name) + " is no method of " + std::string(kind.of) + "; known: " + list, {},
      meant.empty() ? "" : "Maybe '" + meant + "' was meant.");
}

}  // namespace

std::vector<std::string> split_names(const std::string& option, const std::string& list, const std::string& advice) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin <= list.size()) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    std::string name = list.substr(begin, end - begin);
    name.erase(0, name.find_first_not_of(" \t"));
    name.erase(name.find_last_not_of(" \t") + 1);
    if (name.empty()) {
      throw Error(ErrorCode::usage, option + ": expected names parted by commas, got " + support::in_quotes(list), {},
                  advice);
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      throw Error(ErrorCode::usage, option + ": " + support::in_quotes(name) + " stands there twice");
    }
    names.push_back(std::move(name));
    begin = end + 1;
  }
  return names;
}

std::vector<std::pair<std::string, std::string>> CompareArguments::outputs() const {
  std::vector<std::pair<std::string, std::string>> list;
  const auto add = [&](const char* option, const std::optional<std::string>& path) {
    if (path) list.emplace_back(option, *path);
  };
  add("--csv", csv);
  add("--json", json);
  add("--markdown", markdown);
  add("--html", html);
  return list;
}

compare::Limits limits_of(const CompareArguments& arguments) {
  compare::Limits limits;
  if (arguments.work_limit) {
    limits.work_limit = whole_number("--work-limit", *arguments.work_limit, 1, most_whole_number);
  }
  if (arguments.time_limit) {
    limits.time_limit_seconds =
        real_number("--time-limit", *arguments.time_limit, std::numeric_limits<double>::denorm_min(), 1e9,
                    "a number of seconds above 0");
  }
  if (!arguments.work_limit && !arguments.time_limit) limits.time_limit_seconds = default_time_limit;
  limits.threads = static_cast<int>(whole_number("--threads", arguments.threads, 1, 1024));
  limits.gap = real_number("--gap", arguments.gap, 0, 1, "a number from 0 to 1");
  limits.version = version();
  return limits;
}

std::string journal_path(const std::string& resume) {
  if (resume.empty() || resume == "-") {
    throw Error(ErrorCode::usage, "--resume: expected a file or a folder, got " + support::in_quotes(resume));
  }
  std::error_code ignored;
  return fs::is_directory(resume, ignored) ? (fs::path(resume) / "journal.jsonl").string() : resume;
}

void check_outputs(const CompareArguments& arguments) {
  const auto outputs = arguments.outputs();
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const auto& [option, path] = outputs[k];
    for (std::size_t other = 0; other < k; ++other) {
      if (!same_file(path, outputs[other].second)) continue;
      throw Error(ErrorCode::usage, outputs[other].first + " and " + option + " both write to " +
                                        (path == "-" ? "standard output" : support::in_quotes(path, 400)));
    }
    require_writable(path);
    if (path == "-") continue;
    for (const std::string& instance : arguments.instances) require_writable(path, instance);
    if (arguments.best && *arguments.best != "-" && same_file(path, *arguments.best)) {
      throw Error(ErrorCode::usage, option + " would overwrite the file of --best");
    }
    if (arguments.resume && same_file(path, journal_path(*arguments.resume))) {
      throw Error(ErrorCode::usage, option + " would overwrite the file of --resume");
    }
  }
  if (arguments.resume) {
    for (const std::string& instance : arguments.instances) require_writable(journal_path(*arguments.resume), instance);
  }
}

void check_inputs(const CompareArguments& arguments) {
  if (arguments.methods) split_names("--methods", *arguments.methods, methods_advice);
  std::vector<std::string> seen;
  for (const std::string& path : arguments.instances) {
    if (contains(seen, path)) throw Error(ErrorCode::usage, support::in_quotes(path, 400) + " is given twice");
    seen.push_back(path);
  }
  if (arguments.best == "-" && contains(seen, "-")) {
    throw Error(ErrorCode::usage, "only one of INSTANCE and --best can be standard input");
  }
}

std::vector<std::string> chosen_methods(const CompareArguments& arguments,
                                        const std::vector<common::MethodList>& kinds) {
  if (arguments.methods) {
    auto names = split_names("--methods", *arguments.methods, methods_advice);
    for (const auto& kind : kinds) {
      for (const std::string& name : names) require_method(name, kind);
    }
    return names;
  }
  std::vector<std::string> common = methods_of(kinds.front());
  for (const auto& kind : kinds) {
    const auto known = methods_of(kind);
    std::erase_if(common, [&](const std::string& name) { return !contains(known, name); });
  }
  if (common.empty()) throw Error(ErrorCode::usage, "the instances are of problems that have no method in common");
  return common;
}

}  // namespace plimsoll::cli
