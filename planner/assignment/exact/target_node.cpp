#include "planner/assignment/exact/target_node.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr double rounding = 1e-12;  // relative, of sums of prices and of sizes that are not whole

}  // namespace

TargetNode::TargetNode(const Times& times)
    : times_(times),
      prepared_(times.prepared),
      dimension_used_(prepared_.dimensions.size(), z(times.bins)),
      open_(z(times.items), z(times.bins)) {
  for (int item = 0; prepared_.limits_changes() && item < times.items; ++item) {
    int fewest = prepared_.changes.at(z(times.open[z(item)].front()), z(item));
    for (const int bin : times.open[z(item)]) fewest = std::min(fewest, prepared_.changes.at(z(bin), z(item)));
    fewest_changes_.push_back(fewest);
  }
}

int TargetNode::extra_changes(int item, int bin) const {
  return fewest_changes_.empty() ? 0 : prepared_.changes.at(z(bin), z(item)) - fewest_changes_[z(item)];
}

bool TargetNode::reset(double target) {
  target_ = target;
  spent_ = times_.least_cost;
  changes_left_ = prepared_.max_changes.value_or(0);
  for (const int changes : fewest_changes_) changes_left_ -= changes;
  used_.assign(z(times_.bins), 0.0);
  dimension_used_ = Matrix<double>(dimension_used_.rows(), dimension_used_.columns());
  count_.assign(z(times_.bins), 0);
  bin_of_.assign(z(times_.items), -1);
  placed_.clear();
  removed_.clear();
  forced_.clear();
  choices_.assign(z(times_.items), 0);
  open_ = Matrix<std::uint8_t>(z(times_.items), z(times_.bins));
  if (changes_left_ < 0) return false;
  for (int item = 0; item < times_.items; ++item) {
    for (const int bin : times_.open[z(item)]) {
      if (!fits(item, bin)) continue;
      open_.at(z(item), z(bin)) = 1;
      ++choices_[z(item)];
    }
    if (choices_[z(item)] == 0) return false;
    if (choices_[z(item)] == 1) forced_.push_back(item);
  }
  return settle();
}

double TargetNode::left(int bin) const {
  const double latest = times_.priced ? target_ - spent_ + rounding * (std::abs(target_) + std::abs(spent_)) : target_;
  return times_.room(bin, latest) - used_[z(bin)];
}

bool TargetNode::fits(int item, int bin) const {
  const double size = prepared_.size.at(z(bin), z(item));
  double latest = target_;
  if (times_.priced) {
    const double price = spent_ - times_.least_cost_of[z(item)] + times_.cost.at(z(item), z(bin));
    latest = target_ - price + rounding * (std::abs(target_) + std::abs(price));
  }
  const double room = times_.room(bin, latest);
  if (used_[z(bin)] + size > room + (prepared_.whole_size ? 0 : rounding * std::abs(room))) return false;
  if (extra_changes(item, bin) > changes_left_) return false;
  for (std::size_t d = 0; d < prepared_.dimensions.size(); ++d) {
    const Prepared::Dimension& dimension = prepared_.dimensions[d];
    const double capacity = dimension.capacity[z(bin)];
    const double used = dimension_used_.at(d, z(bin)) + dimension.size.at(z(bin), z(item));
    if (used > capacity + (dimension.whole ? 0 : rounding * capacity)) return false;
  }
  return true;
}

bool TargetNode::remove(int item, int bin) {
  open_.at(z(item), z(bin)) = 0;
  removed_.emplace_back(item, bin);
  const int choices = --choices_[z(item)];
  if (choices == 1) forced_.push_back(item);
  return choices > 0;
}

bool TargetNode::revise(int bin) {
  work_ += z(times_.items);
  for (int item = 0; item < times_.items; ++item) {
    if (bin_of(item) < 0 && open(item, bin) && !fits(item, bin) && !remove(item, bin)) return false;
  }
  return true;
}

bool TargetNode::assign(int item, int bin) {
  forced_.clear();
  for (const int other : times_.open[z(item)]) {
    if (other != bin && open(item, other)) {
      open_.at(z(item), z(other)) = 0;
      removed_.emplace_back(item, other);
      --choices_[z(item)];
    }
  }
  forced_.push_back(item);
  return settle();
}

bool TargetNode::exclude(int item, int bin) {
  forced_.clear();
  return !open(item, bin) || (remove(item, bin) && settle());
}

// Places every item that has one bin left.
bool TargetNode::settle() {
  while (!forced_.empty()) {
    const int item = forced_.back();
    forced_.pop_back();
    if (bin_of(item) >= 0) continue;
    int bin = -1;
    for (const int candidate : times_.open[z(item)]) {
      if (open(item, candidate)) bin = candidate;
    }
    if (bin < 0 || !fits(item, bin)) return false;
    bin_of_[z(item)] = bin;
    placed_.push_back(item);
    ++count_[z(bin)];
    used_[z(bin)] += prepared_.size.at(z(bin), z(item));
    for (std::size_t d = 0; d < prepared_.dimensions.size(); ++d) {
      dimension_used_.at(d, z(bin)) += prepared_.dimensions[d].size.at(z(bin), z(item));
    }
    const int changes = extra_changes(item, bin);
    const double price = times_.cost.at(z(item), z(bin)) - times_.least_cost_of[z(item)];
    changes_left_ -= changes;
    spent_ += price;
    for (const int other : prepared_.apart[z(item)]) {
      if (bin_of(other) == bin) return false;
      if (bin_of(other) < 0 && open(other, bin) && !remove(other, bin)) return false;
    }
    const bool everywhere = changes > 0 || price > 0;
    for (int other = 0; other < times_.bins; ++other) {
      if ((everywhere || other == bin) && !revise(other)) return false;
    }
    if (!times_.priced || price <= 0) continue;
    for (int other = 0; other < times_.bins; ++other) {
      if (left(other) < -rounding * std::abs(used_[z(other)])) return false;
    }
  }
  return true;
}

void TargetNode::undo(Mark mark) {
  while (placed_.size() > mark.second) {
    const int item = placed_.back();
    const int bin = bin_of(item);
    placed_.pop_back();
    bin_of_[z(item)] = -1;
    --count_[z(bin)];
    changes_left_ += extra_changes(item, bin);
    if (prepared_.whole_size) {
      used_[z(bin)] -= prepared_.size.at(z(bin), z(item));
    } else {
      used_[z(bin)] = 0;  // summed anew, so that nothing drifts
      for (const int other : placed_) used_[z(bin)] += bin_of(other) == bin ? prepared_.size.at(z(bin), z(other)) : 0;
    }
    for (std::size_t d = 0; d < prepared_.dimensions.size(); ++d) {
      double used = 0;
      for (const int other : placed_) {
        if (bin_of(other) == bin) used += prepared_.dimensions[d].size.at(z(bin), z(other));
      }
      dimension_used_.at(d, z(bin)) = used;
    }
    spent_ -= times_.cost.at(z(item), z(bin)) - times_.least_cost_of[z(item)];
  }
  if (placed_.empty()) spent_ = times_.least_cost;
  while (removed_.size() > mark.first) {
    const auto [item, bin] = removed_.back();
    removed_.pop_back();
    open_.at(z(item), z(bin)) = 1;
    ++choices_[z(item)];
  }
  forced_.clear();
}

std::uint64_t TargetNode::take_work() {
  const std::uint64_t work = work_;
  work_ = 0;
  return work;
}

}  // namespace plimsoll::assignment
