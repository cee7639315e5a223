// The shape of a model from JSON.
#include <array>
#include <limits>
#include <utility>

#include "executor/model/model_shape.hpp"
#include "support/text.hpp"

namespace plimsoll::executor {
namespace {

using support::Reader;

constexpr std::int64_t most = 1'000'000;

template <class T, std::size_t N>
T word(const Reader& place, const std::array<std::pair<std::string_view, T>, N>& words) {
  std::string list;
  for (const auto& [name, value] : words) {
    if (place.json().string() != nullptr && *place.json().string() == name) return value;
    list += (list.empty() ? "" : ", ") + support::in_quotes(std::string(name));
  }
  place.fail("one of " + list);
}

int size(const Reader& place) { return static_cast<int>(place.integer(1, most)); }

bool flag(Reader& place, std::string_view key, bool fallback = false) {
  const auto value = place.optional_member(key);
  return value ? value->boolean() : fallback;
}

float real(Reader& place, std::string_view key, float fallback) {
  const auto value = place.optional_member(key);
  return value ? static_cast<float>(value->number(1e-6, 1e6)) : fallback;
}

RouterShape read_router(Reader place) {
  RouterShape router;
  if (const auto experts = place.optional_member("experts")) router.experts = size(*experts);
  router.top_k = size(place.member("top_k"));
  if (const auto score = place.optional_member("score")) {
    router.score = word<RouterScore, 3>(*score, {{{"softmax-before", RouterScore::softmax_before},
                                                  {"softmax-after", RouterScore::softmax_after},
                                                  {"sigmoid", RouterScore::sigmoid}}});
  }
  router.selection_bias = flag(place, "selection_bias");
  if (const auto groups = place.optional_member("groups")) router.groups = size(*groups);
  router.groups_kept = router.groups;
  if (const auto kept = place.optional_member("groups_kept")) router.groups_kept = size(*kept);
  if (const auto score = place.optional_member("group_score")) {
    router.group_score =
        word<GroupScore, 2>(*score, {{{"best", GroupScore::best}, {"best-two", GroupScore::best_two}}});
  }
  router.renormalise = flag(place, "renormalise");
  router.scale = real(place, "scale", 1);
  router.router_bias = flag(place, "router_bias");
  place.done();
  // Without a number of experts the instance decides, and groups that do not fit it are given up.
  if (router.experts > 1) {
    try {
      check(router);
    } catch (const Error& error) {
      throw Error(ErrorCode::input, error.what(), place.pointer());
    }
  }
  return router;
}

ModelAttention read_attention(Reader place, int width, NumberType type) {
  ModelAttention attention;
  attention.sizes.query_heads = size(place.member("query_heads"));
  attention.sizes.groups = size(place.member("groups"));
  attention.sizes.head_size = size(place.member("head_size"));
  attention.sizes.index_size = 0;
  if (const auto index = place.optional_member("index_size")) {
    attention.sizes.index_size = static_cast<int>(index->integer(0, most));
  }
  attention.sizes.type = type;
  Selection& selection = attention.selection;
  if (const auto blocks = place.optional_member("blocks")) selection.blocks = size(*blocks);
  if (const auto selected = place.optional_member("selection")) {
    selection.per_group = word<bool, 2>(*selected, {{{"per-group", true}, {"global", false}}});
  }
  if (const auto local = place.optional_member("local")) {
    selection.local = word<Selection::Local, 2>(
        *local, {{{"inside", Selection::Local::inside}, {"beside", Selection::Local::beside}}});
  }
  attention.query_key_norm = flag(place, "query_key_norm", true);
  attention.rotary = flag(place, "rotary", true);
  if (const auto base = place.optional_member("rotary_base")) attention.rotary_base = base->number(1, 1e12);
  place.done();
  try {
    check(attention, width);
  } catch (const Error& error) {
    throw Error(ErrorCode::input, error.what(), place.pointer() + error.pointer(), error.advice());
  }
  return attention;
}

}  // namespace

ModelShape read_shape(const support::Json& json) {
  Reader root(json);
  if (json.object() == nullptr || json.find("width") == nullptr) {
    root.fail("the shape of a model, an object with the key \"width\"");
  }
  ModelShape shape;
  static_cast<void>(root.member("plimsoll").integer(1, 1));
  shape.name = "unnamed";
  if (const auto name = root.optional_member("name")) shape.name = name->text();
  shape.expert.width = size(root.member("width"));
  shape.expert.inner = size(root.member("inner"));
  if (const auto type = root.optional_member("type")) {
    shape.type = word<NumberType, 2>(*type, {{{"bf16", NumberType::bf16}, {"f32", NumberType::f32}}});
  }
  if (const auto activation = root.optional_member("activation")) {
    shape.expert.activation = word<Activation, 2>(
        *activation, {{{"swiglu", Activation::swiglu}, {"clamped-swiglu", Activation::clamped_swiglu}}});
  }
  shape.expert.biases = flag(root, "biases");
  shape.expert.clamp_limit = real(root, "clamp_limit", shape.expert.clamp_limit);
  shape.expert.clamp_alpha = real(root, "clamp_alpha", shape.expert.clamp_alpha);
  shape.router = read_router(root.member("router"));
  if (auto shared = root.optional_member("shared")) {
    shape.shared.inner = size(shared->member("inner"));
    shape.shared.gate = flag(*shared, "gate");
    shared->done();
  }
  if (auto attention = root.optional_member("attention")) {
    shape.attention = read_attention(*attention, shape.expert.width, shape.type);
  }
  root.done();
  return shape;
}

}  // namespace plimsoll::executor
