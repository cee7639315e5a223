#include "planner/assignment/search/cost_cell.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::assignment {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
// Sets per list of the join. 4,096 ended lower than 2,048 and 12,000 on three type D instances (one seed, 3e8 work).
constexpr std::size_t list_limit = 4096;
// A part of the options is left out by chance, so that the same cell looks at other combinations the next time.
// None left out did worse on type D; a half did better on one instance of three, worse on one.
constexpr double left_out = 0.2;
constexpr std::size_t most_options = 512;

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

CostCell::Outcome CostCell::solve(const CostState& state, std::span<const int> bins, const CapacityPrices& prices,
                                  double worse, int node_limit, support::Random& random, std::uint64_t& work) {
  random_ = &random;
  node_limit_ = node_limit;
  nodes_ = 0;
  found_.clear();
  gain_ = 0;
  equal_seen_ = 0;
  gather(state, bins);
  if (free_.empty()) return Outcome::none;
  tune(prices);
  now_excess_ = now_value_ - bound_;
  budget_ = now_excess_ + worse;
  work += free_.size() * bins_.size() * 24;
  if (budget_ < -tables_.tolerance) return Outcome::none;
  list_options(budget_);
  enumerate(0, 0);
  if (nodes_ >= node_limit_) join(work);
  work += static_cast<std::uint64_t>(nodes_) * 8 + options_.size() * 8;
  gain_ = now_excess_ - budget_;
  if (!found_.empty()) {
    if (gain_ > tables_.tolerance) return Outcome::better;
    return gain_ > -tables_.tolerance ? Outcome::equal : Outcome::worse;
  }
  return nodes_ >= node_limit_ ? Outcome::limit : Outcome::none;
}

void CostCell::gather(const CostState& state, std::span<const int> bins) {
  bins_.assign(bins.begin(), bins.end());
  free_.clear();
  now_.clear();
  room_.assign(bins_.size() * z(tables_.dimensions), 0.0);
  now_value_ = 0;
  changes_room_ = -state.excess_changes();
  for (int b = 0; b < static_cast<int>(bins_.size()); ++b) {
    for (int d = 0; d < tables_.dimensions; ++d) room_[at(b, d)] = state.slack(bins_[z(b)], d);
    for (const int item : state.content(bins_[z(b)])) {
      free_.push_back(item);
      now_.push_back(b);
      const double* record = tables_.record(item, bins_[z(b)]);
      now_value_ += record[0];
      changes_room_ += tables_.changes(item, bins_[z(b)]);
      for (int d = 0; d < tables_.dimensions; ++d) room_[at(b, d)] += record[d + 1];
    }
  }
  pairs_.clear();
  if (tables_.has_apart) {
    for (std::size_t f = 0; f < free_.size(); ++f) index_of_[z(free_[f])] = static_cast<int>(f);
    for (std::size_t f = 0; f < free_.size(); ++f) {
      for (const int other : tables_.prepared.apart[z(free_[f])]) {
        if (index_of_[z(other)] > static_cast<int>(f)) pairs_.emplace_back(static_cast<int>(f), index_of_[z(other)]);
      }
    }
    for (const int item : free_) index_of_[z(item)] = -1;
  }
  open_.assign(free_.size() * bins_.size(), 0);
  for (std::size_t f = 0; f < free_.size(); ++f) {
    for (std::size_t b = 0; b < bins_.size(); ++b) {
      open_[f * bins_.size() + b] = tables_.can(free_[f], bins_[b]) ? 1 : 0;
    }
  }
}

// The Lagrangian value of the cell at lambda_, with home_, least_ and used_.
double CostCell::relax(bool keep_home) {
  double value = 0;
  std::fill(used_.begin(), used_.end(), 0.0);
  for (int f = 0; f < static_cast<int>(free_.size()); ++f) {
    double least = infinite;
    int home = 0;
    for (int b = 0; b < static_cast<int>(bins_.size()); ++b) {
      if (!open(f, b)) continue;
      const double* pair = record(f, b);
      double priced = pair[0] + price_of_changes_ * changes(f, b);
      for (int d = 0; d < tables_.dimensions; ++d) priced += lambda_[at(b, d)] * pair[d + 1];
      if (priced < least) {
        least = priced;
        home = b;
      }
    }
    value += least;
    if (keep_home) {
      home_[z(f)] = home;
      least_[z(f)] = least;
    }
    const double* pair = record(f, home);
    for (int d = 0; d < tables_.dimensions; ++d) used_[at(home, d)] += pair[d + 1];
  }
  for (std::size_t k = 0; k < lambda_.size(); ++k) value -= lambda_[k] * room_[k];
  return value - price_of_changes_ * changes_room_;
}

