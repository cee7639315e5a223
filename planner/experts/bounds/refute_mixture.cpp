// All value functions at once. Choose a number of replicas n_e for every expert; each row x limits sum_e U_x(e, n_e) by
// V_x: the thresholds, the area, the slots. With weights a_x >= 0 that sum to 1 the time is refuted where
//   sum_e min_n sum_x a_x U_x(e, n) / V_x  >  1,
// the Lagrangian dual of the choice. Weights follow the violation of the cheapest choice (multiplicative weights:
// Arora, Hazan, Kale 2012); every weighting on the way is a proof if it wins, so nothing depends on convergence.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "planner/experts/bounds/refute.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts {
namespace {

constexpr int most_choices = 8;  // numbers of replicas tried for an expert; one more stands for all beyond
constexpr int rounds = 80;
constexpr double first_step = 4.0;
constexpr double win = 1e-9;

// Rows by choices, each entry a part of the row's room.
class Mixture {
 public:
  explicit Mixture(std::size_t rows) : rows_(rows), constant_(rows, 0.0) {}

  void begin_expert() { first_.push_back(part_.size() / rows_); }
  void add_choice(const std::vector<double>& parts) { part_.insert(part_.end(), parts.begin(), parts.end()); }
  void add_constant(const std::vector<double>& parts) {
    for (std::size_t row = 0; row < rows_; ++row) constant_[row] += parts[row];
  }
  [[nodiscard]] std::size_t choices() const { return part_.size() / rows_; }

  // Improves the weights until they refute (true) or the rounds are over. Leaves the best weights seen.
  bool refute(std::vector<double>& weights) const {
    std::vector<double> now = weights;
    double best = 0.0;
    std::vector<double> use(rows_);
    for (int round = 0; round < rounds; ++round) {
      use = constant_;
      double sum = dot(now, constant_.data());
      for (std::size_t expert = 0; expert < first_.size(); ++expert) {
        const std::size_t end = expert + 1 < first_.size() ? first_[expert + 1] : choices();
        double least = 0.0;
        std::size_t chosen = end;
        for (std::size_t choice = first_[expert]; choice < end; ++choice) {
          const double value = dot(now, &part_[choice * rows_]);
          if (chosen == end || value < least) {
            chosen = choice;
            least = value;
          }
        }
        sum += least;
        for (std::size_t row = 0; row < rows_; ++row) use[row] += part_[chosen * rows_ + row];
      }
      if (sum > best) {
        best = sum;
        weights = now;
      }
      if (sum > 1 + win) return true;
      // The row that the cheapest choice overdraws most gains most.
      const double step = first_step / std::sqrt(1.0 + round);
      double total = 0.0;
      for (std::size_t row = 0; row < rows_; ++row) {
        // 1 + x for exp(x): the same bits on every machine, which exp does not promise.
        now[row] *= 1.0 + std::clamp(step * (use[row] - 1.0), -0.8, 4.0);
        now[row] = std::max(now[row], 1e-9);
        total += now[row];
      }
      for (double& weight : now) weight /= total;
    }
    return false;
  }

 private:
  [[nodiscard]] double dot(const std::vector<double>& weights, const double* parts) const {
    return std::inner_product(weights.begin(), weights.end(), parts, 0.0);
  }

  std::size_t rows_;
  std::vector<double> constant_;    // [rows] of experts without a choice
  std::vector<std::size_t> first_;  // [experts with a choice] their first choice
  std::vector<double> part_;        // [choices][rows]
};

}  // namespace

BoundKind Refutation::by_mixture(double seconds) {
  if (device_speeds_.empty()) return BoundKind::none;
  const Needs need = needs(seconds);
  if (!need.possible) return BoundKind::replicas;
  const std::vector<Threshold> list = thresholds(seconds, need);
  std::vector<double> room;
  double smallest = list.front().low;
  for (const Threshold& threshold : list) {
    room.push_back(most_value(seconds, threshold));
    smallest = std::min(smallest, threshold.low);
  }
  double area = 0.0;
  for (const DeviceClass& kind : classes_) area += kind.count * usable_seconds(seconds * kind.speed);
  room.push_back(area * (1 + support::rounding_margin));
  room.push_back(static_cast<double>(slots_));
  // A row without room refutes by itself if anything needs it; by_thresholds has seen to that.
  if (*std::min_element(room.begin(), room.end()) <= 0) return BoundKind::none;
  const std::size_t rows = room.size();
  Mixture mixture(rows);
  std::vector<double> parts(rows, 0.0);
  for (std::size_t expert = 0; expert < load_.size(); ++expert) {
    const int first = need.replicas[expert];
    const auto fill = [&](int count, bool tail) {
      for (std::size_t row = 0; row < list.size(); ++row) {
        parts[row] = tail ? 0.0 : cut_value(load_[expert], count, list[row]) / room[row];
      }
      parts[rows - 2] = need.seconds[expert] / room[rows - 2];
      parts[rows - 1] = count / room[rows - 1];
    };
    if (first == 1 && prepared_.curve.seconds(load_[expert]) <= smallest) {
      fill(1, true);
      mixture.add_constant(parts);
      continue;
    }
    mixture.begin_expert();
    for (int count = first; count <= most_replicas_; ++count) {
      // Beyond the listed choices the slots go on growing and all else may vanish.
      const bool tail = count == first + most_choices;
      fill(count, tail);
      mixture.add_choice(parts);
      if (tail || std::all_of(parts.begin(), parts.end() - 2, [](double part) { return part == 0.0; })) break;
    }
  }
  if (weights_.size() != rows) {
    // Start near the best single threshold and its price of a slot, which are a good proof already.
    weights_.assign(rows, 0.1 / static_cast<double>(rows));
    weights_[std::min(preferred_, list.size() - 1)] += 0.6;
    weights_[rows - 1] += 0.3;
  }
  work_ += mixture.choices() * rows * 20;
  return mixture.refute(weights_) ? BoundKind::mixture : BoundKind::none;
}

}  // namespace plimsoll::experts
