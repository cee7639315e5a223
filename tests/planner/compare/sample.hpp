// Comparisons to play with: two instances, three methods, two seeds, all numbers chosen by hand.
#pragma once

#include <string>

#include "planner/compare/report.hpp"

namespace plimsoll::compare::test {

inline Run planned(RunStatus status, double objective, double bound, double seconds) {
  Run run;
  run.status = status;
  run.objective = objective;
  run.bound = bound;
  run.bound_method = "area";
  run.bound_evidence = "recomputed";
  run.stopped_by = status == RunStatus::optimal ? "optimal" : "time";
  run.seconds = seconds;
  run.cpu_seconds = seconds;
  run.work = 1000;
  run.verified = true;
  run.trace = {{0.0, 0, std::nullopt, bound}, {seconds / 2, 500, objective, bound}};
  run.machine = "a machine, 2 cores";
  run.finished = "2026-01-31T12:00:00Z";
  return run;
}

inline Run refused(const std::string& why) {
  Run run;
  run.status = RunStatus::refused;
  run.reason = why;
  run.machine = "a machine, 2 cores";
  run.finished = "2026-01-31T12:00:01Z";
  return run;
}

inline Run failed(const std::string& why) {
  Run run = refused(why);
  run.status = RunStatus::failed;
  run.seconds = 1;
  return run;
}

// `wave` takes part everywhere and wins; `drift` is worse on the first instance; `reef` refuses the second.
inline Comparison sample() {
  Comparison comparison;
  comparison.command = "plimsoll compare a.json b.json";
  comparison.limits = {10.0, std::nullopt, 1, 0.0, "0.1.0"};
  comparison.methods = {"wave", "drift", "reef"};
  comparison.seeds = {1, 2};
  comparison.instances = {{"alpha", "dir/alpha.json", "experts", std::string(64, 'a'), std::nullopt},
                          {"beta", "dir/beta.json", "experts", std::string(64, 'b'), std::nullopt}};
  comparison.runs = {planned(RunStatus::optimal, 100, 100, 2),
                     planned(RunStatus::optimal, 100, 100, 4),
                     planned(RunStatus::feasible, 110, 90, 10),
                     planned(RunStatus::feasible, 120, 95, 10),
                     planned(RunStatus::feasible, 125, 80, 1),
                     planned(RunStatus::feasible, 125, 80, 1),
                     planned(RunStatus::feasible, 50, 40, 10),
                     planned(RunStatus::feasible, 50, 40, 10),
                     planned(RunStatus::feasible, 50, 45, 10),
                     planned(RunStatus::feasible, 50, 40, 10),
                     refused("reef takes no beta"),
                     refused("reef takes no beta")};
  return comparison;
}

}  // namespace plimsoll::compare::test
