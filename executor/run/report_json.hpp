// The report of a run as JSON (docs/formats.md, "The report of a run").
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "executor/run/run_summary.hpp"

namespace plimsoll::executor {

// What attention there was.
struct AttentionFacts {
  AttentionLayerShape shape;
  AttentionRequest request;
  int sequences = 0;  // of the largest micro-step
  std::int64_t weight_bytes = 0;
  std::int64_t cache_bytes = 0;
};

struct RunFacts {
  std::string instance;
  std::string machine;
  std::string command;
  std::string isa;
  int threads = 0;
  int seats = 0;
  bool predicted_in_seconds = false;  // the cost was measured on a machine; else predictions are in units of their own
  std::optional<AttentionFacts> attention = {};
  bool verified = false;  // the output was compared with that of a run without a plan
};

// `control` is the run with everything preloaded, or null.
[[nodiscard]] std::string report_json(const RunFacts& facts, const RunPlan& plan, const ModelShape& shape,
                                      std::size_t expert_bytes, const RunResult& result, const RunResult* control);

}  // namespace plimsoll::executor
