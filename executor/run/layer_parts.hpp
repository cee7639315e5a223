// Where the time of whole layers goes, part by part, beside what each part has to do at least.
#pragma once

#include <string_view>
#include <vector>

#include "executor/run/run_plan.hpp"
#include "executor/run/runner.hpp"

namespace plimsoll::executor {

struct LayerPart {
  std::string_view name;
  double seconds = 0;
  double flops = 0;
  double bytes = 0;  // both 0: not counted
};

// In the order of a layer, summed over windows; parts that took no time are left out. `experts` has their flops and
// bytes.
[[nodiscard]] std::vector<LayerPart> layer_parts(const RunPlan& plan, const RunResult& result, const ModelShape& shape,
                                                 const PartCounts& experts);

}  // namespace plimsoll::executor
