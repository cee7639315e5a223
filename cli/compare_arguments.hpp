// The words of `plimsoll compare`, and what can be said against them before anything runs.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "planner/common/problem.hpp"
#include "planner/compare/comparison.hpp"

namespace plimsoll::cli {

struct CompareArguments {
  std::vector<std::string> instances;
  std::optional<std::string> methods;
  std::optional<std::string> work_limit;
  std::optional<std::string> time_limit;
  std::string seeds = "1";
  std::string threads = "1";
  std::string gap = "0";
  std::string jobs = "1";
  std::string format = "json";
  std::optional<std::string> kill_after;
  std::optional<std::string> best;
  std::optional<std::string> resume;
  std::optional<std::string> csv;
  std::optional<std::string> json;
  std::optional<std::string> markdown;
  std::optional<std::string> html;
  std::optional<std::string> rolling;
  std::optional<std::string> max_moves;
  std::string title;
  bool quiet = false;

  // Option and path of each output that was asked for.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> outputs() const;
};

// All throw Error(usage) or Error(file) where something is wrong.

compare::Limits limits_of(const CompareArguments& arguments);
void check_inputs(const CompareArguments& arguments);
// A list of names parted by commas, none empty and none twice; `option` stands in the message.
std::vector<std::string> split_names(const std::string& option, const std::string& list,
                                     const std::string& advice = {});
// Whatever would fail at the end fails now, before hours of runs.
void check_outputs(const CompareArguments& arguments);
// Those of --methods, each a method of every kind; by default all that the kinds have in common.
std::vector<std::string> chosen_methods(const CompareArguments& arguments,
                                        const std::vector<common::MethodList>& kinds);
// A path that names a folder means the journal in it.
std::string journal_path(const std::string& resume);

}  // namespace plimsoll::cli
