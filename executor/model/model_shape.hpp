// The shape of the layers that a run computes: one mixture-of-experts layer, repeated, with its attention where that is
// known. A name of router_presets or a few more, or a JSON file (docs/formats.md, "The shape of a model").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "executor/attention/shape.hpp"
#include "executor/kernels/expert_shape.hpp"
#include "executor/routing/router.hpp"
#include "support/json.hpp"

namespace plimsoll::executor {

struct SharedExperts {
  int inner = 0;      // of all shared experts together: they are one wide expert; 0: none
  bool gate = false;  // their output is weighted by a sigmoid of the token's own (Qwen2-MoE)
};

struct ModelAttention {
  AttentionShape sizes;  // index_size 0: dense attention only; the type is the model's
  Selection selection;   // of sparse attention
  bool query_key_norm = true;
  bool rotary = true;
  double rotary_base = 1e6;
};

// Throws Error(input), the pointer counted from the attention's own object, for what the kernels cannot do.
void check(const ModelAttention& attention, int width);

struct ModelShape {
  std::string name;
  ExpertShape expert;
  RouterShape router;  // experts, top_k and groups as in the model; an instance may have fewer experts
  SharedExperts shared;
  NumberType type = NumberType::bf16;
  std::optional<ModelAttention> attention;
};

[[nodiscard]] std::vector<std::string> shape_names();
// Throws Error(usage) with the names that there are.
[[nodiscard]] ModelShape named_shape(std::string_view name);
// Throws Error(input).
[[nodiscard]] ModelShape read_shape(const support::Json& json);

// The shape for an instance with so many experts, of which a token uses top_k (0: the shape's own). Groups are given up
// where they do not divide the experts. Throws Error(usage) where top_k is above the experts.
[[nodiscard]] ModelShape fitted(ModelShape shape, int experts, int top_k);

}  // namespace plimsoll::executor