void CostCell::tune(const CapacityPrices& prices) {
  constexpr int rounds = 20;
  lambda_.resize(room_.size());
  used_.assign(room_.size(), 0.0);
  home_.resize(free_.size());
  least_.resize(free_.size());
  for (std::size_t b = 0; b < bins_.size(); ++b) {
    for (int d = 0; d < tables_.dimensions; ++d) {
      lambda_[at(static_cast<int>(b), d)] = prices.price[z(bins_[b]) * z(tables_.dimensions) + z(d)];
    }
  }
  price_of_changes_ = tables_.limits_changes ? prices.change_price : 0;
  if (!tables_.limits_changes) changes_room_ = 0;
  best_lambda_ = lambda_;
  bound_ = -infinite;
  double step = 1;
  for (int round = 0; round < rounds; ++round) {
    const double value = relax(false);
    if (value > bound_) {
      bound_ = value;
      best_lambda_ = lambda_;
    } else {
      step *= 0.7;
    }
    double norm = 0;
    for (std::size_t k = 0; k < lambda_.size(); ++k) {
      const double slope = used_[k] - room_[k];
      if (lambda_[k] > 0 || slope > 0) norm += slope * slope;
    }
    if (!(norm > 0)) break;
    const double length = step * std::max(now_value_ - value, tables_.tolerance) / norm;
    for (std::size_t k = 0; k < lambda_.size(); ++k) {
      lambda_[k] = std::max(0.0, lambda_[k] + length * (used_[k] - room_[k]));
    }
  }
  lambda_ = best_lambda_;
  bound_ = relax(true);
}

void CostCell::list_options(double budget) {
  options_.clear();
  for (int f = 0; f < static_cast<int>(free_.size()); ++f) {
    for (int b = 0; b < static_cast<int>(bins_.size()); ++b) {
      if (b == home_[z(f)] || !open(f, b)) continue;
      const double* pair = record(f, b);
      double priced = pair[0] + price_of_changes_ * changes(f, b);
      for (int d = 0; d < tables_.dimensions; ++d) priced += lambda_[at(b, d)] * pair[d + 1];
      const double reduced = priced - least_[z(f)];
      if (reduced <= budget + tables_.tolerance) options_.push_back({reduced, f, home_[z(f)], b});
    }
  }
  std::sort(options_.begin(), options_.end(), [](const Option& a, const Option& b) {
    if (a.reduced != b.reduced) return a.reduced < b.reduced;
    return a.item != b.item ? a.item < b.item : a.to < b.to;
  });
  if (options_.size() > most_options) {
    options_.resize(most_options);
  }
  // Suffixes: what may still leave each bin, and at which least price per size of the first dimension.
  const std::size_t width = bins_.size();
  out_ratio_.assign((options_.size() + 1) * width, infinite);
  out_size_.assign((options_.size() + 1) * width, 0.0);
  for (std::size_t k = options_.size(); k-- > 0;) {
    for (std::size_t b = 0; b < width; ++b) {
      out_ratio_[k * width + b] = out_ratio_[(k + 1) * width + b];
      out_size_[k * width + b] = out_size_[(k + 1) * width + b];
    }
    if (tables_.dimensions == 0) continue;
    const Option& option = options_[k];
    const double size = record(option.item, option.from)[1];
    if (size <= 0) continue;
    double& ratio = out_ratio_[k * width + z(option.from)];
    ratio = std::min(ratio, option.reduced / size);
    out_size_[k * width + z(option.from)] += size;
  }
  place_ = home_;
  slack_ = room_;
  change_slack_ = changes_room_;
  for (int f = 0; f < static_cast<int>(free_.size()); ++f) {
    const double* pair = record(f, home_[z(f)]);
    for (int d = 0; d < tables_.dimensions; ++d) slack_[at(home_[z(f)], d)] -= pair[d + 1];
    if (tables_.limits_changes) change_slack_ -= changes(f, home_[z(f)]);
  }
}

