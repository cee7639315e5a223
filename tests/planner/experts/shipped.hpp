// The instances of instances/experts/, and a short way to solve one.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "plimsoll/solve.hpp"

namespace plimsoll::testing {

inline std::filesystem::path shipped_folder() {
  return std::filesystem::path(PLIMSOLL_SOURCE_DIR) / "instances" / "experts";
}

inline ExpertInstance shipped(const std::string& name) {
  return read_experts((shipped_folder() / (name + ".json")).string());
}

inline std::vector<std::string> shipped_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(shipped_folder())) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline ExpertSolution solve_with(const ExpertInstance& instance, const std::string& method,
                                 std::uint64_t work_limit = 2'000'000, int threads = 1) {
  SolveOptions options;
  options.method = method;
  options.work_limit = work_limit;
  options.threads = threads;
  return solve(instance, options);
}

}  // namespace plimsoll::testing
