#include "planner/experts/bounds/refute.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "support/rounding.hpp"

namespace plimsoll::experts {
namespace {

// Sizes within this of a threshold count as below it, budgets are widened by a tenth of it: rounding can only make a
// proof fail, never succeed.
constexpr double margin = 1e-11;
// A proof must win by this much, relative to what it compares.
constexpr double win = 1e-10;
constexpr int most_counts = 8;  // replica counts tried one by one before the tail is bounded as a whole

// Ratios at which the cheapest cut of an expert changes: values are halves, counts are small.
constexpr std::array<double, 14> prices = {0.0,     1.0 / 8, 1.0 / 6, 1.0 / 4, 1.0 / 3, 3.0 / 8, 1.0 / 2,
                                           2.0 / 3, 3.0 / 4, 5.0 / 6, 1.0,     5.0 / 4, 3.0 / 2, 2.0};

}  // namespace

Refutation::Refutation(const Prepared& prepared, std::span<const double> load, int slots)
    : prepared_(prepared), load_(load) {
  for (int device = 0; device < prepared.devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    const int usable = static_cast<int>(std::min<std::int64_t>(prepared.slots[d], prepared.memory_replicas[d]));
    if (usable == 0) continue;
    slots_ += usable;
    total_speed_ += prepared.speed(device);
    device_speeds_.push_back(prepared.speed(device));
    const auto same = std::find_if(classes_.begin(), classes_.end(), [&](const DeviceClass& known) {
      return known.speed == prepared.speed(device) && known.slots == usable;
    });
    if (same == classes_.end()) {
      classes_.push_back({prepared.speed(device), usable, 1});
    } else {
      ++same->count;
    }
  }
  if (slots >= 0) slots_ = std::min(slots_, slots);
  std::sort(device_speeds_.begin(), device_speeds_.end(), std::greater<>());
  std::stable_sort(classes_.begin(), classes_.end(),
                   [](const DeviceClass& a, const DeviceClass& b) { return a.speed > b.speed; });
  // Two replicas of an expert on one device never help where one larger replica takes no longer than two parts.
  distinct_ = !prepared.instance.cluster.duplicates || (!prepared.even && !prepared.curve.table());
  most_replicas_ = std::max(1, slots_ - (prepared.experts - 1));
  if (distinct_) most_replicas_ = std::min(most_replicas_, static_cast<int>(device_speeds_.size()));
}

double Refutation::area_seconds() const {
  double work = 0.0;
  for (const double load : load_) work += least_work(load, 1);
  return total_speed_ > 0 ? support::rounded_down(work / total_speed_) : 0.0;
}

double Refutation::companions_seconds() const {
  const auto experts = load_.size();
  if (classes_.size() != 1 || static_cast<std::size_t>(slots_) != experts || experts == 0) return 0.0;
  const auto width = static_cast<std::size_t>(classes_.front().slots);
  const auto devices = static_cast<std::size_t>(classes_.front().count);
  if (width * devices != experts) return 0.0;
  std::vector<double> seconds;
  for (const double load : load_) seconds.push_back(prepared_.curve.seconds(load));
  std::sort(seconds.begin(), seconds.end(), std::greater<>());
  std::vector<double> largest(experts + 1, 0.0);   // sums of the k largest
  std::vector<double> smallest(experts + 1, 0.0);  // sums of the k smallest
  for (std::size_t k = 0; k < experts; ++k) {
    largest[k + 1] = largest[k] + seconds[k];
    smallest[k + 1] = smallest[k] + seconds[experts - 1 - k];
  }
  double bound = 0.0;
  for (std::size_t k = 1; k <= experts; ++k) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t j = (k + width - 1) / width; j <= std::min(k, devices); ++j) {
      least = std::min(least, (largest[k] + smallest[j * width - k]) / static_cast<double>(j));
    }
    bound = std::max(bound, least);
  }
  return support::rounded_down(bound / classes_.front().speed);
}

// Least seconds at speed 1 of all replicas of an expert together, if it has at least `fewest`.
double Refutation::least_work(double load, int fewest) const {
  const CostCurve& curve = prepared_.curve;
  if (load <= 0) return curve.idle_seconds();
  if (!prepared_.curve.table()) {
    const double counted = curve.tiled() ? curve.tile() * std::ceil(load / curve.tile()) : load;
    return curve.rate() * counted + curve.fixed() * fewest;
  }
  double least = std::numeric_limits<double>::infinity();
  const int last = std::min(most_replicas_, fewest + most_counts);
  for (int count = fewest; count <= last; ++count) {
    // By convexity n replicas of the hull take least when they are equal; even dispatch makes them equal.
    const double each = prepared_.even ? curve.seconds(load / count) : curve.hull_seconds(load / count);
    least = std::min(least, count * each);
  }
  if (last < most_replicas_) {
    least = std::min(least, curve.least_rate() * load + curve.idle_seconds() * (last + 1));
  }
  return least;
}

