#include "planner/assignment/exact/target_tree.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr int steps_at_node = 6;       // of prices
constexpr double worth_a_step = -0.1;  // relative: below it a node is too far from refuted
constexpr double sure = 1e-10;

}  // namespace

TargetTree::TargetTree(const Times& times)
    : times_(times), node_(times), words_((z(times.items) + 63) / 64), cover_(z(times.items)) {
  classify();
}

// Bins that are the same for every item: of those that are empty, trying one is enough.
void TargetTree::classify() {
  const Prepared& prepared = times_.prepared;
  const auto same = [&](int a, int b) {
    if (prepared.speed[z(a)] != prepared.speed[z(b)]) return false;
    for (const Prepared::Dimension& dimension : prepared.dimensions) {
      if (dimension.capacity[z(a)] != dimension.capacity[z(b)]) return false;
    }
    for (int item = 0; item < times_.items; ++item) {
      if (prepared.can(a, item) != prepared.can(b, item)) return false;
      if (!prepared.can(a, item)) continue;
      if (prepared.size.at(z(a), z(item)) != prepared.size.at(z(b), z(item))) return false;
      if (times_.cost.at(z(item), z(a)) != times_.cost.at(z(item), z(b))) return false;
      if (!prepared.changes.empty() && prepared.changes.at(z(a), z(item)) != prepared.changes.at(z(b), z(item))) {
        return false;
      }
      for (const Prepared::Dimension& dimension : prepared.dimensions) {
        if (dimension.size.at(z(a), z(item)) != dimension.size.at(z(b), z(item))) return false;
      }
    }
    return true;
  };
  for (int bin = 0; bin < times_.bins; ++bin) {
    int first = 0;
    while (first < bin && !(alike_[z(first)] == first && same(first, bin))) ++first;
    alike_.push_back(first);
  }
}

bool TargetTree::in(const Judged& judged, int bin, int item) const {
  return (judged.chosen[z(bin) * words_ + z(item) / 64] >> (z(item) % 64) & 1U) != 0;
}

double TargetTree::profit(const std::vector<double>& price, int item, int bin) const {
  double value = price[z(item)];
  if (times_.priced) {
    value -= times_.cost.at(z(item), z(bin));
    if (!prices_.weight.empty()) value -= prices_.weight.at(z(bin), 0) * times_.at(item, bin);
  }
  return value;
}

double TargetTree::knapsack(const Judged& judged, int bin, double room, int without) {
  offers_.clear();
  for (int item = 0; item < times_.items; ++item) {
    if (item == without || node_.bin_of(item) >= 0 || !node_.open(item, bin)) continue;
    const double value = profit(judged.price, item, bin);
    if (value > 0) offers_.push_back({value, times_.prepared.size.at(z(bin), z(item)), item});
  }
  work_ += z(times_.items) / 2;
  // A room that rounding has left just below 0 still holds what has size 0.
  const double value = fill_.solve(offers_, std::max(0.0, room), times_.prepared.whole_size);
  work_ += fill_.take_work();
  return value;
}

void TargetTree::solve(Judged& judged, int bin) {
  judged.value[z(bin)] = knapsack(judged, bin, node_.left(bin), -1);
  std::fill_n(judged.chosen.begin() + static_cast<std::ptrdiff_t>(z(bin) * words_), words_, 0);
  for (const int item : fill_.chosen()) {
    judged.chosen[z(bin) * words_ + z(item) / 64] |= std::uint64_t{1} << (z(item) % 64);
  }
}

// Above margin(): nothing below the node is within the target.
double TargetTree::lagrangian(const Judged& judged) const {
  double value = times_.priced ? -node_.target() : 0;
  for (int item = 0; item < times_.items; ++item) {
    const int bin = node_.bin_of(item);
    if (bin < 0) {
      value += judged.price[z(item)];
    } else if (times_.priced) {
      value += judged.price[z(item)] - profit(judged.price, item, bin);
    }
  }
  for (const double best : judged.value) value -= best;
  return value;
}

double TargetTree::margin(const Judged& judged) const {
  double sum = times_.priced ? std::abs(node_.target()) : 0;
  for (const double price : judged.price) sum += std::abs(price);
  return sure * sum;
}

void TargetTree::cover(const Judged& judged) {
  std::fill(cover_.begin(), cover_.end(), 0);
  for (int bin = 0; bin < times_.bins; ++bin) {
    for (std::size_t word = 0; word < words_; ++word) {
      std::uint64_t bits = judged.chosen[z(bin) * words_ + word];
      for (; bits != 0; bits &= bits - 1) {
        ++cover_[word * 64 + static_cast<std::size_t>(__builtin_ctzll(bits))];
      }
    }
  }
}

