#include "planner/experts/rebalance/spend_moves.hpp"

#include <algorithm>

#include "planner/experts/search/construct.hpp"
#include "planner/experts/search/even_search.hpp"
#include "planner/experts/search/split.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts {
namespace {

// A step beyond the limit may be followed by one that takes a move back.
constexpr std::int64_t slack = 8;

// What a layer can be after more and more moves, what stands first; empty where that cannot be mended.
using Descent = std::vector<LayerPlan>;

// Swaps move two replicas as a rule, a change of the number of replicas one: whichever gains more per move. Where
// several devices end last, a step gains nothing yet; then what it takes from one of them decides.
bool step(LayerState& state, std::uint64_t& work) {
  constexpr double share_of_one = 1e-3;
  const double before = state.seconds();
  const int bottleneck = state.bottleneck();
  const std::int64_t moves = state.moves();
  const auto ratio = [&] {
    const double gain = before - state.seconds() + share_of_one * (before - state.device_seconds(bottleneck));
    return gain / std::max(static_cast<double>(state.moves() - moves), 1e-3);
  };
  state.forget();
  const double swapped = swap_even(state, work) ? ratio() : 0.0;
  state.undo_to(0);
  const double recounted = recount_even(state, work) ? ratio() : 0.0;
  if (recounted >= swapped) return recounted > 0;
  state.undo_to(0);
  return swap_even(state, work);
}

Descent descend(LayerProblem problem, double bound, std::int64_t max_moves, const support::Meter& meter,
                std::uint64_t& work) {
  Descent descent;
  if (!bind_groups_as_standing(problem, problem.home)) return descent;
  LayerState state(problem);
  if (!place_standing(state)) return descent;
  descent.push_back(state.plan());
  const std::uint64_t end = work + meter.work_left() / static_cast<std::uint64_t>(problem.prepared->layers);
  while (state.seconds() > bound && work < end && !meter.urgent() && step(state, work)) {
    if (state.moves() <= max_moves) descent.push_back(state.plan());
    if (state.moves() > max_moves + slack) break;
  }
  return descent;
}

struct Offer {
  std::size_t index = 0;
  double gain_per_move = 0;
};

// The later plan that gains most per move beyond those of `now`.
Offer best_offer(const Descent& descent, std::size_t now, std::int64_t left) {
  Offer best;
  for (std::size_t index = now + 1; index < descent.size(); ++index) {
    const std::int64_t more = descent[index].moves - descent[now].moves;
    const double gain = descent[now].seconds - descent[index].seconds;
    if (more > left || !(gain > 0)) continue;
    const double ratio = gain / std::max(static_cast<double>(more), 1e-3);
    if (ratio > best.gain_per_move) best = {index, ratio};
  }
  return best;
}

}  // namespace

std::vector<LayerPlan> spend_moves(const std::vector<LayerProblem>& problems, const Bounds& bounds,
                                   std::int64_t max_moves, int threads, support::Meter& meter) {
  if (!problems.front().prepared->even) return {};
  std::vector<Descent> descents(problems.size());
  std::vector<std::uint64_t> work(problems.size(), 0);
  support::for_each_index(problems.size(), threads, [&](std::size_t layer) {
    descents[layer] = descend(problems[layer], bounds.layers[layer].seconds, max_moves, meter, work[layer]);
  });
  for (const std::uint64_t amount : work) meter.add_work(amount);
  std::int64_t left = max_moves;
  for (const Descent& descent : descents) {
    if (descent.empty()) return {};
    left -= descent.front().moves;
  }
  if (left < 0) return {};
  std::vector<std::size_t> now(problems.size(), 0);
  std::vector<Offer> offers(problems.size());
  for (std::size_t layer = 0; layer < problems.size(); ++layer) offers[layer] = best_offer(descents[layer], 0, left);
  for (;;) {
    const auto best = std::max_element(
        offers.begin(), offers.end(), [](const Offer& a, const Offer& b) { return a.gain_per_move < b.gain_per_move; });
    if (!(best->gain_per_move > 0)) break;
    const auto layer = static_cast<std::size_t>(best - offers.begin());
    const std::int64_t more = descents[layer][best->index].moves - descents[layer][now[layer]].moves;
    if (more <= left) {
      left -= more;
      now[layer] = best->index;
    }
    offers[layer] = best_offer(descents[layer], now[layer], left);
  }
  std::vector<LayerPlan> plans;
  for (std::size_t layer = 0; layer < problems.size(); ++layer) plans.push_back(descents[layer][now[layer]]);
  return plans;
}

}  // namespace plimsoll::experts