int Refutation::fewest_replicas(double load, double seconds) const {
  const CostCurve& curve = prepared_.curve;
  if (load <= 0) return 1;
  if (prepared_.even) {
    const double most = curve.tokens_within(seconds * device_speeds_.front());
    if (most <= 0) return most_replicas_ + 1;
    if (load <= most) return 1;
    const double count = std::ceil(support::rounded_down(load / most));
    return count > most_replicas_ ? most_replicas_ + 1 : static_cast<int>(count);
  }
  const auto fits = std::lower_bound(capacity_.begin(), capacity_.end(), support::rounded_down(load));
  return fits == capacity_.end() ? most_replicas_ + 1 : static_cast<int>(fits - capacity_.begin()) + 1;
}

Refutation::Needs Refutation::needs(double seconds) {
  capacity_.clear();
  double sum = 0.0;
  for (int count = 0; count < most_replicas_ && !prepared_.even; ++count) {
    const double speed = distinct_ ? device_speeds_[static_cast<std::size_t>(count)] : device_speeds_.front();
    sum += prepared_.curve.tokens_within(seconds * speed);
    capacity_.push_back(sum);
  }
  Needs needs;
  for (const double load : load_) {
    const int fewest = fewest_replicas(load, seconds);
    if (fewest > most_replicas_) {
      needs.possible = false;
      return needs;
    }
    needs.replicas.push_back(fewest);
    needs.seconds.push_back(least_work(load, fewest));
  }
  work_ += load_.size();
  return needs;
}

std::vector<int> Refutation::fewest(double seconds) {
  if (device_speeds_.empty()) return {};
  Needs need = needs(seconds);
  return need.possible ? std::move(need.replicas) : std::vector<int>{};
}

// What a device can use of a budget at speed 1: whole tiles where nothing else costs.
double Refutation::usable_seconds(double budget) const {
  const CostCurve& curve = prepared_.curve;
  return curve.tiled() && curve.proportional() ? curve.tokens_within(budget) * curve.rate() : budget;
}

BoundKind Refutation::by_counting(double seconds) {
  if (device_speeds_.empty()) return BoundKind::none;
  const Needs need = needs(seconds);
  if (!need.possible) return BoundKind::replicas;
  if (std::accumulate(need.replicas.begin(), need.replicas.end(), std::int64_t{0}) > slots_) return BoundKind::replicas;
  double room = 0.0;
  for (const DeviceClass& kind : classes_) room += kind.count * usable_seconds(seconds * kind.speed);
  const double work = std::accumulate(need.seconds.begin(), need.seconds.end(), 0.0);
  return work > room * (1 + support::rounding_margin) ? BoundKind::area : BoundKind::none;
}

// The most that the devices together can hold of: 1 per replica above `high`, 1/2 per replica above `low` (seconds).
double Refutation::most_value(double seconds, const Threshold& threshold) const {
  const auto [low, high] = threshold;
  double sum = 0.0;
  for (const DeviceClass& kind : classes_) {
    const double budget = seconds * kind.speed * (1 + margin / 10);
    double most = 0.0;
    for (int large = 0; large <= kind.slots; ++large) {
      const double taken = large > 0 ? large * high : 0.0;  // `high` may be infinite
      if (taken > budget) break;
      const double fits = std::floor((budget - taken) / low);
      const int middling = std::min(kind.slots - large, fits < 1e9 ? static_cast<int>(fits) : kind.slots);
      most = std::max(most, large + 0.5 * middling);
    }
    sum += most * kind.count;
  }
  return sum;
}

// The least value of an expert's replicas if it has exactly `count`.
double Refutation::cut_value(double load, int count, const Threshold& threshold) const {
  const auto& [low, high] = threshold;
  const CostCurve& curve = prepared_.curve;
  const auto value = [&threshold](double piece) {
    return piece > threshold.high ? 1.0 : piece > threshold.low ? 0.5 : 0.0;
  };
  if (prepared_.even) {
    if (!curve.tiled()) return count * value(curve.seconds(load / count));
    const double small = std::floor(load / count);
    const double larger = load - small * count;  // replicas with one token more
    return larger * value(curve.seconds(small + 1)) + (count - larger) * value(curve.seconds(small));
  }
  // The tokens that a replica of each value can carry at the most.
  const double free = curve.tokens_within(low);
  const double half = curve.tokens_within(high);
  const double full = capacity_.front();
  double least = count;
  for (int large = 0; large <= count && large < least; ++large) {
    if (large > 0 && std::isinf(high)) break;
    // With so many full ones, the fewest of the others that must be middling to carry the rest.
    const double carried = (large > 0 ? large * full : 0.0) + (count > large ? (count - large) * free : 0.0);
    const double left = support::rounded_down(load) - carried;
    double middling = 0.0;
    if (left > 0) {
      if (!(half > free)) continue;
      middling = std::isinf(half) ? 1.0 : std::ceil(support::rounded_down(left / (half - free)));
      if (middling > count - large) continue;
    }
    least = std::min(least, large + 0.5 * middling);
  }
  return least;
}

