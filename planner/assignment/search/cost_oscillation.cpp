#include "planner/assignment/search/cost_oscillation.hpp"

#include <algorithm>
#include <limits>

namespace plimsoll::assignment {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr int adapt_every = 20;
constexpr std::size_t elite_size = 8;

std::size_t z(int index) { return static_cast<std::size_t>(index); }

std::vector<int> cheapest(const CostGuide& guide) {
  std::vector<int> bin_of;
  for (int item = 0; item < guide.tables().items; ++item) bin_of.push_back(guide.candidates().bins(item).front());
  return bin_of;
}

}  // namespace

CostOscillation::CostOscillation(const CostGuide& guide, std::uint64_t seed)
    : guide_(guide),
      tables_(guide.tables()),
      random_(seed, 0x7ab0),
      state_(guide.tables(), cheapest(guide)),
      descent_(state_, guide.candidates()),
      best_(infinite) {
  set_weights();
}

// What a unit of capacity is worth, a third of the mean where it seems worth nothing, and a fallback from the spread of
// costs where no capacity has a price.
void CostOscillation::set_weights() {
  double spread = 0;
  for (int item = 0; item < tables_.items; ++item) {
    double least = infinite;
    double most = -infinite;
    for (int bin = 0; bin < tables_.bins; ++bin) {
      if (!tables_.can(item, bin)) continue;
      least = std::min(least, tables_.cost(item, bin));
      most = std::max(most, tables_.cost(item, bin));
    }
    spread += most - least;
  }
  const double per_item = std::max(1e-3, spread / std::max(1, tables_.items));
  for (int d = 0; d < tables_.dimensions; ++d) {
    double mean = 0;
    for (int bin = 0; bin < tables_.bins; ++bin) mean += guide_.prices().price[z(bin) * z(tables_.dimensions) + z(d)];
    mean /= tables_.bins;
    for (int bin = 0; bin < tables_.bins; ++bin) {
      double size = 0;
      for (int item = 0; item < tables_.items; ++item) size += tables_.can(item, bin) ? tables_.size(item, bin, d) : 0;
      const double fallback = 0.05 * per_item * tables_.items / std::max(1.0, size);
      const double price = guide_.prices().price[z(bin) * z(tables_.dimensions) + z(d)];
      state_.set_weight(bin, d, 2 * std::max({price, mean / 3, fallback}));
    }
  }
  state_.apart_weight() = per_item;
  state_.change_weight() = std::max(2 * guide_.prices().change_price, 0.5 * per_item);
}

void CostOscillation::start(std::span<const int> bin_of) {
  state_.reset(bin_of);
  descent_.forget();
  descent_.mark();
  fresh_ = true;
}

void CostOscillation::renew() { descent_.forget(); }

void CostOscillation::note(const Watch& watch) {
  if (!state_.feasible()) {
    ++infeasible_;
    return;
  }
  ++feasible_;
  if (!has_plan_ || state_.cost() < best_ - tables_.tolerance) {
    has_plan_ = true;
    best_ = std::min(best_, state_.cost());
    best_plan_ = state_.bin_of();
    improved_at_ = iteration_;
    watch.found(best_plan_);
  }
}

// Called every few iterations, on the accepted plan.
void CostOscillation::adapt() {
  if (feasible_ > 0 && infeasible_ > 0) {
    feasible_ = infeasible_ = 0;
    return;
  }
  const bool rise = feasible_ == 0;
  for (int bin = 0; bin < tables_.bins; ++bin) {
    for (int d = 0; d < tables_.dimensions; ++d) {
      const double weight = state_.weight(bin, d);
      if (rise && state_.slack(bin, d) < 0) state_.set_weight(bin, d, std::min(weight * 1.3, 1e12));
      if (!rise) state_.set_weight(bin, d, std::max(weight * 0.9, 1e-9));
    }
  }
  if (rise && state_.apart_pairs() > 0) state_.apart_weight() = std::min(state_.apart_weight() * 1.3, 1e12);
  if (rise && state_.excess_changes() > 0) state_.change_weight() = std::min(state_.change_weight() * 1.3, 1e12);
  if (!rise) {
    state_.apart_weight() = std::max(state_.apart_weight() * 0.9, 1e-9);
    state_.change_weight() = std::max(state_.change_weight() * 0.9, 1e-9);
  }
  descent_.forget();
  if (rise) descent_.wake_all();
  feasible_ = infeasible_ = 0;
}

