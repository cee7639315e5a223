#include "executor/routing/router_presets.hpp"

#include <array>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

RouterShape softmax(int experts, int top_k, bool renormalise) {
  return {.experts = experts, .top_k = top_k, .renormalise = renormalise};
}

RouterShape grouped_softmax(int experts, int top_k, int groups, int groups_kept, float scale) {
  return {.experts = experts,
          .top_k = top_k,
          .groups = groups,
          .groups_kept = groups_kept,
          .group_score = GroupScore::best,
          .scale = scale};
}

// Sigmoids with a bias that balances the load ("noaux_tc"), renormalised.
RouterShape biased_sigmoid(int experts, int top_k, int groups, int groups_kept, float scale) {
  return {.experts = experts,
          .top_k = top_k,
          .score = RouterScore::sigmoid,
          .selection_bias = true,
          .groups = groups,
          .groups_kept = groups_kept,
          .renormalise = true,
          .scale = scale};
}

// Softmax over the chosen logits, which have a bias of the router itself.
RouterShape chosen_softmax(int experts, int top_k) {
  return {.experts = experts, .top_k = top_k, .score = RouterScore::softmax_after, .router_bias = true};
}

// MiniMax-M1 has the block of Mixtral. Kimi-K2 has that of DeepSeek-V3 with a single group.
const std::array presets{
    RouterPreset{"mixtral-8x7b", softmax(8, 2, true)},
    RouterPreset{"mixtral-8x22b", softmax(8, 2, true)},
    RouterPreset{"minimax-m1", softmax(32, 2, true)},
    RouterPreset{"qwen3-30b-a3b", softmax(128, 8, true)},
    RouterPreset{"qwen3-235b-a22b", softmax(128, 8, true)},
    RouterPreset{"olmoe-1b-7b", softmax(64, 8, false)},
    RouterPreset{"deepseek-v2-lite", softmax(64, 6, false)},
    RouterPreset{"deepseek-v2", grouped_softmax(160, 6, 8, 3, 16.0F)},
    RouterPreset{"deepseek-v3", biased_sigmoid(256, 8, 8, 4, 2.5F)},
    RouterPreset{"kimi-k2", biased_sigmoid(384, 8, 1, 1, 2.827F)},
    RouterPreset{"minimax-m2", biased_sigmoid(256, 8, 1, 1, 1.0F)},
    RouterPreset{"gpt-oss-20b", chosen_softmax(32, 4)},
    RouterPreset{"gpt-oss-120b", chosen_softmax(128, 4)},
};

}  // namespace

std::span<const RouterPreset> router_presets() { return presets; }

const RouterShape& router_preset(std::string_view name) {
  std::string names;
  for (const RouterPreset& preset : presets) {
    if (preset.name == name) return preset.shape;
    names += (names.empty() ? "" : ", ") + std::string(preset.name);
  }
  throw Error(ErrorCode::usage, "there is no router '" + std::string(name) + "', only " + names);
}

}  // namespace plimsoll::executor
