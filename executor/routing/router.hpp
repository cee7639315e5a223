// Which experts a token goes to, and with what weights: the forms that mixture-of-experts models use.
//
// From the logits of a token come scores, from the scores (plus a bias in some models) the choice, from the scores
// alone the weights:
//   scores      softmax_before: softmax over all experts; softmax_after: the logits; sigmoid: the sigmoid of each logit
//   choice      ranked by score, with selection_bias by score + bias; only in the groups_kept best of `groups` groups
//   of
//               consecutive experts; equal ranks: the lowest expert (or group) first
//   weights     of the chosen: their scores; softmax_after: the softmax over the chosen logits; with renormalise over
//               their sum; times scale
// Everything is done in f32, as the models do it. router_presets.hpp says which model has which form.
//
// NaN and infinity: a NaN logit takes no part in a softmax and ranks below everything, so that it is chosen only where
// nothing else is left; its weight is then NaN. Where logits are +infinity, they share a softmax in equal parts, and so
// do all where all are -infinity.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::executor {

enum class RouterScore { softmax_before, softmax_after, sigmoid };
// A group is as good as its best expert (DeepSeek-V2), or as the sum of its best two (DeepSeek-V3), bias included.
enum class GroupScore { best, best_two };

struct RouterShape {
  int experts = 1;
  int top_k = 1;
  RouterScore score = RouterScore::softmax_before;
  bool selection_bias = false;  // enters the choice, never the weights
  int groups = 1;               // divides experts
  int groups_kept = 1;          // their experts are at least top_k
  GroupScore group_score = GroupScore::best_two;
  bool renormalise = false;
  float scale = 1;
  bool router_bias = false;  // added to the logits (router_logits.hpp)
  friend bool operator==(const RouterShape&, const RouterShape&) = default;
};

// Throws Error(usage) where the numbers of a shape contradict each other.
void check(const RouterShape& shape);

// [tokens][top_k], in the order of their rank. An expert of -1 stands where a token has fewer than top_k; its weight is
// 0.
struct Routing {
  int top_k = 1;
  std::vector<std::int32_t> experts;
  std::vector<float> weights;

  [[nodiscard]] int tokens() const { return static_cast<int>(experts.size()) / top_k; }
};

// Room that `route` works in; kept by the caller, so that nothing is allocated once it has grown.
struct RouterRoom {
  std::vector<float> scores;
  std::vector<float> ranks;
  std::vector<float> group_ranks;
  std::vector<std::int32_t> kept;
};

// logits [tokens][experts], selection_bias [experts] (ignored without shape.selection_bias), experts and weights
// [tokens][top_k]. The shape is one that `check` accepts.
void route(const RouterShape& shape, std::span<const float> logits, std::span<const float> selection_bias,
           std::span<std::int32_t> experts, std::span<float> weights, RouterRoom& room);
Routing route(const RouterShape& shape, std::span<const float> logits, std::span<const float> selection_bias);

}  // namespace plimsoll::executor
