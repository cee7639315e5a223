#include "solvers/knapsack/knapsack.hpp"

#include <algorithm>
#include <limits>

namespace plimsoll::solvers::knapsack {

void Knapsack::sort_in(std::span<const double> profit, std::span<const double> weight, double capacity,
                       std::vector<int>& chosen) {
  items_.clear();
  base_ = 0;
  for (std::size_t j = 0; j < profit.size(); ++j) {
    if (!(profit[j] > 0) || weight[j] > capacity) continue;
    if (weight[j] > 0) {
      items_.push_back({profit[j] / weight[j], profit[j], weight[j], static_cast<int>(j)});
    } else {
      base_ += profit[j];
      chosen.push_back(static_cast<int>(j));
    }
  }
  std::sort(items_.begin(), items_.end(),
            [](const Item& a, const Item& b) { return a.ratio != b.ratio ? a.ratio > b.ratio : a.index < b.index; });
  work_ += profit.size() + 8 * items_.size();
}

// The break choice, and the best that one more item, or the break item in place of another, makes of it.
void Knapsack::greedy(double capacity) {
  double weight = 0;
  double profit = 0;
  break_ = 0;
  while (break_ < items_.size() && weight + items_[break_].weight <= capacity) {
    weight += items_[break_].weight;
    profit += items_[break_].profit;
    ++break_;
  }
  list_.assign(1, State{weight, profit, -1});
  best_ = profit;
  best_change_ = -1;
  greedy_best_ = false;
  if (break_ == items_.size()) return;
  const auto keep = [&](double value, std::int32_t in, std::int32_t out) {
    if (value <= best_) return;
    best_ = value;
    greedy_in_ = in;
    greedy_out_ = out;
    greedy_best_ = true;
  };
  for (std::size_t i = break_; i < items_.size(); ++i) {
    if (weight + items_[i].weight <= capacity) keep(profit + items_[i].profit, static_cast<std::int32_t>(i), -1);
  }
  const Item& breaker = items_[break_];
  for (std::size_t i = 0; i < break_; ++i) {
    if (weight + breaker.weight - items_[i].weight > capacity) continue;
    keep(profit + breaker.profit - items_[i].profit, static_cast<std::int32_t>(break_), static_cast<std::int32_t>(i));
  }
  work_ += items_.size();
}

double Knapsack::bound_of(const State& state, double capacity, double add, double remove) const {
  const double room = capacity - state.weight;
  return state.profit + (room >= 0 ? room * add : room * remove);
}

void Knapsack::extend(std::size_t position, double sign, double capacity, double add, double remove) {
  const Item& item = items_[position];
  const double weight = sign * item.weight;
  const double profit = sign * item.profit;
  next_.clear();
  double reached = -std::numeric_limits<double>::infinity();
  const auto keep = [&](State state, bool changed) {
    if (state.profit <= reached) return;  // a lighter choice is worth as much
    if (state.weight <= capacity) {
      if (state.profit > best_) {
        if (changed) {
          changes_.push_back({state.change, static_cast<std::int32_t>(position)});
          state.change = static_cast<std::int32_t>(changes_.size()) - 1;
          changed = false;
        }
        best_ = state.profit;
        best_change_ = state.change;
        greedy_best_ = false;
      }
    }
    if (bound_of(state, capacity, add, remove) <= best_) return;
    if (changed) {
      changes_.push_back({state.change, static_cast<std::int32_t>(position)});
      state.change = static_cast<std::int32_t>(changes_.size()) - 1;
    }
    reached = state.profit;
    next_.push_back(state);
  };
  // A lighter state that is bounded away may still dominate, but leaving the dominated one in costs time only.
  std::size_t a = 0;
  std::size_t b = 0;
  while (a < list_.size() || b < list_.size()) {
    const bool shifted = a == list_.size() || (b < list_.size() && (list_[b].weight + weight < list_[a].weight));
    if (shifted) {
      keep({list_[b].weight + weight, list_[b].profit + profit, list_[b].change}, true);
      ++b;
    } else {
      keep(list_[a], false);
      ++a;
    }
  }
  work_ += 2 * list_.size();
  list_.swap(next_);
}

Answer Knapsack::solve(std::span<const double> profit, std::span<const double> weight, double capacity,
                       std::vector<int>& chosen, std::uint64_t limit) {
  chosen.clear();
  if (capacity < 0) return {};
  sort_in(profit, weight, capacity, chosen);
  greedy(capacity);
  changes_.clear();
  const std::size_t count = items_.size();
  const State start = list_.front();
  std::size_t left = break_;   // items before it are still in by default
  std::size_t right = break_;  // items from it on are still out by default
  double upper = break_ < count ? bound_of(start, capacity, items_[break_].ratio, 0) : best_;
  if (upper <= best_) {
    list_.clear();
    upper = best_;
  }
  std::uint64_t made = 0;
  while (!list_.empty() && (left > 0 || right < count)) {
    if (made > limit || changes_.size() > 200'000'000) break;
    made += 2 * list_.size();
    // An item whose change of sides alone, against the linear relaxation of the break choice, is too dear cannot
    // change sides in a better choice.
    if (right < count) {
      const Item& item = items_[right];
      const double room = capacity - start.weight - item.weight;
      const double ratio = room >= 0 ? items_[break_].ratio : (break_ > 0 ? items_[break_ - 1].ratio : 0);
      const bool may = room >= 0 || break_ > 0 ? start.profit + item.profit + room * ratio > best_ : false;
      ++right;
      const double add = right < count ? items_[right].ratio : 0;
      const double remove = left > 0 ? items_[left - 1].ratio : std::numeric_limits<double>::infinity();
      if (may) extend(right - 1, 1, capacity, add, remove);
    }
    if (left > 0 && !list_.empty()) {
      const Item& item = items_[left - 1];
      const double room = capacity - start.weight + item.weight;
      const bool may = start.profit - item.profit + room * items_[break_].ratio > best_;
      --left;
      const double add = right < count ? items_[right].ratio : 0;
      const double remove = left > 0 ? items_[left - 1].ratio : std::numeric_limits<double>::infinity();
      if (may) extend(left, -1, capacity, add, remove);
    }
  }
  Answer answer{best_, best_};
  if (!list_.empty() && (left > 0 || right < count)) {
    const double add = right < count ? items_[right].ratio : 0;
    const double remove = left > 0 ? items_[left - 1].ratio : std::numeric_limits<double>::infinity();
    for (const State& state : list_) answer.upper = std::max(answer.upper, bound_of(state, capacity, add, remove));
    answer.upper = std::min(answer.upper, upper);
  }
  answer.value += base_;
  answer.upper += base_;
  in_.assign(count, 0);
  std::fill_n(in_.begin(), break_, std::uint8_t{1});
  if (greedy_best_) {
    in_[static_cast<std::size_t>(greedy_in_)] = 1;
    if (greedy_out_ >= 0) in_[static_cast<std::size_t>(greedy_out_)] = 0;
  } else {
    for (std::int32_t c = best_change_; c >= 0; c = changes_[static_cast<std::size_t>(c)].before) {
      in_[static_cast<std::size_t>(changes_[static_cast<std::size_t>(c)].item)] ^= 1;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (in_[i]) chosen.push_back(items_[i].index);
  }
  return answer;
}

}  // namespace plimsoll::solvers::knapsack
