#include "executor/routing/planned_routing.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <string>

#include "executor/routing/largest_remainder.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

template <class T>
void shuffle(std::vector<T>& values, support::Random& random) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
}

// Takes `count` random ones out of `from` and adds them to `to`.
void draw(std::vector<std::int32_t>& from, std::size_t count, std::vector<std::int32_t>& to, support::Random& random) {
  for (; count > 0; --count) {
    std::swap(from.back(), from[random.below(from.size())]);
    to.push_back(from.back());
    from.pop_back();
  }
}

}  // namespace

std::int64_t planned_tokens(std::span<const std::int64_t> loads, int top_k) {
  if (loads.empty()) return 0;
  const std::int64_t sum = std::accumulate(loads.begin(), loads.end(), std::int64_t{0});
  return std::max((sum + top_k - 1) / top_k, std::ranges::max(loads));
}

// Every expert takes the tokens that have the most places left, random ones among equals. That never fails where any
// routing with these numbers of places exists (Gale, Ryser 1957), and one does where the places differ by at most one:
// deal the experts out one after the other, each to the next tokens of a circle; no load goes around it twice.
Routing planned_routing(std::span<const std::int64_t> loads, int top_k, std::uint64_t seed, std::uint64_t stream) {
  const std::int64_t tokens = planned_tokens(loads, top_k);
  if (tokens > std::numeric_limits<std::int32_t>::max() / top_k) {
    throw Error(ErrorCode::unsupported,
                std::to_string(tokens) + " tokens of " + std::to_string(top_k) + " experts are more than can be routed",
                {}, "Maybe scale the loads down.");
  }
  support::Random random(seed, stream);
  const std::size_t count = static_cast<std::size_t>(tokens) * static_cast<std::size_t>(top_k);
  Routing routing{top_k, std::vector<std::int32_t>(count, -1), std::vector<float>(count, 0)};
  if (tokens == 0) return routing;

  const std::int64_t sum = std::accumulate(loads.begin(), loads.end(), std::int64_t{0});
  const auto places = static_cast<std::size_t>(sum / tokens);
  std::vector<std::int32_t> order(static_cast<std::size_t>(tokens));
  std::iota(order.begin(), order.end(), 0);
  shuffle(order, random);
  // [places left] of tokens.
  std::vector<std::vector<std::int32_t>> open(places + 2);
  const auto more = order.begin() + static_cast<std::ptrdiff_t>(sum % tokens);
  open[places + 1].assign(order.begin(), more);
  open[places].assign(more, order.end());

  std::vector<std::int32_t> experts(loads.size());
  std::iota(experts.begin(), experts.end(), 0);
  shuffle(experts, random);
  std::vector<std::int32_t> used(static_cast<std::size_t>(tokens), 0);
  std::vector<std::vector<std::int32_t>> taken(open.size());
  for (const std::int32_t expert : experts) {
    auto need = static_cast<std::size_t>(loads[static_cast<std::size_t>(expert)]);
    for (std::size_t left = open.size() - 1; left > 0 && need > 0; --left) {
      const std::size_t part = std::min(need, open[left].size());
      draw(open[left], part, taken[left], random);
      need -= part;
    }
    if (need > 0) throw Error(ErrorCode::internal, "a planned routing found no place for a token");
    for (std::size_t left = 1; left < open.size(); ++left) {
      for (const std::int32_t token : taken[left]) {
        const auto place = static_cast<std::size_t>(token) * static_cast<std::size_t>(top_k);
        routing.experts[place + static_cast<std::size_t>(used[static_cast<std::size_t>(token)]++)] = expert;
      }
      open[left - 1].insert(open[left - 1].end(), taken[left].begin(), taken[left].end());
      taken[left].clear();
    }
  }

  for (std::size_t token = 0; token < static_cast<std::size_t>(tokens); ++token) {
    const std::span<float> weights(routing.weights.data() + token * static_cast<std::size_t>(top_k),
                                   static_cast<std::size_t>(used[token]));
    double total = 0;
    for (float& weight : weights) {
      weight = static_cast<float>(0.25 + random.uniform());
      total += static_cast<double>(weight);
    }
    for (float& weight : weights) weight = static_cast<float>(static_cast<double>(weight) / total);
  }
  return routing;
}

std::vector<std::int64_t> whole_loads(std::span<const double> loads, std::int64_t total) {
  std::vector<std::int64_t> whole(loads.size());
  largest_remainder(total, loads, whole);
  return whole;
}

}  // namespace plimsoll::executor
