// The report of a run as JSON (docs/formats.md, "The report of a run").
#pragma once

#include <string>

#include "executor/run/run_summary.hpp"

namespace plimsoll::executor {

struct RunFacts {
  std::string instance;
  std::string machine;
  std::string command;
  std::string isa;
  int threads = 0;
  int seats = 0;
  bool predicted_in_seconds = false;  // the cost was measured on a machine; else predictions are in units of their own
  bool verified = false;              // the output was compared with that of a run without a plan
};

// `control` is the run with everything preloaded, or null.
[[nodiscard]] std::string report_json(const RunFacts& facts, const RunPlan& plan, const ModelShape& shape,
                                      std::size_t expert_bytes, const RunResult& result, const RunResult* control);

}  // namespace plimsoll::executor
