// A rolling comparison: methods that plan again and again for the next micro-step. Plain data, what is derived of it,
// and the ways to write it down; all are functions of the data alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "planner/common/rolling.hpp"

namespace plimsoll::compare {

struct RollingEntry {
  std::string method;
  std::optional<std::int64_t> max_moves;  // of each planning
  common::RollingRun run;
};

struct RollingInstance {
  std::string name;  // unlike all others of the comparison
  std::string path;
  std::string problem;
  std::string sha256;
  int microsteps = 0;
  std::vector<double> least;  // [micro-steps] imbalance that no placement can undercut
  std::vector<RollingEntry> entries;
};

struct RollingComparison {
  std::string title;
  std::string command;
  std::string version;
  int window = 1;
  std::optional<std::uint64_t> work_limit;
  std::uint64_t seed = 1;
  std::vector<RollingInstance> instances;
};

// "local", "local, at most 50 moves"
std::string name_of(const RollingEntry& entry);

// Over all plannings of an entry; nothing where the method refused.
struct RollingSummary {
  double imbalance = 1;  // mean
  double worst = 1;      // the largest of any layer
  double planned = 1;    // mean, on what was known
  double least = 1;      // mean over the same micro-steps
  double moves = 0;      // mean of those plannings that found something standing
  std::int64_t all_moves = 0;
  double moved_bytes = 0;  // in all
  std::uint64_t work = 0;  // in all
};
std::optional<RollingSummary> summarise(const RollingInstance& instance, const RollingEntry& entry);

// Plans that the checker refuses, one sentence each.
std::vector<std::string> faults(const RollingComparison& comparison);
// What came of it, for people.
std::vector<std::string> findings(const RollingComparison& comparison);

std::string to_text(const RollingComparison& comparison);
std::string to_csv(const RollingComparison& comparison);
std::string to_json(const RollingComparison& comparison);
std::string to_markdown(const RollingComparison& comparison);
std::string to_html(const RollingComparison& comparison);

}  // namespace plimsoll::compare