// Solves again what the placements and removals since the mark have touched.
bool TargetTree::refuted_after(TargetNode::Mark mark, double spent) {
  std::vector<std::uint8_t> dirty(z(times_.bins), node_.spent() > spent ? 1 : 0);
  for (std::size_t k = mark.second; k < node_.placed().size(); ++k) {
    const int item = node_.placed()[k];
    dirty[z(node_.bin_of(item))] = 1;
    for (int bin = 0; bin < times_.bins; ++bin) dirty[z(bin)] |= in(now_, bin, item) ? 1 : 0;
  }
  for (std::size_t k = mark.first; k < node_.removed().size(); ++k) {
    const auto [item, bin] = node_.removed()[k];
    if (in(now_, bin, item)) dirty[z(bin)] = 1;
  }
  for (int bin = 0; bin < times_.bins; ++bin) {
    if (dirty[z(bin)] != 0) solve(now_, bin);
  }
  work_ += z(times_.items) / 4;
  return lagrangian(now_) > margin(now_) || improve();
}

// A few subgradient steps; keeps the best prices. True: refuted.
bool TargetTree::improve() {
  if (!std::isfinite(node_.target())) return false;
  double scale = times_.priced ? std::abs(node_.target()) : 0;
  for (int item = 0; item < times_.items && !times_.priced; ++item) {
    if (node_.bin_of(item) < 0) scale += now_.price[z(item)];
  }
  if (!(scale > 0)) return false;
  double best = lagrangian(now_);
  Judged trial = now_;
  double length = 1;
  for (int step = 0; step < steps_at_node && best > worth_a_step * scale; ++step) {
    cover(trial);
    double norm = 0;
    for (int item = 0; item < times_.items; ++item) {
      if (node_.bin_of(item) < 0) norm += (1 - cover_[z(item)]) * (1 - cover_[z(item)]);
    }
    if (!(norm > 0)) return false;
    const double move = length * (0.002 * scale - lagrangian(trial)) / norm;
    for (int item = 0; item < times_.items; ++item) {
      if (node_.bin_of(item) >= 0) continue;
      trial.price[z(item)] = std::max(0.0, trial.price[z(item)] + move * (1 - cover_[z(item)]));
    }
    for (int bin = 0; bin < times_.bins; ++bin) solve(trial, bin);
    const double value = lagrangian(trial);
    if (value > margin(trial)) return true;
    if (value > best) {
      best = value;
      now_ = trial;
    } else {
      length /= 2;
      trial = now_;
    }
  }
  return false;
}

void TargetTree::begin(double target, const Proof& prices, const support::Meter& meter) {
  prices_ = prices;
  if (prices_.item_price.size() != z(times_.items)) {
    prices_.item_price.assign(z(times_.items), 1.0);
    prices_.weight = {};
  }
  if (times_.priced && prices_.weight.empty()) {
    prices_.item_price = times_.least_cost_of;
    prices_.weight = Matrix<double>(z(times_.bins), 1, 1.0 / times_.bins);
  }
  depth_ = 0;
  nodes_ = 0;
  complete_at_root_ = false;
  now_.price = prices_.item_price;
  now_.value.assign(z(times_.bins), 0.0);
  now_.chosen.assign(z(times_.bins) * words_, 0);
  over_ = !node_.reset(target);
  if (over_) return;
  for (int bin = 0; bin < times_.bins; ++bin) solve(now_, bin);
  if (lagrangian(now_) > margin(now_) || improve() || !fix_at_root(meter)) {
    over_ = true;
  } else if (node_.complete()) {
    complete_at_root_ = true;
  } else {
    branch();
  }
}

