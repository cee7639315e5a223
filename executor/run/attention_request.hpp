// The attention that a run puts in front of the experts of every layer.
//
// The tokens of a micro-step belong to sequences: rows [tokens * s / n, tokens * (s + 1) / n) to sequence s of n =
// min(sequences, tokens). Each has so many tokens in its cache when the micro-step begins. One sequence is a chunk of a
// prefill, as many as tokens are a step of decoding.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "executor/attention/attention_layer.hpp"
#include "executor/model/model_shape.hpp"

namespace plimsoll::executor {

struct AttentionRequest {
  bool sparse = true;                     // MSA, else dense
  int context = 0;                        // tokens in the cache of a sequence before a micro-step
  int sequences = 1;                      // 0: one for each token
  bool shared_context = false;            // all sequences begin with the same one
  IndexForm form = IndexForm::quantised;  // of sparse attention
};

[[nodiscard]] std::string_view name_of(IndexForm form);

// How many sequences a micro-step of so many tokens has, and where the rows of each begin, [sequences + 1].
[[nodiscard]] int sequences_of(const AttentionRequest& request, int tokens);
[[nodiscard]] std::vector<int> rows_of_sequences(const AttentionRequest& request, int tokens);

// The layer of the model that was asked for. Throws Error(usage) for a model whose attention is not known, and for
// sparse attention without an index branch.
[[nodiscard]] AttentionLayerShape layer_shape(const ModelShape& shape, const AttentionRequest& request);

}  // namespace plimsoll::executor
