// The runs of a comparison: each is a process of this very program that solves, then another that checks the plan, so
// that no method touches another and a crash ends nothing but its own run. What has ended stands in a journal.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "cli/journal_file.hpp"
#include "planner/compare/comparison.hpp"

namespace plimsoll::cli {

struct Progressed {
  std::size_t done = 0;
  std::size_t all = 0;
  std::string now;  // "local on gap-a, seed 2"
};

struct RunOptions {
  std::string folder;               // for plans and traces, emptied run by run
  std::vector<std::string> paths;   // of the instances, byte for byte
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