void CostOscillation::kick() {
  const int strength = 1 + static_cast<int>(random_.below(3));
  for (int k = 0; k < strength; ++k) {
    const int item = static_cast<int>(random_.below(z(tables_.items)));
    const auto bins = guide_.candidates().bins(item);
    const int bin = bins[random_.below(std::min<std::size_t>(bins.size(), 4))];
    if (bin == state_.bin_of(item)) continue;
    descent_.force(item, bin);
    descent_.lock(item, true);
    kicked_.push_back(item);
  }
}

// Keeps the accepted plan among the good ones, in place of the worst or of one that is almost the same.
void CostOscillation::remember() {
  const double cost = state_.charged();
  std::size_t slot = elite_.size();
  for (std::size_t e = 0; e < elite_.size(); ++e) {
    int different = 0;
    for (int item = 0; item < tables_.items; ++item) different += elite_[e][z(item)] != state_.bin_of(item) ? 1 : 0;
    if (different * 50 <= tables_.items) {
      if (elite_cost_[e] <= cost) return;
      slot = e;
      break;
    }
  }
  if (slot == elite_.size() && elite_.size() >= elite_size) {
    slot = static_cast<std::size_t>(std::max_element(elite_cost_.begin(), elite_cost_.end()) - elite_cost_.begin());
    if (elite_cost_[slot] <= cost) return;
  }
  if (slot == elite_.size()) {
    elite_.emplace_back();
    elite_cost_.push_back(0);
  }
  elite_[slot] = state_.bin_of();
  elite_cost_[slot] = cost;
}

// From one good plan a part of the way to another, the least costly of a few differences at a time.
void CostOscillation::relink() {
  if (elite_.empty()) return;
  const std::vector<int>& from = elite_[random_.below(elite_.size())];
  const std::vector<int>& to = elite_[random_.below(elite_.size())];
  state_.reset(from);
  descent_.forget();
  std::vector<int> differ;
  for (int item = 0; item < tables_.items; ++item) {
    if (from[z(item)] != to[z(item)]) differ.push_back(item);
  }
  const std::size_t steps = differ.size() / 2;
  for (std::size_t step = 0; step < steps; ++step) {
    std::size_t best = 0;
    double least = infinite;
    for (int sample = 0; sample < 8; ++sample) {
      const std::size_t k = random_.below(differ.size());
      const double value = state_.gain_out(differ[k]) + state_.gain_in(differ[k], to[z(differ[k])]);
      if (value < least) {
        least = value;
        best = k;
      }
    }
    descent_.force(differ[best], to[z(differ[best])]);
    differ[best] = differ.back();
    differ.pop_back();
  }
  for (std::size_t extra = steps; extra < 4; ++extra) kick();
  for (const int item : kicked_) descent_.lock(item, false);
  kicked_.clear();
  fresh_ = true;
}

// Descends, with a look at the clock now and then.
void CostOscillation::settle(std::uint64_t& work, std::uint64_t limit, const Watch& watch) {
  constexpr std::uint64_t portion = 100'000;
  while (!descent_.descend(work, std::min(limit, work + portion))) {
    if (work >= limit || watch.stop()) return;
  }
}

void CostOscillation::run(std::uint64_t& work, std::uint64_t limit, const Watch& watch) {
  const std::int64_t patience = 50 + 5 * static_cast<std::int64_t>(tables_.items);
  while (work < limit && !watch.stop()) {
    if (watch.first_only && has_plan_) return;
    ++iteration_;
    work += 32;
    if (fresh_) {
      descent_.forget();
      descent_.wake_all();
    } else {
      kick();
    }
    settle(work, limit, watch);
    for (const int item : kicked_) descent_.lock(item, false);
    kicked_.clear();
    note(watch);
    const double value = state_.charged();
    if (fresh_ || value <= current_ + tables_.tolerance) {
      if (fresh_ || value < round_best_ - tables_.tolerance) {
        round_best_ = value;
        improved_at_ = iteration_;
      }
      current_ = value;
      fresh_ = false;
      descent_.mark();
    } else {
      descent_.undo();
    }
    if (iteration_ % adapt_every == 0) {
      const double before = state_.charged();
      adapt();
      settle(work, limit, watch);
      note(watch);
      descent_.mark();
      current_ = state_.charged();
      if (current_ != before) round_best_ = current_;
    }
    if (iteration_ - improved_at_ > patience) {
      remember();
      relink();
      improved_at_ = iteration_;
    }
  }
}

}  // namespace plimsoll::assignment
