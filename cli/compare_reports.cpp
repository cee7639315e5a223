#include "cli/compare_reports.hpp"

#include <filesystem>

#include "cli/exit_codes.hpp"
#include "support/markup.hpp"

namespace plimsoll::cli {

std::string name_of(const OpenedInstance& opened, const std::string& path) {
  const std::string& name = opened.instance->name();
  if (!name.empty()) return support::legible(name);
  return support::legible(path == "-" ? "standard input" : std::filesystem::path(path).stem().string());
}

int end_with(const std::vector<std::string>& faults) {
  if (faults.empty()) return exit_done;
  print_note("plimsoll: " + std::to_string(faults.size()) + (faults.size() == 1 ? " fault: " : " faults, the first: ") +
             faults.front() + "\n");
  return exit_wrong;
}

}  // namespace plimsoll::cli
