#include "planner/assignment/search/capacity_prices.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

class Ascent {
 public:
  explicit Ascent(const CostTables& tables) : tables_(tables) {
    prices_.price.assign(z(tables.bins) * z(tables.dimensions), 0.0);
    used_.assign(prices_.price.size(), 0.0);
    mean_.assign(prices_.price.size(), 0.0);
    set_scales();
  }

  CapacityPrices climb(int rounds) {
    double spread = first_spread();
    CapacityPrices best = prices_;
    best.bound = std::numeric_limits<double>::lowest();
    int idle = 0;
    for (int round = 0; round < rounds; ++round) {
      const double value = evaluate();
      if (value > best.bound) {
        prices_.bound = value;
        best = prices_;
        idle = 0;
      } else if (++idle >= 8) {
        idle = 0;
        spread /= 2;
        prices_ = best;
        evaluate();
      }
      if (!step(best.bound + spread - value)) break;
    }
    return best;
  }

 private:
  // Sizes of different bins and dimensions may be of any magnitude: the direction is taken per capacity relative to
  // the mean size.
  void set_scales() {
    scale_.assign(prices_.price.size(), 1.0);
    for (int bin = 0; bin < tables_.bins; ++bin) {
      for (int d = 0; d < tables_.dimensions; ++d) {
        double sum = 0;
        int count = 0;
        for (int item = 0; item < tables_.items; ++item) {
          if (!tables_.can(item, bin)) continue;
          sum += tables_.size(item, bin, d);
          ++count;
        }
        if (sum > 0) scale_[at(bin, d)] = count / sum;
      }
    }
  }
  [[nodiscard]] std::size_t at(int bin, int d) const { return z(bin) * z(tables_.dimensions) + z(d); }

  // How far the value may be expected to rise: some part of what the choice of bins makes in cost.
  double first_spread() {
    double spread = 0;
    for (int item = 0; item < tables_.items; ++item) {
      double least = std::numeric_limits<double>::infinity();
      double most = -least;
      for (int bin = 0; bin < tables_.bins; ++bin) {
        if (!tables_.can(item, bin)) continue;
        least = std::min(least, tables_.cost(item, bin));
        most = std::max(most, tables_.cost(item, bin));
      }
      if (most > least) spread += most - least;
    }
    return std::max(spread / 4, 1.0);
  }

  double evaluate() {
    std::fill(used_.begin(), used_.end(), 0.0);
    changes_ = 0;
    double value = 0;
    for (int item = 0; item < tables_.items; ++item) {
      int chosen = -1;
      double least = std::numeric_limits<double>::infinity();
      for (int bin = 0; bin < tables_.bins; ++bin) {
        if (!tables_.can(item, bin)) continue;
        const double priced = prices_.priced(tables_, item, bin);
        if (priced < least) {
          least = priced;
          chosen = bin;
        }
      }
      if (chosen < 0) continue;
      value += least;
      for (int d = 0; d < tables_.dimensions; ++d) used_[at(chosen, d)] += tables_.size(item, chosen, d);
      changes_ += tables_.changes(item, chosen);
    }
    for (std::size_t k = 0; k < used_.size(); ++k) {
      value -= prices_.price[k] * tables_.capacity[k];
      used_[k] = (used_[k] - tables_.capacity[k]) * scale_[k];
    }
    changes_ -= tables_.max_changes;
    value -= prices_.change_price * tables_.max_changes;
    return value;
  }

  // A step along the mean of recent subgradients, of the length that would gain `hope` if the value were linear.
  bool step(double hope) {
    constexpr double memory = 0.3;
    double norm = 0;
    double slope = 0;  // of the present subgradient alone: the mean of several may all but vanish
    for (std::size_t k = 0; k < used_.size(); ++k) {
      if (prices_.price[k] > 0 || used_[k] > 0) slope += used_[k] * used_[k];
      mean_[k] = used_[k] + memory * mean_[k];
      if (prices_.price[k] <= 0 && mean_[k] < 0) mean_[k] = 0;
      norm += mean_[k] * mean_[k];
    }
    if (tables_.limits_changes && (prices_.change_price > 0 || changes_ > 0)) slope += changes_ * changes_;
    mean_changes_ = tables_.limits_changes ? changes_ + memory * mean_changes_ : 0;
    if (prices_.change_price <= 0 && mean_changes_ < 0) mean_changes_ = 0;
    norm += mean_changes_ * mean_changes_;
    if (!(slope > 0)) return false;
    const double length = hope / std::max(norm, slope);
    for (std::size_t k = 0; k < used_.size(); ++k) {
      prices_.price[k] = std::max(0.0, prices_.price[k] + length * mean_[k] * scale_[k]);
    }
    prices_.change_price = std::max(0.0, prices_.change_price + length * mean_changes_);
    return true;
  }

  const CostTables& tables_;
  CapacityPrices prices_;
  std::vector<double> scale_;
  std::vector<double> used_;
  std::vector<double> mean_;
  double changes_ = 0;
  double mean_changes_ = 0;
};

}  // namespace

CapacityPrices capacity_prices(const CostTables& tables, std::uint64_t& work) {
  const double pairs = static_cast<double>(tables.items) * tables.bins;
  const int rounds = static_cast<int>(std::clamp(3e7 / std::max(1.0, pairs), 5.0, 400.0));
  work += static_cast<std::uint64_t>(pairs * rounds * (tables.dimensions + 1) / 4);
  return Ascent(tables).climb(rounds);
}

CapacityPrices prices_from_items(const CostTables& tables, const std::vector<double>& item_price) {
  CapacityPrices prices;
  prices.price.assign(z(tables.bins), 0.0);
  std::vector<std::pair<double, double>> gains;  // gain per size, size
  for (int bin = 0; bin < tables.bins; ++bin) {
    gains.clear();
    for (int item = 0; item < tables.items; ++item) {
      if (!tables.can(item, bin)) continue;
      const double gain = item_price[z(item)] / tables.cost_unit - tables.cost(item, bin);
      const double size = tables.size(item, bin);
      if (gain > 0 && size > 0) gains.emplace_back(gain / size, size);
    }
    std::sort(gains.begin(), gains.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    double room = tables.room(bin);
    for (const auto& [ratio, size] : gains) {
      room -= size;
      if (room < 0) {
        prices.price[z(bin)] = ratio;
        break;
      }
    }
  }
  return prices;
}

}  // namespace plimsoll::assignment
