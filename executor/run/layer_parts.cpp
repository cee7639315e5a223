#include "executor/run/layer_parts.hpp"

#include "executor/attention/layout.hpp"
#include "executor/run/run_loads.hpp"

namespace plimsoll::executor {
namespace {

enum : std::size_t { expert_norm = attention_parts, the_router, the_experts, the_combine };

}  // namespace

std::string_view name_of_part(std::size_t part) {
  constexpr std::string_view names[] = {"expert norm", "route", "experts", "combine"};
  if (part >= attention_parts) return names[part - attention_parts];
  const auto which = static_cast<AttentionPart>(part);
  return which == AttentionPart::norm ? "attention norm" : name_of(which);
}

std::array<double, layer_part_count> seconds_of_parts(const WindowTimes& window) {
  std::array<double, layer_part_count> seconds{};
  for (std::size_t part = 0; part < attention_parts; ++part) {
    seconds[part] = static_cast<double>(window.attention.times.ns[part]) * 1e-9;
  }
  seconds[expert_norm] = window.normalise_seconds;
  seconds[the_router] = window.route_seconds;
  seconds[the_experts] = window.expert_seconds;
  seconds[the_combine] = window.combine_seconds;
  return seconds;
}

std::vector<LayerPart> layer_parts(const RunPlan& plan, const RunResult& result, const ModelShape& shape,
                                   const PartCounts& of_experts) {
  std::vector<LayerPart> parts(layer_part_count);
  for (std::size_t part = 0; part < layer_part_count; ++part) parts[part].name = name_of_part(part);
  const std::vector<int> tokens_of = tokens_of_microsteps(plan, shape.router.top_k);
  const double width = shape.expert.width;
  ExpertShape shared = shape.expert;
  shared.inner = shape.shared.inner;
  for (std::size_t w = 0; w < result.windows.size(); ++w) {
    const WindowTimes& window = result.windows[w];
    const std::array<double, layer_part_count> seconds = seconds_of_parts(window);
    for (std::size_t part = 0; part < layer_part_count; ++part) parts[part].seconds += seconds[part];
    for (std::size_t part = 0; part < attention_parts; ++part) {
      parts[part].flops += window.attention.counts[part].flops;
      parts[part].bytes += window.attention.counts[part].bytes;
    }
    const double tokens = tokens_of[static_cast<std::size_t>(plan.windows[w].microstep)];
    // The router's weights, the parts and x are f32.
    parts[the_router].flops += 2 * width * shape.router.experts * tokens;
    parts[the_router].bytes += width * shape.router.experts * sizeof(float);
    parts[the_combine].bytes += tokens * width * sizeof(float) * (shape.router.top_k + 2);
    if (shared.inner == 0 || tokens == 0) continue;
    parts[the_combine].flops += flops_per_token(shared) * tokens;
    parts[the_combine].bytes += 3 * width * shared.inner * static_cast<double>(bytes_of(shape.type));
  }
  parts[the_experts].flops = of_experts.flops;
  parts[the_experts].bytes = of_experts.bytes;
  std::erase_if(parts, [](const LayerPart& part) { return part.seconds <= 0; });
  return parts;
}

}  // namespace plimsoll::executor
