#include "planner/assignment/bounds/lagrangian.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/rounding.hpp"

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

double dearest_plan(const Prepared& prepared) {
  double sum = 0;
  double magnitude = 0;
  for (int item = 0; item < prepared.items; ++item) {
    double most = -std::numeric_limits<double>::infinity();
    for (int bin = 0; bin < prepared.bins; ++bin) {
      if (prepared.can(bin, item)) most = std::max(most, prepared.cost.at(z(bin), z(item)));
    }
    sum += most;
    magnitude += std::abs(most);
  }
  return sum + 1e-9 * std::max(1.0, magnitude);
}

Matrix<double> tightest_dimensions(const Prepared& prepared) {
  if (prepared.dimensions.size() <= 1) return {};
  Matrix<double> weight(z(prepared.bins), prepared.dimensions.size());
  for (int bin = 0; bin < prepared.bins; ++bin) {
    std::size_t tightest = 0;
    double most = -1;
    for (std::size_t d = 0; d < prepared.dimensions.size(); ++d) {
      const Prepared::Dimension& dimension = prepared.dimensions[d];
      double sum = 0;
      for (int item = 0; item < prepared.items; ++item) {
        if (prepared.can(bin, item)) sum += dimension.size.at(z(bin), z(item));
      }
      const double fill = sum / std::max(dimension.capacity[z(bin)], 1e-300);
      if (fill <= most) continue;
      most = fill;
      tightest = d;
    }
    weight.at(z(bin), tightest) = 1;
  }
  return weight;
}

Lagrangian::Lagrangian(const Prepared& prepared)
    : prepared_(prepared),
      dimension_(z(prepared.bins), 0),
      weight_(tightest_dimensions(prepared)),
      knapsack_(z(prepared.bins)),
      slope_(z(prepared.items), 0.0),
      direction_(z(prepared.items), 0.0),
      takers_(z(prepared.items)) {
  for (std::size_t bin = 0; bin < weight_.rows(); ++bin) {
    const auto row = weight_.row(bin);
    dimension_[bin] = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
  }
}

Lagrangian::Prices Lagrangian::first_prices() const {
  Prices prices;
  for (int item = 0; item < prepared_.items; ++item) {
    double best = std::numeric_limits<double>::infinity();
    double second = best;
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      if (!prepared_.can(bin, item)) continue;
      const double cost = prepared_.cost.at(z(bin), z(item));
      second = std::min(second, std::max(best, cost));
      best = std::min(best, cost);
    }
    prices.item.push_back(std::isfinite(second) ? second : std::isfinite(best) ? best : 0.0);
  }
  return prices;
}

Proof Lagrangian::proof(const Prices& prices) const {
  Proof proof;
  proof.item_price = prices.item;
  proof.change_price = prices.change;
  proof.weight = weight_;
  return proof;
}

double Lagrangian::cost(int bin, int item, const Prices& prices) const {
  const double own = prepared_.cost.at(z(bin), z(item));
  return prices.change > 0 ? own + prices.change * prepared_.changes.at(z(bin), z(item)) : own;
}

double Lagrangian::size(int bin, int item) const {
  if (prepared_.dimensions.empty()) return 0;
  return prepared_.dimensions[dimension_[z(bin)]].size.at(z(bin), z(item));
}

double Lagrangian::evaluate(const OpenPairs& open, const Prices& prices) {
  prices_ = prices;
  double value = 0;
  std::int64_t changes = 0;
  for (int item = 0; item < prepared_.items; ++item) {
    takers_[z(item)].clear();
    const int bin = open.bin_of(item);
    value += bin >= 0 ? prepared_.cost.at(z(bin), z(item)) : prices.item[z(item)];
    slope_[z(item)] = bin >= 0 ? 0 : 1;
  }
  if (prices.change > 0) value -= prices.change * static_cast<double>(open.changes_left());
  for (int bin = 0; bin < prepared_.bins; ++bin) {
    offers_.clear();
    const auto own = prepared_.cost.row(z(bin));
    for (int item = 0; item < prepared_.items; ++item) {
      const double profit = prices.item[z(item)] - own[z(item)];
      if (profit <= 0 || open.bin_of(item) >= 0 || !open.open(bin, item)) continue;
      const double net = prices.change > 0 ? prices.item[z(item)] - cost(bin, item, prices) : profit;
      if (net > 0) offers_.push_back({net, size(bin, item), item});
    }
    work_ += z(prepared_.items) / 2;
    const bool limited = !prepared_.dimensions.empty();
    const std::size_t d = dimension_[z(bin)];
    const bool whole = limited && prepared_.dimensions[d].whole;
    double room = limited ? open.room(d, bin) : std::numeric_limits<double>::infinity();
    if (limited && !whole) room += 1e-12 * prepared_.dimensions[d].capacity[z(bin)];
    Knapsack& knapsack = knapsack_[z(bin)];
    knapsack.value = fill_.solve(offers_, std::max(room, 0.0), whole);
    knapsack.upper = 0;
    knapsack.density = 0;
    double used = 0;
    for (const Offer& offer : offers_) {  // by density, where they do not all fit
      if (used + offer.size > room) {
        knapsack.density = offer.profit / offer.size;
        knapsack.upper += (room - used) * knapsack.density;
        break;
      }
      used += offer.size;
      knapsack.upper += offer.profit;
    }
    knapsack.upper = std::max(knapsack.upper, knapsack.value);
    value -= knapsack.value;
    for (const int item : fill_.chosen()) {
      takers_[z(item)].push_back(bin);
      slope_[z(item)] -= 1;
      if (!prepared_.changes.empty()) changes += prepared_.changes.at(z(bin), z(item));
    }
  }
  work_ += fill_.take_work();
  change_slope_ = prepared_.limits_changes() ? static_cast<double>(changes - open.changes_left()) : 0;
  feasible_ = change_slope_ <= 0 && std::all_of(slope_.begin(), slope_.end(), [](double part) { return part == 0; });
  return value;
}

