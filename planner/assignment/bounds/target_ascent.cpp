#include "planner/assignment/bounds/target_ascent.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr double beyond = 0.002;    // the step aims at so much above what would refute
constexpr double first_length = 1;  // of a step, in parts of Polyak's
constexpr double least_length = 0.01;
constexpr int patience = 8;     // steps without a better value before they are halved
constexpr double sure = 1e-10;  // relative, beyond what rounding can do

}  // namespace

TargetAscent::TargetAscent(const Times& times)
    : times_(times),
      columns_(z(times.bins)),
      length_(first_length),
      cover_(z(times.items)),
      room_(z(times.bins)),
      held_(z(times.items)) {
  best_.item_price.assign(z(times.items), 1.0);
  if (times.priced) {
    best_.item_price = times.least_cost_of;
    best_.weight = Matrix<double>(z(times.bins), 1, 1.0 / times.bins);
  }
}

void TargetAscent::aim(double target) {
  best_.refuted = target;
  const double latest = times_.latest(target);
  std::fill(held_.begin(), held_.end(), 0);
  for (int bin = 0; bin < times_.bins; ++bin) {
    columns_[z(bin)].clear();
    room_[z(bin)] = times_.room(bin, latest);
    for (int item = 0; item < times_.items; ++item) {
      if (!fits_target(times_, item, bin, target, latest)) continue;
      columns_[z(bin)].push_back({item, times_.prepared.size.at(z(bin), z(item))});
    }
  }
  work_ += z(times_.items) * z(times_.bins) * 2;
  best_value_ = judge(best_);
  trial_ = best_;
  trial_value_ = best_value_;
  length_ = first_length;
  idle_ = 0;
}

void TargetAscent::suggest(const Proof& proof) {
  if (proof.item_price.size() != z(times_.items)) return;
  Proof other = proof;
  other.refuted = best_.refuted;
  if (times_.priced && other.weight.empty()) return;
  const double value = judge(other);
  if (value / scale(other) <= best_value_ / scale(best_)) return;
  best_ = trial_ = other;
  best_value_ = trial_value_ = value;
}

double TargetAscent::scale(const Proof& proof) const {
  if (times_.priced) return std::max(1e-300, std::abs(proof.refuted));
  double sum = 0;
  for (const double price : proof.item_price) sum += price;
  return std::max(sum, 1e-300);
}

// L, less the target where changes are priced: above 0 it refutes. Leaves the sets of the bins in cover_, changes_.
double TargetAscent::judge(const Proof& proof) {
  std::fill(cover_.begin(), cover_.end(), 0);
  changes_ = 0;
  double value = times_.priced ? -proof.refuted : 0;
  for (const double price : proof.item_price) value += price;
  const bool budget = times_.prepared.limits_changes();
  if (budget) value -= proof.change_price * static_cast<double>(*times_.prepared.max_changes);
  for (int bin = 0; bin < times_.bins; ++bin) {
    offers_.clear();
    for (const Column& column : columns_[z(bin)]) {
      const double profit = worth(times_, proof, column.item, bin);
      if (profit > 0) offers_.push_back({profit, column.size, column.item});
    }
    work_ += 2 * columns_[z(bin)].size();
    value -= fill_.solve(offers_, room_[z(bin)], times_.prepared.whole_size);
    if (!share_.empty()) remember(bin);
    for (const int item : fill_.chosen()) {
      ++cover_[z(item)];
      if (budget) changes_ += times_.prepared.changes.at(z(bin), z(item));
    }
  }
  work_ += fill_.take_work();
  return value;
}

void TargetAscent::track() { share_ = Matrix<float>(z(times_.bins), z(times_.items)); }

void TargetAscent::hold(int item, int bin) {
  held_[z(item)] = 1;
  room_[z(bin)] -= times_.prepared.size.at(z(bin), z(item));
  best_.item_price[z(item)] = trial_.item_price[z(item)] = 0;
  for (std::vector<Column>& columns : columns_) {
    std::erase_if(columns, [&](const Column& column) { return column.item == item; });
  }
  std::erase_if(columns_[z(bin)], [&](const Column& column) { return column.size > room_[z(bin)]; });
}

void TargetAscent::remember(int bin) {
  constexpr float lately = 0.1F;
  for (float& part : share_.row(z(bin))) part *= 1 - lately;
  for (const int item : fill_.chosen()) share_.at(z(bin), z(item)) += lately;
  work_ += z(times_.items) / 8;
}

void TargetAscent::step() {
  double norm = 0;
  for (int item = 0; item < times_.items; ++item) {
    if (held(item)) continue;
    norm += (1 - cover_[z(item)]) * (1 - cover_[z(item)]);
  }
  const bool budget = times_.prepared.limits_changes();
  const double over = budget ? changes_ - static_cast<double>(*times_.prepared.max_changes) : 0;
  norm += over * over;
  if (!(norm > 0)) return;
  const double wanted = beyond * scale(trial_);
  const double length = length_ * std::max(wanted - trial_value_, 0.1 * wanted) / norm;
  for (int item = 0; item < times_.items; ++item) {
    if (held(item)) continue;
    double& price = trial_.item_price[z(item)];
    price = std::max(0.0, price + length * (1 - cover_[z(item)]));
  }
  if (budget) trial_.change_price = std::max(0.0, trial_.change_price + length * over);
}

bool TargetAscent::run(int rounds, const support::Meter& meter) {
  const auto refuted = [&] { return best_value_ > sure * scale(best_); };
  for (int round = 0; round < rounds && !refuted() && !meter.urgent(); ++round) {
    step();
    trial_value_ = judge(trial_);
    if (trial_value_ / scale(trial_) > best_value_ / scale(best_)) {
      best_ = trial_;
      best_value_ = trial_value_;
      idle_ = 0;
    } else if (++idle_ >= patience) {
      idle_ = 0;
      length_ = std::max(least_length, length_ / 2);
      trial_ = best_;
      trial_value_ = judge(trial_);
    }
  }
  return refuted();
}

std::uint64_t TargetAscent::take_work() {
  const std::uint64_t work = work_ / 2;
  work_ = 0;
  return work;
}

}  // namespace plimsoll::assignment
