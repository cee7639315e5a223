// The runs of a comparison: each is a process of this very program that solves, then another that checks the plan, so
// that no method touches another and a crash ends nothing but its own run. What has ended stands in a journal.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "planner/compare/comparison.hpp"

namespace plimsoll::cli {

// The journal as a file: read at first, then added to. One comparison at a time uses it.
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

struct Progressed {
  std::size_t done = 0;
  std::size_t all = 0;
  std::string now;  // "local on gap-a, seed 2"
};

struct RunOptions {
  std::string folder;               // for plans and traces, emptied run by run
  std::vector<std::string> inputs;  // per instance: the file that is standard input where its path is "-"
  std::string format = "json";
  double kill_after_seconds = 3600;  // of each process
  int jobs = 1;
  std::string machine;
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const Progressed&)> progress;
};

// Fills in comparison.runs, from the journal where it has them. False where it was stopped before all were done.
bool make_runs(compare::Comparison& comparison, JournalFile& journal, const RunOptions& options);

}  // namespace plimsoll::cli