double Lagrangian::reduced(int bin, int item) const {
  return prices_.item[z(item)] - cost(bin, item, prices_) - knapsack_[z(bin)].density * size(bin, item);
}

bool Lagrangian::close_beyond(OpenPairs& open, const Prices& prices, double value, double target) {
  // With the pair forced in or out, a bin is worth no more than Dantzig's bound less the distance from its line.
  const double allowed = target - value + 1e-9 * std::max(1.0, std::abs(target));
  if (allowed < 0) return false;
  work_ += z(open.free_items()) * z(prepared_.bins) / 2;
  std::vector<double> out(z(prepared_.bins));
  for (int item = 0; item < prepared_.items; ++item) {
    if (open.bin_of(item) >= 0) continue;
    // What the bins that took the item lose without it.
    double all_out = 0;
    for (const int bin : takers_[z(item)]) {
      const Knapsack& knapsack = knapsack_[z(bin)];
      out[z(bin)] = std::max(0.0, knapsack.value - (knapsack.upper - std::max(0.0, reduced(bin, item))));
      all_out += out[z(bin)];
    }
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      if (open.bin_of(item) >= 0 || !open.open(bin, item)) continue;
      const bool taken = std::find(takers_[z(item)].begin(), takers_[z(item)].end(), bin) != takers_[z(item)].end();
      const Knapsack& knapsack = knapsack_[z(bin)];
      const double own =
          taken ? -out[z(bin)] : std::max(0.0, knapsack.value - (knapsack.upper + std::min(0.0, reduced(bin, item))));
      if (own + all_out > allowed) {
        if (!open.close(bin, item)) return false;
      } else if (taken && out[z(bin)] > allowed) {
        if (!open.assign(bin, item)) return false;
      }
    }
  }
  static_cast<void>(prices);
  return open.propagate();
}

void Lagrangian::forget_direction() {
  std::fill(direction_.begin(), direction_.end(), 0.0);
  change_direction_ = 0;
}

void Lagrangian::step(const OpenPairs& open, Prices& prices, double value, double goal, double scale) {
  // The slope is bent towards the last direction wherever they point against each other.
  double along = change_slope_ * change_direction_;
  double length = change_direction_ * change_direction_;
  for (std::size_t item = 0; item < slope_.size(); ++item) {
    along += slope_[item] * direction_[item];
    length += direction_[item] * direction_[item];
  }
  const double bend = along < 0 && length > 0 ? -1.5 * along / length : 0;
  double norm = 0;
  for (std::size_t item = 0; item < slope_.size(); ++item) {
    direction_[item] = open.bin_of(static_cast<int>(item)) >= 0 ? 0 : slope_[item] + bend * direction_[item];
    norm += direction_[item] * direction_[item];
  }
  change_direction_ = change_slope_ + bend * change_direction_;
  if (prices.change <= 0 && change_direction_ < 0) change_direction_ = 0;
  norm += change_direction_ * change_direction_;
  work_ += slope_.size() / 2;
  if (!(norm > 0)) return;
  const double width = scale * (goal - value) / norm;
  for (std::size_t item = 0; item < slope_.size(); ++item) prices.item[item] += width * direction_[item];
  prices.change = std::max(0.0, prices.change + width * change_direction_);
}

std::uint64_t Lagrangian::take_work() {
  constexpr std::uint64_t steps_per_work = 3;  // so that 1e8 work are about a second
  const std::uint64_t work = work_ / steps_per_work;
  work_ = 0;
  return work;
}

double evaluate_lagrangian(const Prepared& prepared, const Proof& proof) {
  double value = 0;
  double magnitude = 0;
  const auto add = [&](double part) {
    value += part;
    magnitude += std::abs(part);
  };
  for (const double price : proof.item_price) add(price);
  const bool priced = proof.change_price > 0 && prepared.limits_changes();
  if (priced) add(-proof.change_price * static_cast<double>(*prepared.max_changes));
  for (int bin = 0; bin < prepared.bins; ++bin) {
    std::vector<Offer> offers;
    double room = std::numeric_limits<double>::infinity();
    bool whole = false;
    const bool limited = !prepared.dimensions.empty();
    std::size_t kept = 0;  // the dimension of the knapsack: the one with the largest weight
    if (!proof.weight.empty()) {
      const auto row = proof.weight.row(z(bin));
      const auto known = row.subspan(0, std::min(row.size(), prepared.dimensions.size()));
      kept = static_cast<std::size_t>(std::max_element(known.begin(), known.end()) - known.begin());
    }
    if (limited) {
      room = prepared.dimensions[kept].capacity[z(bin)];
      whole = prepared.dimensions[kept].whole;
    }
    for (int item = 0; item < prepared.items; ++item) {
      if (!prepared.can(bin, item)) continue;
      double cost = prepared.cost.at(z(bin), z(item));
      if (priced) cost += proof.change_price * prepared.changes.at(z(bin), z(item));
      const double size = limited ? prepared.dimensions[kept].size.at(z(bin), z(item)) : 0;
      offers.push_back({proof.item_price[z(item)] - cost, size, item});
      magnitude += std::abs(cost);
    }
    add(-plain_fill(std::move(offers), room, whole));
  }
  return value - support::rounding_margin * magnitude;
}

}  // namespace plimsoll::assignment
