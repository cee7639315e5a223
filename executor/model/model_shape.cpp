#include "executor/model/model_shape.hpp"

#include <array>
#include <string>

#include "executor/routing/router_presets.hpp"
#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::executor {
namespace {

struct Named {
  std::string_view name;
  int width;
  int inner;
  SharedExperts shared;
};

// From the models' configurations; their routers stand in router_presets.cpp.
constexpr std::array models{
    Named{"mixtral-8x7b", 4096, 14336, {}},        Named{"olmoe-1b-7b", 2048, 1024, {}},
    Named{"qwen3-30b-a3b", 2048, 768, {}},         Named{"qwen3-235b-a22b", 4096, 1536, {}},
    Named{"deepseek-v2-lite", 2048, 1408, {2816}}, Named{"deepseek-v2", 5120, 1536, {3072}},
    Named{"deepseek-v3", 7168, 2048, {2048}},      Named{"kimi-k2", 7168, 2048, {2048}},
    Named{"gpt-oss-20b", 2880, 2880, {}},          Named{"gpt-oss-120b", 2880, 2880, {}},
};

// Shapes without a published router of their own name.
ModelShape special(std::string_view name) {
  ModelShape shape;
  shape.name = name;
  if (name == "msa-10b") {  // the pilot of arXiv 2606.13392; that its router is a renormalised softmax is assumed
    shape.expert = {.width = 2048, .inner = 1536};
    shape.router = {.experts = 64, .top_k = 4, .renormalise = true};
  } else if (name == "qwen1.5-moe-a2.7b") {
    shape.expert = {.width = 2048, .inner = 1408};
    shape.router = {.experts = 60, .top_k = 4};
    shape.shared = {.inner = 5632, .gate = true};
  } else if (name == "tiny") {  // of no model: for a first look and for tests
    shape.expert = {.width = 64, .inner = 48};
    shape.router = {.experts = 8, .top_k = 2, .renormalise = true};
  }
  return shape;
}
constexpr std::array<std::string_view, 3> specials{"msa-10b", "qwen1.5-moe-a2.7b", "tiny"};

struct NamedAttention {
  std::string_view name;
  int query_heads;
  int groups;
  int head_size;
  int index_size;
  int blocks;
  bool query_key_norm;
  double rotary_base;
};

// From the models' configurations. Where a model norms queries and keys over all heads together (OLMoE) each head has
// its own norm here, and projections have no biases (Qwen1.5 has some). Attention of another form is not here: latent
// (DeepSeek, Kimi), with sinks and windows (gpt-oss). The pilot's selection is the paper's; its rotary base is assumed.
constexpr std::array attentions{
    NamedAttention{"mixtral-8x7b", 32, 8, 128, 0, 16, false, 1e6},
    NamedAttention{"olmoe-1b-7b", 16, 16, 128, 0, 16, true, 1e4},
    NamedAttention{"qwen3-30b-a3b", 32, 4, 128, 0, 16, true, 1e6},
    NamedAttention{"qwen3-235b-a22b", 64, 4, 128, 0, 16, true, 1e6},
    NamedAttention{"qwen1.5-moe-a2.7b", 16, 16, 128, 0, 16, false, 1e6},
    NamedAttention{"msa-10b", 32, 4, 128, 128, 16, true, 1e6},
    NamedAttention{"tiny", 4, 2, 16, 16, 2, true, 1e4},
};

std::optional<ModelAttention> attention_of(std::string_view name) {
  for (const NamedAttention& known : attentions) {
    if (known.name != name) continue;
    ModelAttention attention;
    attention.sizes = {known.query_heads, known.groups, known.head_size, known.index_size, NumberType::bf16};
    attention.selection.blocks = known.blocks;
    attention.query_key_norm = known.query_key_norm;
    attention.rotary_base = known.rotary_base;
    return attention;
  }
  return std::nullopt;
}

}  // namespace

void check(const ModelAttention& attention, int width) {
  check(attention.sizes);
  check(attention.selection);
  if (width % 16 == 0) return;
  throw Error(ErrorCode::input, "attention of a model of width " + std::to_string(width), {},
              "Maybe make the width a multiple of 16.");
}

std::vector<std::string> shape_names() {
  std::vector<std::string> names;
  for (const Named& model : models) names.emplace_back(model.name);
  for (const std::string_view name : specials) names.emplace_back(name);
  return names;
}

ModelShape named_shape(std::string_view name) {
  for (const Named& model : models) {
    if (model.name != name) continue;
    ModelShape shape;
    shape.name = name;
    shape.expert = {.width = model.width, .inner = model.inner};
    if (name.starts_with("gpt-oss")) {
      shape.expert.activation = Activation::clamped_swiglu;
      shape.expert.biases = true;
    }
    shape.router = router_preset(name);
    shape.shared = model.shared;
    shape.attention = attention_of(name);
    return shape;
  }
  for (const std::string_view known : specials) {
    if (known != name) continue;
    ModelShape shape = special(name);
    shape.attention = attention_of(name);
    return shape;
  }
  std::string list;
  for (const std::string& known : shape_names()) list += (list.empty() ? "" : ", ") + known;
  const std::string meant = support::nearest(std::string(name), shape_names());
  throw Error(ErrorCode::usage, support::in_quotes(std::string(name)) + " is no model shape; known: " + list, {},
              meant.empty() ? "Maybe name a file, such as shape.json." : "Maybe '" + meant + "' was meant.");
}

ModelShape fitted(ModelShape shape, int experts, int top_k) {
  RouterShape& router = shape.router;
  router.experts = experts;
  if (top_k > 0) router.top_k = top_k;
  if (router.top_k > experts) {
    throw Error(ErrorCode::usage,
                "the shape " + shape.name + " sends a token to " + std::to_string(router.top_k) +
                    " experts, and the instance has " + std::to_string(experts),
                {}, "Maybe give the instance's model a top_k.");
  }
  const bool groups_fit = experts % router.groups == 0 && router.top_k <= experts / router.groups * router.groups_kept;
  if (!groups_fit) router.groups = router.groups_kept = 1;
  return shape;
}

}  // namespace plimsoll::executor
