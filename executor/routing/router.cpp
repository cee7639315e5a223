#include "executor/routing/router.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

// NaN below everything, -infinity included; equals are not above each other.
bool above(float left, float right) { return left > right || (std::isnan(right) && !std::isnan(left)); }

// Softmax over what is not NaN; NaN stays. The largest is exp(0) also where it is infinite, where the difference would
// be NaN.
void softmax(std::span<const float> from, std::span<float> to) {
  float largest = lowest;
  for (const float value : from) largest = std::max(largest, std::isnan(value) ? lowest : value);
  float sum = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i] = from[i] == largest ? 1.0F : std::exp(from[i] - largest);
    if (!std::isnan(to[i])) sum += to[i];
  }
  for (float& value : to) value /= sum;
}

// The `best.size()` best of `ranks` in order, by insertion: both are short. `allowed(i)` says what may be chosen.
template <class Allowed>
void choose(std::span<const float> ranks, std::span<std::int32_t> best, const Allowed& allowed) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (!allowed(i)) continue;
    if (count == best.size() && !above(ranks[i], ranks[static_cast<std::size_t>(best[count - 1])])) continue;
    if (count < best.size()) ++count;
    std::size_t place = count - 1;
    for (; place > 0 && above(ranks[i], ranks[static_cast<std::size_t>(best[place - 1])]); --place) {
      best[place] = best[place - 1];
    }
    best[place] = static_cast<std::int32_t>(i);
  }
}

float group_rank(std::span<const float> ranks, GroupScore score) {
  float best = lowest;
  float second = lowest;
  for (const float rank : ranks) {
    if (above(rank, best)) {
      second = best;
      best = rank;
    } else if (above(rank, second)) {
      second = rank;
    }
  }
  return score == GroupScore::best || ranks.size() == 1 ? best : best + second;
}

void weigh(const RouterShape& shape, std::span<const float> scores, std::span<const std::int32_t> chosen,
           std::span<float> weights) {
  for (std::size_t j = 0; j < chosen.size(); ++j) weights[j] = scores[static_cast<std::size_t>(chosen[j])];
  if (shape.score == RouterScore::softmax_after) softmax(weights, weights);
  float over = 1;
  if (shape.renormalise) {
    // Sigmoids can all be 0; DeepSeek's addend makes them weights of 0 instead of NaN, and is lost in any other sum.
    over = 1e-20F;
    for (const float weight : weights) over += weight;
  }
  for (float& weight : weights) weight = weight / over * shape.scale;
}

}  // namespace

void check(const RouterShape& shape) {
  if (shape.experts < 1 || shape.top_k < 1 || shape.top_k > shape.experts) {
    throw Error(ErrorCode::usage, "a router cannot choose " + std::to_string(shape.top_k) + " of " +
                                      std::to_string(shape.experts) + " experts");
  }
  if (shape.groups < 1 || shape.experts % shape.groups != 0) {
    throw Error(ErrorCode::usage, std::to_string(shape.experts) + " experts do not fall into " +
                                      std::to_string(shape.groups) + " groups of the same size");
  }
  if (shape.groups_kept < 1 || shape.groups_kept > shape.groups ||
      shape.groups_kept * (shape.experts / shape.groups) < shape.top_k) {
    throw Error(ErrorCode::usage, std::to_string(shape.groups_kept) + " of " + std::to_string(shape.groups) +
                                      " groups do not hold the " + std::to_string(shape.top_k) + " experts of a token");
  }
}

void route(const RouterShape& shape, std::span<const float> logits, std::span<const float> selection_bias,
           std::span<std::int32_t> experts, std::span<float> weights, RouterRoom& room) {
  const auto count = static_cast<std::size_t>(shape.experts);
  const auto top_k = static_cast<std::size_t>(shape.top_k);
  const auto groups = static_cast<std::size_t>(shape.groups);
  const std::size_t size = count / groups;
  room.scores.resize(count);
  room.group_ranks.resize(groups);
  room.kept.resize(static_cast<std::size_t>(shape.groups_kept));
  if (shape.selection_bias) room.ranks.resize(count);
  const std::span<float> scores = room.scores;
  for (std::size_t token = 0; token < logits.size() / count; ++token) {
    const auto row = logits.subspan(token * count, count);
    if (shape.score == RouterScore::softmax_before) softmax(row, scores);
    if (shape.score == RouterScore::softmax_after) std::ranges::copy(row, scores.begin());
    if (shape.score == RouterScore::sigmoid) {
      for (std::size_t i = 0; i < count; ++i) scores[i] = 1.0F / (1.0F + std::exp(-row[i]));
    }
    std::span<const float> ranks = scores;
    if (shape.selection_bias) {
      for (std::size_t i = 0; i < count; ++i) room.ranks[i] = scores[i] + selection_bias[i];
      ranks = room.ranks;
    }
    const auto chosen = experts.subspan(token * top_k, top_k);
    if (shape.groups_kept == shape.groups) {
      choose(ranks, chosen, [](std::size_t) { return true; });
    } else {
      for (std::size_t group = 0; group < groups; ++group) {
        room.group_ranks[group] = group_rank(ranks.subspan(group * size, size), shape.group_score);
      }
      choose(room.group_ranks, room.kept, [](std::size_t) { return true; });
      choose(ranks, chosen, [&](std::size_t expert) {
        return std::ranges::find(room.kept, static_cast<std::int32_t>(expert / size)) != room.kept.end();
      });
    }
    weigh(shape, scores, chosen, weights.subspan(token * top_k, top_k));
  }
}

Routing route(const RouterShape& shape, std::span<const float> logits, std::span<const float> selection_bias) {
  check(shape);
  const std::size_t places =
      logits.size() / static_cast<std::size_t>(shape.experts) * static_cast<std::size_t>(shape.top_k);
  Routing routing{shape.top_k, std::vector<std::int32_t>(places), std::vector<float>(places)};
  RouterRoom room;
  route(shape, logits, selection_bias, routing.experts, routing.weights, room);
  return routing;
}

}  // namespace plimsoll::executor
