// Folders that go away with the test, whole files, and instances to play with.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace plimsoll::test {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "plimsoll-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no folder for temporary files";
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  // Writes the file and returns its path.
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return file(name);
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
  }

 private:
  std::filesystem::path path_;
};

inline std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Eight experts on four devices with three slots each.
inline std::string small_instance() {
  return R"({"plimsoll": 1, "problem": "experts", "name": "small",
 "model": {"layers": 1, "experts": 8},
 "cluster": {"nodes": 1, "devices_per_node": 4, "slots": 3},
 "load": [[600, 560, 120, 110, 90, 40, 30, 10]]})";
}

// Eight experts, but four slots in all.
inline std::string impossible_instance() {
  return R"({"plimsoll": 1, "problem": "experts", "name": "impossible",
 "model": {"layers": 1, "experts": 8},
 "cluster": {"nodes": 1, "devices_per_node": 4, "slots": 1},
 "load": [[600, 560, 120, 110, 90, 40, 30, 10]]})";
}

}  // namespace plimsoll::test
