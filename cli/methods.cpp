#include <algorithm>
#include <memory>
#include <string>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "planner/common/problem.hpp"

namespace plimsoll::cli {
namespace {

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, text.size()) + 2, ' ');
}

std::string table_of(const common::ProblemKind& kind) {
  std::string text;
  for (const auto& list : kind.methods()) {
    std::size_t name_width = 0;
    std::size_t supports_width = 0;
    for (const auto& method : list.methods) {
      name_width = std::max(name_width, method.name.size());
      supports_width = std::max(supports_width, method.supports.size());
    }
    text += std::string(list.of) + (list.of == kind.name ? ": " + std::string(kind.summary) : ":") + "\n";
    for (const auto& method : list.methods) {
      text += "  " + padded(method.name, name_width) + padded(method.supports, supports_width);
      text += std::string(method.help) + "\n";
    }
  }
  return text;
}

int methods(const std::string& problem) {
  std::string text;
  if (!problem.empty()) {
    try {
      text = table_of(find_problem(problem));
    } catch (const Error& error) {
      // There the name stood in a document, here it is an argument: no pointer.
      throw Error(ErrorCode::usage, error.what(), {}, error.advice());
    }
  } else {
    for (const auto& kind : problems()) text += (text.empty() ? "" : "\n") + table_of(kind);
  }
  print_data(text);
  return exit_done;
}

}  // namespace

Verb add_methods(CLI::App& program) {
  CLI::App* command = program.add_subcommand("methods", "List the methods: name, what it supports, what it does");
  command->footer("Example:\n  plimsoll methods experts");
  const auto problem = std::make_shared<std::string>();
  command->add_option("PROBLEM", *problem, "Only the methods of this problem");
  return {command, [problem] { return methods(*problem); }};
}

}  // namespace plimsoll::cli
