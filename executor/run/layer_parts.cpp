#include "executor/run/layer_parts.hpp"

#include "executor/attention/layout.hpp"
#include "executor/kernels/expert_kernel.hpp"
#include "executor/run/run_loads.hpp"

namespace plimsoll::executor {

std::vector<LayerPart> layer_parts(const RunPlan& plan, const RunResult& result, const ModelShape& shape,
                                   const PartCounts& experts) {
  std::vector<LayerPart> parts;
  for (std::size_t part = 0; part < static_cast<std::size_t>(AttentionPart::count); ++part) {
    const auto which = static_cast<AttentionPart>(part);
    LayerPart& sum = parts.emplace_back();
    sum.name = which == AttentionPart::norm ? "attention norm" : name_of(which);
    for (const WindowTimes& window : result.windows) {
      sum.seconds += static_cast<double>(window.attention.times.ns[part]) * 1e-9;
      sum.flops += window.attention.counts[part].flops;
      sum.bytes += window.attention.counts[part].bytes;
    }
  }

  LayerPart norm{"expert norm"};
  LayerPart route{"route"};
  LayerPart all{"experts", 0, experts.flops, experts.bytes};
  LayerPart combine{"combine"};
  const std::vector<int> tokens_of = tokens_of_microsteps(plan, shape.router.top_k);
  const double width = shape.expert.width;
  const double number = static_cast<double>(number_bytes(shape.type));
  ExpertShape shared = shape.expert;
  shared.inner = shape.shared.inner;
  for (std::size_t w = 0; w < result.windows.size(); ++w) {
    const WindowTimes& window = result.windows[w];
    norm.seconds += window.normalise_seconds;
    route.seconds += window.route_seconds;
    all.seconds += window.expert_seconds;
    combine.seconds += window.combine_seconds;
    const double tokens = tokens_of[static_cast<std::size_t>(plan.windows[w].microstep)];
    // Logits in f32; parts and x in f32, and the shared experts' weights.
    route.flops += 2 * width * shape.router.experts * tokens;
    route.bytes += width * shape.router.experts * sizeof(float);
    combine.bytes += tokens * width * sizeof(float) * (shape.router.top_k + 2);
    if (shared.inner == 0 || tokens == 0) continue;
    combine.flops += flops_per_token(shared) * tokens;
    combine.bytes += 3 * width * shared.inner * number;
  }
  for (const LayerPart& part : {norm, route, all, combine}) parts.push_back(part);
  std::erase_if(parts, [](const LayerPart& part) { return part.seconds <= 0; });
  return parts;
}

}  // namespace plimsoll::executor
