#include "planner/assignment/search/cost_descent.hpp"

#include <algorithm>
#include <limits>

namespace plimsoll::assignment {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

CostDescent::CostDescent(CostState& state, const CostCandidates& candidates)
    : state_(state),
      tables_(state.tables()),
      candidates_(candidates),
      ways_(z(tables_.items)),
      queued_(z(tables_.items), 0),
      locked_(z(tables_.items), 0) {
  for (int item = 0; item < tables_.items; ++item) {
    double least = infinite;
    for (const int bin : candidates_.bins(item)) least = std::min(least, tables_.cost(item, bin));
    floor_.push_back(least);
  }
}

void CostDescent::wake(int item) {
  if (queued_[z(item)] != 0) return;
  queued_[z(item)] = 1;
  queue_.push_back(item);
}

void CostDescent::wake_bin(int bin) {
  for (const int item : state_.content(bin)) wake(item);
}

void CostDescent::wake_all() {
  for (int item = 0; item < tables_.items; ++item) wake(item);
}

void CostDescent::force(int item, int bin) {
  const int from = state_.bin_of(item);
  apply(item, bin);
  wake_bin(from);
  wake_bin(bin);
}

void CostDescent::apply(int item, int bin) {
  log_.push_back({item, state_.bin_of(item)});
  state_.move(item, bin);
  ++epoch_;
}

void CostDescent::undo() {
  for (std::size_t k = log_.size(); k-- > 0;) state_.move(log_[k].item, log_[k].from);
  if (!log_.empty()) ++epoch_;
  log_.clear();
}

bool CostDescent::descend(std::uint64_t& work, std::uint64_t limit) {
  work_ = 0;
  std::size_t next = 0;
  while (next < queue_.size() && work + work_ < limit) {
    const int item = queue_[next++];
    queued_[z(item)] = 0;
    improve(item);
    if (next > 4096 && 2 * next > queue_.size()) {
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(next));
      next = 0;
    }
  }
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(next));
  work += work_;
  return queue_.empty();
}

const CostDescent::Ways& CostDescent::ways_out(int item) {
  Ways& ways = ways_[z(item)];
  if (ways.epoch == epoch_) return ways;
  ways = {{infinite, -1}, {infinite, -1}, epoch_};
  const int home = state_.bin_of(item);
  for (const int bin : candidates_.bins(item)) {
    if (bin == home) continue;
    const double value = state_.gain_in(item, bin);
    if (value < ways.first.value) {
      ways.second = ways.first;
      ways.first = {value, bin};
    } else if (value < ways.second.value) {
      ways.second = {value, bin};
    }
  }
  work_ += candidates_.bins(item).size();
  return ways;
}

CostDescent::Move CostDescent::best_shift(int item) {
  const Way& way = ways_out(item).first;
  if (way.bin < 0) return {infinite, -1, -1, -1};
  return {state_.gain_out(item) + way.value, way.bin, -1, -1};
}

void CostDescent::best_double(int item, Move& best) {
  const int home = state_.bin_of(item);
  const double out = state_.gain_out(item);
  const double* old = tables_.record(item, home);
  const double home_without = state_.charge(home, nullptr, old);
  for (const int bin : candidates_.bins(item)) {
    if (bin == home) continue;
    const double* record = tables_.record(item, bin);
    const double base = out + record[0] + state_.pair_charges(item, bin);
    work_ += state_.content(bin).size();
    for (const int other : state_.content(bin)) {
      if (locked_[z(other)] != 0) continue;
      const double* leaving = tables_.record(other, bin);
      const double open = base + state_.charge(bin, record, leaving) - leaving[0] - state_.pair_charges(other, bin);
      // On into the place that the item left.
      if (tables_.can(other, home)) {
        const double* back = tables_.record(other, home);
        double value =
            open + back[0] + state_.charge(home, back, old) - home_without + state_.pair_charges(other, home);
        if (tables_.has_apart && tables_.are_apart(item, other)) value -= 2 * state_.apart_weight();
        if (value < best.value) best = {value, bin, other, home};
      }
      if (open + floor_[z(other)] >= best.value) continue;
      const Ways& ways = ways_out(other);
      const Way& way = ways.first.bin == home ? ways.second : ways.first;
      if (open + way.value < best.value) best = {open + way.value, bin, other, way.bin};
    }
  }
}

bool CostDescent::improve(int item) {
  if (locked_[z(item)] != 0) return false;
  Move best = best_shift(item);
  if (best.value > -tables_.tolerance) best = {-tables_.tolerance, -1, -1, -1};
  best_double(item, best);
  if (best.bin < 0) return false;
  const double before = state_.charged();
  const int home = state_.bin_of(item);
  apply(item, best.bin);
  if (best.ejected >= 0) apply(best.ejected, best.target);
  if (tables_.has_apart || tables_.limits_changes) {
    if (!(state_.charged() < before - tables_.tolerance)) {
      if (best.ejected >= 0) apply(best.ejected, best.bin);
      apply(item, home);
      return false;
    }
  }
  wake_bin(home);
  wake_bin(best.bin);
  if (best.target >= 0 && best.target != home) wake_bin(best.target);
  return true;
}

}  // namespace plimsoll::assignment
