// Golden files: documents that must be read, and documents that must be refused with a certain message.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

namespace plimsoll::testing {

// One line of an expected.txt: file, JSON pointer and a part of the message, parted by tabs.
struct Refusal {
  std::string file;
  std::string pointer;
  std::string message;
  friend std::ostream& operator<<(std::ostream& out, const Refusal& refusal) { return out << refusal.file; }
};

inline std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(PLIMSOLL_SOURCE_DIR) / "tests" / "golden" / name;
}

inline std::vector<std::string> documents_in(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(golden(folder))) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Golden files of instances with micro-steps, and of plans for them, stand among the others.
inline bool of_a_step(const std::string& path) {
  return std::filesystem::path(path).filename().string().starts_with("step_");
}

inline std::vector<std::string> documents_in(const std::string& folder, bool of_steps) {
  std::vector<std::string> paths = documents_in(folder);
  std::erase_if(paths, [&](const std::string& path) { return of_a_step(path) != of_steps; });
  return paths;
}

inline std::vector<Refusal> refusals_in(const std::string& folder) {
  std::vector<Refusal> refusals;
  std::ifstream table(golden(folder) / "expected.txt");
  for (std::string line; std::getline(table, line);) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    refusals.push_back({(golden(folder) / line.substr(0, first)).string(), line.substr(first + 1, second - first - 1),
                        line.substr(second + 1)});
  }
  return refusals;
}

inline std::vector<Refusal> refusals_in(const std::string& folder, bool of_steps) {
  std::vector<Refusal> refusals = refusals_in(folder);
  std::erase_if(refusals, [&](const Refusal& refusal) { return of_a_step(refusal.file) != of_steps; });
  return refusals;
}

inline bool is_one_line(const std::string& text) {
  return !text.empty() &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// A name for a parameterised test: the file's name without its ending.
inline std::string stem_of(const std::string& path) {
  std::string stem = std::filesystem::path(path).stem().string();
  for (char& character : stem) {
    if (std::isalnum(static_cast<unsigned char>(character)) == 0) character = '_';
  }
  return stem;
}

}  // namespace plimsoll::testing
