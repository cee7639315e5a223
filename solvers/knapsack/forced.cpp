#include "solvers/knapsack/forced.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::solvers::knapsack {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// to[c] = max(from[c], from[c - weight] + profit)
void add_item(const double* from, double* to, std::size_t size, std::size_t weight, double profit) {
  std::copy_n(from, weight, to);
  for (std::size_t c = weight; c < size; ++c) {
    const double with = from[c - weight] + profit;
    to[c] = with > from[c] ? with : from[c];
  }
}

// The largest sum of two cells that stand in the same place. Four maxima at once: they do not wait for each other.
double best_sum(const double* a, const double* b, std::size_t size) {
  double best[4] = {-infinity, -infinity, -infinity, -infinity};
  std::size_t c = 0;
  for (; c + 4 <= size; c += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      const double sum = a[c + lane] + b[c + lane];
      best[lane] = sum > best[lane] ? sum : best[lane];
    }
  }
  for (; c < size; ++c) best[0] = std::max(best[0], a[c] + b[c]);
  return std::max(std::max(best[0], best[1]), std::max(best[2], best[3]));
}

}  // namespace

void Forced::solve(std::span<const double> profit, std::span<const double> weight, double capacity, bool whole,
                   std::size_t cells) {
  in_.assign(profit.size(), -infinity);
  out_.assign(profit.size(), 0);
  value_ = 0;
  free_ = 0;
  order_.clear();
  if (capacity < 0) return;
  double total = 0;
  for (std::size_t j = 0; j < profit.size(); ++j) {
    if (!(profit[j] > 0) || weight[j] > capacity) continue;
    if (weight[j] > 0) {
      order_.push_back(static_cast<int>(j));
      total += weight[j];
    } else {
      free_ += profit[j];
    }
  }
  double heaviest = 0;
  for (const double each : weight) {
    if (each <= capacity) heaviest = std::max(heaviest, each);
  }
  // No more room than all of them need, and one forced item of any kind.
  const double enough = std::min(capacity, total + heaviest);
  work_ += profit.size();
  if (whole && (enough + 1) * static_cast<double>(order_.size() + 1) <= static_cast<double>(cells)) {
    exact(profit, weight, static_cast<std::size_t>(enough));
  } else {
    linear(profit, weight, capacity);
  }
  for (std::size_t j = 0; j < profit.size(); ++j) {
    if (weight[j] > capacity) {
      out_[j] = value_;
    } else if (weight[j] > 0) {
      in_[j] += free_;
      out_[j] += free_;
    } else {
      in_[j] = value_ + std::min(profit[j], 0.0);
      out_[j] = value_ - std::max(profit[j], 0.0);
    }
  }
}

void Forced::exact(std::span<const double> profit, std::span<const double> weight, std::size_t capacity) {
  const std::size_t size = capacity + 1;
  const std::size_t count = order_.size();
  table_.assign((count + 1) * size, 0.0);
  for (std::size_t k = 0; k < count; ++k) {
    const auto j = static_cast<std::size_t>(order_[k]);
    add_item(&table_[k * size], &table_[(k + 1) * size], size, static_cast<std::size_t>(weight[j]), profit[j]);
  }
  const double* all = &table_[count * size];
  value_ = all[capacity] + free_;
  for (std::size_t j = 0; j < profit.size(); ++j) {
    out_[j] = all[capacity];
    if (weight[j] > 0 && weight[j] <= static_cast<double>(capacity)) {
      in_[j] = all[capacity - static_cast<std::size_t>(weight[j])] + profit[j];
    }
  }
  // What the items behind the present one are worth, by the room that is *not* theirs: both tables are then read
  // forwards.
  behind_.assign(2 * size, 0.0);
  double* behind = behind_.data();
  double* next = behind + size;
  for (std::size_t k = count; k-- > 0;) {
    const auto j = static_cast<std::size_t>(order_[k]);
    const auto own = static_cast<std::size_t>(weight[j]);
    const double* before = &table_[k * size];
    out_[j] = best_sum(before, behind, size);
    in_[j] = best_sum(before, behind + own, size - own) + profit[j];
    for (std::size_t c = 0; c < size - own; ++c) {
      const double with = behind[c + own] + profit[j];
      next[c] = with > behind[c] ? with : behind[c];
    }
    std::copy_n(behind + (size - own), own, next + (size - own));
    std::swap(behind, next);
  }
  work_ += count * size * 3;
}

void Forced::linear(std::span<const double> profit, std::span<const double> weight, double capacity) {
  const std::size_t count = order_.size();
  std::sort(order_.begin(), order_.end(), [&](int a, int b) {
    const double left = profit[static_cast<std::size_t>(a)] * weight[static_cast<std::size_t>(b)];
    const double right = profit[static_cast<std::size_t>(b)] * weight[static_cast<std::size_t>(a)];
    return left != right ? left > right : a < b;
  });
  weights_.assign(count + 1, 0.0);
  profits_.assign(count + 1, 0.0);
  for (std::size_t k = 0; k < count; ++k) {
    weights_[k + 1] = weights_[k] + weight[static_cast<std::size_t>(order_[k])];
    profits_[k + 1] = profits_[k] + profit[static_cast<std::size_t>(order_[k])];
  }
  // The relaxation's worth of the sorted items within `room`: whole prefix and a part of the next.
  const auto relaxed = [&](double room) {
    auto k = static_cast<std::size_t>(std::upper_bound(weights_.begin(), weights_.end(), room) - weights_.begin());
    k = k == 0 ? 0 : k - 1;
    if (k >= count) return profits_[count];
    const auto j = static_cast<std::size_t>(order_[k]);
    return profits_[k] + std::max(0.0, room - weights_[k]) * (profit[j] / weight[j]);
  };
  const double whole_value = relaxed(capacity);
  value_ = whole_value + free_;
  for (std::size_t j = 0; j < profit.size(); ++j) {
    out_[j] = whole_value;
    if (weight[j] > 0 && weight[j] <= capacity) in_[j] = std::min(relaxed(capacity - weight[j]) + profit[j], infinity);
  }
  for (std::size_t k = 0; k < count; ++k) {
    const auto j = static_cast<std::size_t>(order_[k]);
    // Within the prefix the relaxation holds the item already; leaving it out gives its room to the others.
    if (weights_[k + 1] <= capacity) {
      in_[j] = whole_value;
      out_[j] = relaxed(capacity + weight[j]) - profit[j];
    } else if (weights_[k] <= capacity) {
      out_[j] = relaxed(capacity + weight[j]) - profit[j];
    }
  }
  work_ += 20 * count;
}

}  // namespace plimsoll::solvers::knapsack
