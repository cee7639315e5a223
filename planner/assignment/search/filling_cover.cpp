#include "planner/assignment/search/filling_cover.hpp"

#include <utility>

namespace plimsoll::assignment {

FillingCover::Outcome FillingCover::solve(std::vector<std::vector<Filling>> lists, ItemSet items,
                                          const std::vector<ItemSet>& now, double budget, double step,
                                          std::uint64_t most_nodes, std::uint64_t& work) {
  const std::size_t bins = lists.size();
  if (lists_.size() < bins + 1) lists_.resize(bins + 1);
  for (auto& level : lists_) level.resize(bins);
  lists_[0] = std::move(lists);
  all_.assign(bins, {});
  filled_.assign(bins, 0);
  choice_.assign(bins, {});
  now_ = now;
  budget_ = budget;
  step_ = step;
  found_ = false;
  nodes_ = looks_ = 0;
  most_nodes_ = most_nodes;
  visit(0, items, 0);
  work += nodes_ * (4 + bins) + looks_ / 4;
  if (found_) return Outcome::found;
  return complete() ? Outcome::none : Outcome::limit;
}

// False where nothing can come of the lists.
bool FillingCover::reduce(std::vector<std::vector<Filling>>& lists, ItemSet left, double loss) {
  constexpr int rounds = 4;
  for (int round = 0; round < rounds; ++round) {
    double least = loss;
    ItemSet once;
    ItemSet twice;
    for (std::size_t bin = 0; bin < lists.size(); ++bin) {
      if (filled_[bin] != 0) continue;
      if (lists[bin].empty()) return false;
      least += lists[bin].front().loss;
      ItemSet any;
      for (const Filling& filling : lists[bin]) any = any | filling.items;
      looks_ += lists[bin].size();
      all_[bin] = any;
      twice = twice | (once & any);
      once = once | any;
    }
    if (least > budget_ || !(left & ~once).empty()) return false;
    const ItemSet single = once & ~twice;
    bool changed = false;
    for (std::size_t bin = 0; bin < lists.size(); ++bin) {
      if (filled_[bin] != 0) continue;
      const double most = budget_ - (least - lists[bin].front().loss);
      changed = drop(lists[bin], most, single & all_[bin]) || changed;
      if (lists[bin].empty()) return false;
    }
    if (!changed) return true;
  }
  return true;
}

// Drops the fillings that lose more or lack one of `must`; false where all may stay.
bool FillingCover::drop(std::vector<Filling>& list, double most, ItemSet must) {
  std::size_t kept = 0;
  for (const Filling& filling : list) {
    if (filling.loss > most) break;
    if ((must & ~filling.items).empty()) list[kept++] = filling;
  }
  looks_ += list.size();
  const bool changed = kept < list.size();
  list.resize(kept);
  return changed;
}

// The lists of the next depth, with the bin filled. False where one of them is empty.
bool FillingCover::choose(std::size_t depth, std::size_t bin, const Filling& filling, double loss) {
  const double most = budget_ - loss - filling.loss;
  for (std::size_t other = 0; other < filled_.size(); ++other) {
    if (filled_[other] != 0 || other == bin) continue;
    std::vector<Filling>& list = lists_[depth + 1][other];
    list.clear();
    for (const Filling& each : lists_[depth][other]) {
      if (each.loss > most) break;
      if ((each.items & filling.items).empty()) list.push_back(each);
    }
    looks_ += lists_[depth][other].size();
    if (list.empty()) return false;
  }
  return true;
}

void FillingCover::visit(std::size_t depth, ItemSet left, double loss) {
  if (++nodes_ > most_nodes_) return;
  std::vector<std::vector<Filling>>& lists = lists_[depth];
  if (depth == lists.size()) {
    if (!left.empty() || choice_ == now_) return;
    found_ = true;
    best_ = choice_;
    budget_ = loss - step_;
    return;
  }
  if (!reduce(lists, left, loss)) return;
  std::size_t next = lists.size();
  for (std::size_t bin = 0; bin < lists.size(); ++bin) {
    if (filled_[bin] == 0 && (next == lists.size() || lists[bin].size() < lists[next].size())) next = bin;
  }
  for (const Filling& filling : lists[next]) {
    if (loss + filling.loss > budget_ || nodes_ > most_nodes_) return;
    if (!choose(depth, next, filling, loss)) continue;
    filled_[next] = 1;
    choice_[next] = filling.items;
    visit(depth + 1, left & ~filling.items, loss + filling.loss);
    filled_[next] = 0;
  }
}

}  // namespace plimsoll::assignment