void CostCell::apply(const Option& option, double sign) {
  const double* from = record(option.item, option.from);
  const double* to = record(option.item, option.to);
  for (int d = 0; d < tables_.dimensions; ++d) {
    slack_[at(option.from, d)] += sign * from[d + 1];
    slack_[at(option.to, d)] -= sign * to[d + 1];
  }
  if (tables_.limits_changes) {
    change_slack_ += sign * (changes(option.item, option.from) - changes(option.item, option.to));
  }
  place_[z(option.item)] = sign > 0 ? option.to : option.from;
}

bool CostCell::fits() const {
  for (const double slack : slack_) {
    if (slack < 0) return false;
  }
  if (tables_.limits_changes && change_slack_ < 0) return false;
  return !meet();
}

void CostCell::note_found(double used) {
  double excess = used;
  for (std::size_t k = 0; k < slack_.size(); ++k) excess += lambda_[k] * slack_[k];
  if (tables_.limits_changes) excess += price_of_changes_ * change_slack_;
  if (excess > budget_ + tables_.tolerance) return;
  if (place_ == now_) return;
  const bool less = excess < budget_ - tables_.tolerance;
  if (!less && random_->below(z(++equal_seen_)) != 0) return;
  if (less) {
    equal_seen_ = 1;
    budget_ = excess;
  }
  found_.clear();
  for (std::size_t f = 0; f < free_.size(); ++f) {
    if (place_[f] != now_[f]) found_.push_back({free_[f], bins_[z(place_[f])]});
  }
}

// What the enumeration did not reach. The budget of changes is one more capacity to it.
void CostCell::join(std::uint64_t& work) {
  const std::size_t limits = room_.size() + (tables_.limits_changes ? 1 : 0);
  loads_.assign(options_.size() * limits, 0.0);
  steps_.clear();
  for (std::size_t k = 0; k < options_.size(); ++k) {
    if (random_->uniform() < left_out) continue;
    const Option& option = options_[k];
    double* load = loads_.data() + k * limits;
    for (int d = 0; d < tables_.dimensions; ++d) {
      load[at(option.from, d)] -= record(option.item, option.from)[d + 1];
      load[at(option.to, d)] += record(option.item, option.to)[d + 1];
    }
    if (tables_.limits_changes) load[limits - 1] = changes(option.item, option.to) - changes(option.item, option.from);
    steps_.push_back({option.reduced, option.item, static_cast<int>(k), load});
  }
  std::vector<double> slack = slack_;
  std::vector<double> lambda = lambda_;
  if (tables_.limits_changes) {
    slack.push_back(change_slack_);
    lambda.push_back(price_of_changes_);
  }
  const auto accept = [&](const std::vector<int>& chosen) {
    for (const int k : chosen) place_[z(options_[z(k)].item)] = options_[z(k)].to;
    const bool good = place_ != now_ && !meet();
    for (const int k : chosen) place_[z(options_[z(k)].item)] = options_[z(k)].from;
    return good;
  };
  CostJoin::Found found;
  const double aim = found_.empty() ? budget_ + tables_.tolerance : budget_ - tables_.tolerance;
  if (!join_.find(steps_, slack, lambda, aim, list_limit, accept, found, work)) return;
  double used = 0;
  for (const int k : found.options) {
    apply(options_[z(k)], 1);
    used += options_[z(k)].reduced;
  }
  if (fits()) note_found(used);
}

// Two of the free items share a bin and must not.
bool CostCell::meet() const {
  return std::any_of(pairs_.begin(), pairs_.end(),
                     [&](const auto& pair) { return place_[z(pair.first)] == place_[z(pair.second)]; });
}

void CostCell::enumerate(std::size_t first, double used) {
  if (++nodes_ >= node_limit_) return;
  if (fits()) note_found(used);
  const std::size_t width = bins_.size();
  const std::size_t stride = z(tables_.dimensions);
  for (std::size_t k = first; k < options_.size(); ++k) {
    const Option& option = options_[k];
    if (used + option.reduced > budget_ + tables_.tolerance) return;
    if (stride > 0) {
      double needed = used;
      for (std::size_t b = 0; b < width; ++b) {
        const double slack = slack_[b * stride];
        if (slack >= 0) continue;
        if (-slack > out_size_[k * width + b]) return;
        needed -= slack * out_ratio_[k * width + b];
      }
      if (needed > budget_ + tables_.tolerance) return;
    }
    if (place_[z(option.item)] != option.from) continue;
    apply(option, 1);
    enumerate(k + 1, used + option.reduced);
    apply(option, -1);
    if (nodes_ >= node_limit_) return;
  }
}

}  // namespace plimsoll::assignment
