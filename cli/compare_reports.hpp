// What every kind of comparison does with its instances' names and with its reports.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "cli/compare_arguments.hpp"
#include "cli/documents.hpp"
#include "cli/terminal.hpp"
#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::cli {

// The instance's own name, or that of its file.
std::string name_of(const OpenedInstance& opened, const std::string& path);
// Throws Error(usage) where two paths lead to the same instance. `instances` have path and sha256.
template <class Instances>
void refuse_same_instance(const Instances& instances, const std::string& path, const std::string& sha256) {
  for (const auto& other : instances) {
    if (other.sha256 != sha256) continue;
    throw Error(ErrorCode::usage, support::in_quotes(other.path, 400) + " and " + support::in_quotes(path, 400) +
                                      " are the same instance");
  }
}

// Names that stand there twice get their path behind them.
template <class Instances>
void part_names(Instances& instances) {
  std::vector<std::string> names;
  for (const auto& instance : instances) names.push_back(instance.name);
  for (auto& instance : instances) {
    if (std::count(names.begin(), names.end(), instance.name) > 1) instance.name += " (" + instance.path + ")";
  }
}

// Writes each report that was asked for, and the text on standard output unless something else goes there.
template <class Report>
void write_reports(const CompareArguments& arguments, const Report& report) {
  if (arguments.csv) write_output(*arguments.csv, to_csv(report));
  if (arguments.json) write_output(*arguments.json, to_json(report));
  if (arguments.markdown) write_output(*arguments.markdown, to_markdown(report));
  if (arguments.html) write_output(*arguments.html, to_html(report));
  bool printed = false;
  for (const auto& [option, path] : arguments.outputs()) printed = printed || path == "-";
  if (!printed) print_data(to_text(report));
}

// The exit code, and a line on standard error where there are faults.
int end_with(const std::vector<std::string>& faults);

}  // namespace plimsoll::cli
