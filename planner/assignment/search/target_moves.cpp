#include "planner/assignment/search/target_moves.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr double rounding = 1e-12;
constexpr double heaviest = 1000;  // of a weight; beyond it all are scaled down

double typical_time(const Times& times) {
  double sum = 0;
  for (int item = 0; item < times.items; ++item) sum += times.at(item, times.open[z(item)].front());
  return sum > 0 ? sum / times.items : 1;
}

}  // namespace

TargetMoves::TargetMoves(const Times& times, Schedule& schedule)
    : times_(times),
      schedule_(schedule),
      unit_(typical_time(times)),
      weight_(z(times.bins), 1.0),
      near_(times.open),
      is_near_(z(times.items) * z(times.bins)),
      until_(z(times.items) * z(times.bins)) {
  restrict_to(times.open);
  for (const Prepared::Dimension& dimension : times.prepared.dimensions) {
    double sum = 0;
    for (const double size : dimension.size.data()) sum += size;
    dimension_unit_.push_back(sum > 0 ? sum / static_cast<double>(dimension.size.data().size()) : 1);
  }
}

void TargetMoves::restrict_to(std::vector<std::vector<int>> near) {
  near_ = std::move(near);
  std::fill(is_near_.begin(), is_near_.end(), 0);
  for (int item = 0; item < times_.items; ++item) {
    for (const int bin : near_[z(item)]) is_near_[z(item) * z(times_.bins) + z(bin)] = 1;
  }
}

void TargetMoves::aim(double makespan, double price, const std::vector<double>& drift) {
  target_ = makespan;
  limit_ = makespan + rounding * std::abs(makespan);
  price_ = price + rounding * std::abs(price);
  drift_ = drift;
  drift_.resize(z(times_.bins), 0.0);
}

// How far capacities and apart lists of the bin are broken, in typical times.
double TargetMoves::broken(int bin) const {
  if (schedule_.plain()) return 0;
  double sum = 0;
  for (std::size_t d = 0; d < schedule_.dimensions(); ++d) {
    const double capacity = times_.prepared.dimensions[d].capacity[z(bin)];
    const double used = schedule_.used(d, bin);
    if (used > capacity) sum += (used - capacity) / dimension_unit_[d];
  }
  if (schedule_.conflicts() > 0) {
    for (const int item : schedule_.content(bin)) sum += 0.5 * schedule_.enemies(item, bin);
  }
  return sum;
}

double TargetMoves::excess(std::int64_t changes, double cost) const {
  double sum = 0;
  if (times_.prepared.max_changes && changes > *times_.prepared.max_changes) {
    sum += unit_ * static_cast<double>(changes - *times_.prepared.max_changes);
  }
  if (times_.priced && cost > price_) sum += cost - price_;
  return sum;
}

double TargetMoves::violation() const {
  double sum = 0;
  for (int bin = 0; bin < times_.bins; ++bin) sum += over(schedule_.load(bin)) + unit_ * broken(bin);
  return sum + (schedule_.plain() ? 0 : excess(schedule_.changes(), schedule_.cost()));
}

double TargetMoves::energy() const {
  double sum = 0;
  for (int bin = 0; bin < times_.bins; ++bin) {
    const double load = schedule_.load(bin);
    sum += weight_[z(bin)] * over(load) + drift_[z(bin)] * load + law_ * unit_ * broken(bin);
  }
  return sum + (schedule_.plain() ? 0 : law_ * excess(schedule_.changes(), schedule_.cost()));
}

std::vector<int> TargetMoves::hot() const {
  std::vector<int> bins;
  for (int bin = 0; bin < times_.bins; ++bin) {
    if (over(schedule_.load(bin)) > 0 || broken(bin) > 0) bins.push_back(bin);
  }
  if (!bins.empty() || schedule_.plain()) return bins;
  if (excess(schedule_.changes(), schedule_.cost()) <= 0) return bins;
  for (int bin = 0; bin < times_.bins; ++bin) {
    const std::vector<int>& content = schedule_.content(bin);
    if (std::any_of(content.begin(), content.end(), [&](int item) { return schedule_.changes(item, bin) > 0; })) {
      bins.push_back(bin);
    }
  }
  return bins;
}

void TargetMoves::press(double factor) {
  double largest = 0;
  for (int bin = 0; bin < times_.bins; ++bin) {
    if (over(schedule_.load(bin)) > 0) weight_[z(bin)] *= factor;
    largest = std::max(largest, weight_[z(bin)]);
  }
  if (!schedule_.plain()) {
    const bool lawful = schedule_.lawful() && excess(0, schedule_.cost()) <= 0;
    law_ = lawful ? std::max(0.1, law_ / std::sqrt(factor)) : std::min(heaviest, law_ * factor);
  }
  if (largest < heaviest) return;
  for (double& weight : weight_) weight = std::max(1.0, weight / largest);
}

void TargetMoves::relax() {
  std::fill(weight_.begin(), weight_.end(), 1.0);
  law_ = 1;
}