bool Refutation::threshold_refutes(double seconds, const Threshold& threshold, const Needs& need) {
  const double room = most_value(seconds, threshold);
  const CostCurve& curve = prepared_.curve;
  struct Cuts {
    std::array<double, most_counts> value;
    int first;
    int number;
    bool open;  // more replicas than listed are possible
  };
  std::vector<Cuts> cuts;
  double plain = 0;  // experts that are worth nothing whole: one replica each
  for (std::size_t expert = 0; expert < load_.size(); ++expert) {
    const int first = need.replicas[expert];
    if (first == 1 && curve.seconds(load_[expert]) <= threshold.low) {
      plain += 1;
      continue;
    }
    Cuts cut{{}, first, 0, true};
    for (int count = first; cut.number < most_counts; ++count) {
      if (count > most_replicas_) {
        cut.open = false;
        break;
      }
      const double value = cut_value(load_[expert], count, threshold);
      cut.value[static_cast<std::size_t>(cut.number++)] = value;
      if (value == 0.0) {
        cut.open = false;  // more replicas only cost slots
        break;
      }
    }
    cuts.push_back(cut);
  }
  work_ += load_.size() + cuts.size() * (prices.size() + 4);
  for (const double price : prices) {
    double sum = plain * price;
    for (const Cuts& cut : cuts) {
      double least = cut.open ? price * (cut.first + cut.number) : std::numeric_limits<double>::infinity();
      for (int k = 0; k < cut.number; ++k) {
        least = std::min(least, cut.value[static_cast<std::size_t>(k)] + price * (cut.first + k));
      }
      sum += least;
    }
    const double available = room + price * slots_;
    if (sum > available + win * (1 + available)) return true;
  }
  return false;
}

// A grid of sizes; for a few experts under even dispatch the sizes of their replicas themselves, where the steps are.
std::vector<Refutation::Threshold> Refutation::thresholds(double seconds, const Needs& need) const {
  constexpr int steps = 24;
  constexpr std::size_t few = 24;  // experts
  const double budget = seconds * device_speeds_.front();
  std::vector<double> lows;
  for (int step = 1; step <= steps; ++step) lows.push_back(0.5 * budget * step / steps);
  if (prepared_.even && load_.size() <= few) {
    for (std::size_t expert = 0; expert < load_.size(); ++expert) {
      const int last = std::min(most_replicas_, need.replicas[expert] + 3);
      for (int count = need.replicas[expert]; count <= last; ++count) {
        const double piece = prepared_.curve.seconds(load_[expert] / count);
        // Just large enough for this size to count as large, or as middling.
        lows.push_back(budget - piece * (1 - 10 * margin));
        lows.push_back(piece * (1 - 10 * margin));
      }
    }
  }
  std::vector<Threshold> list;
  for (const double low : lows) {
    if (!(low > 0) || low > 0.5 * budget * (1 + margin)) continue;
    const double raised = low * (1 + margin);
    list.push_back({raised, std::max(raised, (budget - raised) * (1 + 2 * margin))});
  }
  // At most k - 1 replicas above a k-th of the budget stand on one device.
  int most_slots = 1;
  for (const DeviceClass& kind : classes_) most_slots = std::max(most_slots, kind.slots);
  for (int k = 2; k <= std::min(most_slots + 1, 8); ++k) {
    list.push_back({budget / k * (1 + margin), std::numeric_limits<double>::infinity()});
  }
  return list;
}

BoundKind Refutation::by_thresholds(double seconds) {
  if (device_speeds_.empty()) return BoundKind::none;
  const Needs need = needs(seconds);
  if (!need.possible) return BoundKind::replicas;
  const std::vector<Threshold> list = thresholds(seconds, need);
  // The one that refuted a time nearby is the first to try.
  for (std::size_t turn = 0; turn < list.size(); ++turn) {
    const std::size_t index = (preferred_ + turn) % list.size();
    if (!threshold_refutes(seconds, list[index], need)) continue;
    preferred_ = index;
    return BoundKind::threshold;
  }
  return BoundKind::none;
}

}  // namespace plimsoll::experts