// Pairs whose Lagrangian alone refutes the target. False: no plan is left.
bool TargetTree::fix_at_root(const support::Meter& meter) {
  const double value = lagrangian(now_);
  double scale = 0;
  for (const double price : now_.price) scale += std::abs(price);
  if (!std::isfinite(node_.target()) || value < -0.2 * scale) return true;
  const Judged root = now_;
  const TargetNode::Mark mark = node_.mark();
  std::vector<std::pair<int, int>> fixed;
  std::vector<double> loss(z(times_.bins));
  for (int item = 0; item < times_.items && !meter.urgent(); ++item) {
    if (node_.bin_of(item) >= 0) continue;
    double sum = 0;
    for (int bin = 0; bin < times_.bins; ++bin) {
      loss[z(bin)] = in(root, bin, item) ? root.value[z(bin)] - knapsack(root, bin, node_.left(bin), item) : 0;
      sum += loss[z(bin)];
    }
    for (const int bin : times_.open[z(item)]) {
      if (!node_.open(item, bin)) continue;
      const double room = node_.left(bin) - times_.prepared.size.at(z(bin), z(item));
      const double rest = knapsack(root, bin, room, item);
      const double with = value - profit(root.price, item, bin) + sum - loss[z(bin)] + root.value[z(bin)] - rest;
      if (with > margin(root)) fixed.emplace_back(item, bin);
    }
  }
  const double spent = node_.spent();
  for (const auto& [item, bin] : fixed) {
    if (node_.bin_of(item) >= 0) {
      if (node_.bin_of(item) == bin) return false;
    } else if (!node_.exclude(item, bin)) {
      return false;
    }
  }
  return fixed.empty() || !refuted_after(mark, spent);
}

bool TargetTree::symmetric(const Level& level, int bin) const {
  if (!node_.empty(bin)) return false;
  return std::any_of(level.bins.begin(), level.bins.end(),
                     [&](int other) { return alike_[z(other)] == alike_[z(bin)] && node_.empty(other); });
}

// Opens the level below the present node: the item with the fewest bins, those first that want it most.
void TargetTree::branch() {
  cover(now_);
  int chosen = -1;
  const auto before = [&](int a, int b) {
    if (node_.choices(a) != node_.choices(b)) return node_.choices(a) < node_.choices(b);
    const int strife_a = std::abs(1 - cover_[z(a)]);
    const int strife_b = std::abs(1 - cover_[z(b)]);
    if (strife_a != strife_b) return strife_a > strife_b;
    return now_.price[z(a)] > now_.price[z(b)];
  };
  for (int item = 0; item < times_.items; ++item) {
    if (node_.bin_of(item) < 0 && (chosen < 0 || before(item, chosen))) chosen = item;
  }
  if (levels_.size() <= depth_) levels_.emplace_back();
  Level& level = levels_[depth_];
  level.item = chosen;
  level.bins.clear();
  level.next = 0;
  level.mark = node_.mark();
  level.judged = now_;
  std::vector<std::pair<double, int>> ranked;
  for (const int bin : times_.open[z(chosen)]) {
    if (!node_.open(chosen, bin)) continue;
    const double left = node_.left(bin);
    const double dear = left > 0 && std::isfinite(left) ? now_.value[z(bin)] / left : 1;
    const double taken = times_.prepared.size.at(z(bin), z(chosen)) * dear - profit(now_.price, chosen, bin);
    ranked.emplace_back(taken - (in(now_, bin, chosen) ? now_.price[z(chosen)] : 0), bin);
  }
  std::sort(ranked.begin(), ranked.end());
  for (const auto& [rank, bin] : ranked) {
    if (!symmetric(level, bin)) level.bins.push_back(bin);
  }
  ++depth_;
}

bool TargetTree::run(std::uint64_t work, const Found& found, const support::Meter& meter) {
  std::uint64_t spent_work = 0;
  const auto report = [&] {
    const double target = found(node_.bins());
    if (target < node_.target()) node_.tighten(target);
    if (target == -std::numeric_limits<double>::infinity()) over_ = true;
  };
  if (!over_ && complete_at_root_) {
    report();
    over_ = true;
  }
  const std::uint64_t before = work_;
  while (!over_ && spent_work < work && !meter.urgent()) {
    Level& level = levels_[depth_ - 1];
    node_.undo(level.mark);
    now_ = level.judged;
    if (level.next == level.bins.size()) {
      if (--depth_ == 0) over_ = true;
      continue;
    }
    const int bin = level.bins[level.next++];
    const double spent = node_.spent();
    ++nodes_;
    work_ += 4 * words_ * z(times_.bins) + z(times_.items) / 4 + 16;
    if (node_.assign(level.item, bin)) {
      if (node_.complete()) {
        report();
      } else if (!refuted_after(level.mark, spent)) {
        branch();
      }
    }
    work_ += node_.take_work();
    spent_work = work_ - before;
  }
  return over_;
}

std::uint64_t TargetTree::take_work() {
  const std::uint64_t work = (work_ + node_.take_work()) / 2;
  work_ = 0;
  return work;
}

}  // namespace plimsoll::assignment
