#include "executor/run/attention_request.hpp"

#include <algorithm>
#include <cstdint>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {

std::string_view name_of(IndexForm form) {
  if (form == IndexForm::exact) return "exact";
  return form == IndexForm::quantised ? "quantised" : "hierarchical";
}

int sequences_of(const AttentionRequest& request, int tokens) {
  return request.sequences == 0 ? tokens : std::min(request.sequences, tokens);
}

std::vector<int> rows_of_sequences(const AttentionRequest& request, int tokens) {
  const int count = sequences_of(request, tokens);
  std::vector<int> begin;
  for (int sequence = 0; sequence <= count; ++sequence) {
    begin.push_back(count == 0 ? 0 : static_cast<int>(std::int64_t{tokens} * sequence / count));
  }
  return begin;
}

AttentionLayerShape layer_shape(const ModelShape& shape, const AttentionRequest& request) {
  if (!shape.attention) {
    throw Error(ErrorCode::usage, "the shape " + shape.name + " says nothing of attention", {},
                "Maybe take msa-10b, or a file with the key \"attention\".");
  }
  const ModelAttention& of = *shape.attention;
  if (request.sparse && of.sizes.index_size == 0) {
    throw Error(ErrorCode::usage, "the shape " + shape.name + " has no index branch, which sparse attention needs", {},
                "Maybe ask for --attention dense.");
  }
  AttentionLayerShape layer;
  layer.width = shape.expert.width;
  layer.attention = of.sizes;
  layer.sparse = request.sparse;
  if (!request.sparse) layer.attention.index_size = 0;  // dense layers project and keep no index keys
  layer.selection = of.selection;
  layer.form = request.form;
  layer.query_key_norm = of.query_key_norm;
  layer.rotary = of.rotary;
  layer.rotary_base = of.rotary_base;
  return layer;
}

}  // namespace plimsoll::executor
