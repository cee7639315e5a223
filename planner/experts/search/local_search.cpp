#include "planner/experts/search/local_search.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/replan.hpp"
#include "planner/experts/search/split.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts {
namespace {

// Work that a layer of mean gap gets in a round: short rounds first, so that good plans come early.
constexpr double first_round = 20e3;
constexpr double longest_round = 2e6;

}  // namespace

LocalSearch::LocalSearch(const Prepared& prepared, Context& context)
    : prepared_(prepared), context_(context), round_work_(first_round) {
  for (LayerProblem& problem : split_layers(prepared)) {
    const double bound = context.bounds().layers[static_cast<std::size_t>(problem.layer)].seconds;
    searches_.emplace_back(std::move(problem), bound, context.options().seed);
  }
}

void LocalSearch::begin(bool with_bounds) {
  construct();
  if (context_.should_stop()) return;
  if (with_bounds) context_.tighten_bounds(layer_seconds());
  for (std::size_t layer = 0; layer < searches_.size(); ++layer) {
    searches_[layer].raise_bound(context_.bounds().layers[layer].seconds);
  }
  if (context_.should_stop()) return;
  if (prepared_.moves_matter()) {
    replan(prepared_, context_, searches_);
    offer();
  }
}

void LocalSearch::each(const std::function<void(std::size_t)>& task) {
  support::for_each_index(searches_.size(), context_.options().threads, task);
  for (LayerSearch& search : searches_) context_.meter().add_work(search.take_work());
}

void LocalSearch::construct() {
  if (MoveBudget(prepared_, searches_).limited()) {
    // One after the other: what a layer has to move, the next ones have no longer.
    for (LayerSearch& search : searches_) {
      MoveBudget(prepared_, searches_).open(search, no_limit, 1);
      search.construct(context_.meter());
      context_.meter().add_work(search.take_work());
    }
  } else {
    each([&](std::size_t layer) { searches_[layer].construct(context_.meter()); });
  }
  offer();
}

void LocalSearch::offer() {
  std::vector<LayerPlan> plans;
  for (const LayerSearch& search : searches_) {
    if (!search.best().feasible) return;
    plans.push_back(search.best());
  }
  context_.offer(assemble(prepared_, plans));
}

std::vector<double> LocalSearch::layer_seconds() const {
  std::vector<double> seconds;
  for (const LayerSearch& search : searches_) {
    seconds.push_back(search.best().feasible ? search.best().seconds : std::numeric_limits<double>::infinity());
  }
  return seconds;
}

// What is left of the move budget goes to the layers with the largest gaps, a few moves each; all layers may spend
// again what they have spent already.
void LocalSearch::hand_out_moves(const std::vector<double>& gaps) {
  const MoveBudget budget(prepared_, searches_);
  if (!budget.limited()) return;
  std::vector<std::size_t> order(searches_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return gaps[a] > gaps[b]; });
  constexpr std::int64_t helping = 6;
  const std::int64_t served =
      std::clamp<std::int64_t>(budget.left() / helping, 1, static_cast<std::int64_t>(order.size()));
  const std::int64_t part = std::max(helping, budget.left() / static_cast<std::int64_t>(order.size()));
  std::int64_t left = budget.left();
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const bool serve = static_cast<std::int64_t>(rank) < served;
    const std::int64_t more = serve ? std::min(left, part) : 0;
    left -= more;
    budget.open(searches_[order[rank]], more, serve ? served : no_limit);
  }
}

// Memory that a layer was given and leaves empty goes to the layers with the largest gaps.
void LocalSearch::share_memory(const std::vector<double>& gaps) {
  std::vector<std::size_t> order(searches_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return gaps[a] > gaps[b]; });
  std::vector<std::vector<int>> capacity;
  std::vector<std::int64_t> left(static_cast<std::size_t>(prepared_.devices), 0);
  for (const LayerSearch& search : searches_) {
    if (!search.best().feasible) return;
    const std::vector<int> unused = search.unused_slots();
    capacity.push_back(search.capacity());
    for (std::size_t device = 0; device < unused.size(); ++device) {
      capacity.back()[device] -= unused[device];
      left[device] += unused[device];
    }
  }
  for (const std::size_t layer : order) {
    for (std::size_t device = 0; device < left.size(); ++device) {
      const auto more = std::min<std::int64_t>(left[device], prepared_.slots[device] - capacity[layer][device]);
      capacity[layer][device] += static_cast<int>(more);
      left[device] -= more;
    }
  }
  for (std::size_t layer = 0; layer < searches_.size(); ++layer) {
    if (capacity[layer] != searches_[layer].capacity()) searches_[layer].set_capacity(std::move(capacity[layer]));
  }
}

bool LocalSearch::round() {
  std::vector<double> gaps;
  double total = 0.0;
  std::int64_t open = 0;
  for (const LayerSearch& search : searches_) {
    const bool solved = search.best().feasible;
    const double gap = search.closed() ? 0.0 : solved ? search.score(search.best()) - search.bound() : 0.0;
    gaps.push_back(gap);
    total += gap;
    open += search.closed() ? 0 : 1;
  }
  if (open == 0) return false;
  const double mean = total / static_cast<double>(open);
  const double most = static_cast<double>(context_.meter().work_left()) / static_cast<double>(open);
  hand_out_moves(gaps);
  if (prepared_.memory_binds) share_memory(gaps);
  each([&](std::size_t layer) {
    if (searches_[layer].closed()) return;
    const double part = mean > 0 && gaps[layer] > 0 ? std::clamp(gaps[layer] / mean, 0.25, 4.0) : 1.0;
    searches_[layer].improve(static_cast<std::uint64_t>(std::min(round_work_ * part, most)) + 1, context_.meter());
  });
  offer();
  context_.report();
  round_work_ = std::min(round_work_ * 1.5, longest_round);
  return true;
}

}  // namespace plimsoll::experts
