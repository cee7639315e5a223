// Where the time of whole layers goes, part by part, beside what each part has to do at least.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "executor/run/run_plan.hpp"
#include "executor/run/runner.hpp"

namespace plimsoll::executor {

// The parts of attention (AttentionPart), then those of the experts' half, in the order of a layer.
inline constexpr std::size_t attention_parts = static_cast<std::size_t>(AttentionPart::count);
inline constexpr std::size_t layer_part_count = attention_parts + 4;
[[nodiscard]] std::string_view name_of_part(std::size_t part);
// Of one window; 0 where there is no such part.
[[nodiscard]] std::array<double, layer_part_count> seconds_of_parts(const WindowTimes& window);

struct LayerPart {
  std::string_view name;
  double seconds = 0;
  double flops = 0;
  double bytes = 0;  // both 0: not counted
};

// Summed over windows; parts that took no time are left out. `experts` has their flops and bytes.
[[nodiscard]] std::vector<LayerPart> layer_parts(const RunPlan& plan, const RunResult& result, const ModelShape& shape,
                                                 const PartCounts& experts);

}  // namespace plimsoll::executor
