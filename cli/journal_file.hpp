// The journal of a comparison as a file: read at first, then added to, line by line.
#pragma once

#include <map>
#include <string>

#include "planner/compare/comparison.hpp"

namespace plimsoll::cli {

// One comparison at a time uses it.
class JournalFile {
 public:
  // Throws Error(file), or Error(input) where the file is no journal.
  explicit JournalFile(std::string path);
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;
  ~JournalFile();

  [[nodiscard]] const std::string& path() const { return path_; }
  // The run of this key, or null.
  [[nodiscard]] const compare::Run* find(const std::string& key) const;
  void add(const std::string& line);

 private:
  std::string path_;
  int descriptor_ = -1;
  std::map<std::string, compare::Run> runs_;
};

}  // namespace plimsoll::cli