double TargetMoves::others(int item, int other, int from, int to) const {
  double sum = 0;
  for (std::size_t d = 0; d < schedule_.dimensions(); ++d) {
    const Prepared::Dimension& dimension = times_.prepared.dimensions[d];
    const auto beyond = [&](int bin, double used) {
      return std::max(0.0, used - dimension.capacity[z(bin)]) / dimension_unit_[d];
    };
    const double used_from = schedule_.used(d, from);
    const double used_to = schedule_.used(d, to);
    double after_from = used_from - dimension.size.at(z(from), z(item));
    double after_to = used_to + dimension.size.at(z(to), z(item));
    if (other >= 0) {
      after_from += dimension.size.at(z(from), z(other));
      after_to -= dimension.size.at(z(to), z(other));
    }
    sum += beyond(from, after_from) + beyond(to, after_to) - beyond(from, used_from) - beyond(to, used_to);
  }
  if (times_.prepared.has_apart()) {
    int pairs = schedule_.enemies(item, to) - schedule_.enemies(item, from);
    if (other >= 0) {
      pairs += schedule_.enemies(other, from) - schedule_.enemies(other, to);
      if (schedule_.apart(item, other)) pairs -= 2;
    }
    sum += pairs;
  }
  sum *= unit_;
  std::int64_t changes = schedule_.changes(item, to) - schedule_.changes(item, from);
  double cost = times_.cost.at(z(item), z(to)) - times_.cost.at(z(item), z(from));
  if (other >= 0) {
    changes += schedule_.changes(other, from) - schedule_.changes(other, to);
    cost += times_.cost.at(z(other), z(from)) - times_.cost.at(z(other), z(to));
  }
  sum += excess(schedule_.changes() + changes, schedule_.cost() + cost) - excess(schedule_.changes(), schedule_.cost());
  return law_ * sum;
}

double TargetMoves::shift(int item, int from, int to) const {
  const double out = times_.at(item, from);
  const double in = times_.at(item, to);
  const double load_from = schedule_.load(from);
  const double load_to = schedule_.load(to);
  const double delta = weight_[z(from)] * (over(load_from - out) - over(load_from)) +
                       weight_[z(to)] * (over(load_to + in) - over(load_to)) + drift_[z(to)] * in -
                       drift_[z(from)] * out;
  return schedule_.plain() ? delta : delta + others(item, -1, from, to);
}

double TargetMoves::swap(int item, int other, int from, int to) const {
  const double change_from = times_.at(other, from) - times_.at(item, from);
  const double change_to = times_.at(item, to) - times_.at(other, to);
  const double load_from = schedule_.load(from);
  const double load_to = schedule_.load(to);
  const double delta = weight_[z(from)] * (over(load_from + change_from) - over(load_from)) +
                       weight_[z(to)] * (over(load_to + change_to) - over(load_to)) + drift_[z(to)] * change_to +
                       drift_[z(from)] * change_from;
  return schedule_.plain() ? delta : delta + others(item, other, from, to);
}

TargetMove TargetMoves::best(int bin, std::uint64_t now, double aspire, std::size_t most, support::Random& random) {
  TargetMove best;
  std::size_t ties = 0;
  const double tie = 1e-12 * unit_;
  const auto consider = [&](double delta, int item, int to, int other) {
    if (delta > best.delta + tie) return;
    bool tabu = until_[z(item) * z(times_.bins) + z(to)] > now;
    if (other >= 0) tabu = tabu || until_[z(other) * z(times_.bins) + z(bin)] > now;
    if (tabu && !(delta < aspire)) return;
    if (delta < best.delta - tie) {
      ties = 0;
    } else if (random.below(++ties + 1) != 0) {
      return;
    }
    best = {delta, item, to, other};
  };
  const std::vector<int>& content = schedule_.content(bin);
  const std::size_t count = content.size();
  const std::size_t first = count > 0 ? random.below(count) : 0;
  std::size_t judged = 0;
  for (std::size_t k = 0; k < count && judged < most; ++k) {
    const int item = content[(first + k) % count];
    for (const int to : near_[z(item)]) {
      if (to == bin) continue;
      consider(shift(item, bin, to), item, to, -1);
      const std::vector<int>& there = schedule_.content(to);
      for (const int other : there) {
        if (is_near_[z(other) * z(times_.bins) + z(bin)] == 0) continue;
        consider(swap(item, other, bin, to), item, to, other);
      }
      judged += 1 + there.size();
    }
  }
  work_ += judged / 2 + 8 * z(times_.bins) + 64;
  return best;
}

void TargetMoves::apply(const TargetMove& move, std::uint64_t now, std::uint64_t tenure) {
  const int from = schedule_.bin_of(move.item);
  schedule_.move(move.item, move.bin);
  until_[z(move.item) * z(times_.bins) + z(from)] = now + tenure;
  if (move.other < 0) return;
  schedule_.move(move.other, from);
  until_[z(move.other) * z(times_.bins) + z(move.bin)] = now + tenure;
}

std::uint64_t TargetMoves::take_work() {
  const std::uint64_t work = work_;
  work_ = 0;
  return work;
}

}  // namespace plimsoll::assignment
