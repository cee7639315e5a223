#include "planner/assignment/evaluate.hpp"

#include <algorithm>
#include <cmath>

#include "support/json_text.hpp"

namespace plimsoll::assignment {
namespace {

constexpr std::size_t most_sentences = 20;
constexpr double exact_whole = 9007199254740992.0;  // 2^53

class Judge {
 public:
  Judge(const AssignmentInstance& instance, const AssignmentPlan& plan) : instance_(instance), plan_(plan) {}

  Evaluation judge() {
    result_.load.assign(static_cast<std::size_t>(instance_.bins), 0.0);
    if (!check_shape()) return result_;
    check_pairs();
    check_lists();
    sum_loads();
    count_changes();
    const AssignmentMetrics& metrics = result_.metrics;
    const bool makespan = instance_.objective == AssignmentObjective::makespan;
    result_.objective =
        (makespan ? metrics.makespan : metrics.cost) + instance_.change_price * static_cast<double>(metrics.changes);
    return result_;
  }

 private:
  void refuse(std::string sentence) {
    if (result_.violations.size() == most_sentences) sentence = "and more";
    if (result_.violations.size() <= most_sentences) result_.violations.push_back(std::move(sentence));
  }
  [[nodiscard]] int bin_of(int item) const { return plan_.bin_of[static_cast<std::size_t>(item)]; }
  static std::string name(const char* what, int index) { return what + (" " + std::to_string(index)); }

  bool check_shape() {
    if (plan_.bin_of.size() != static_cast<std::size_t>(instance_.items)) {
      refuse("/plan/bin_of: has " + std::to_string(plan_.bin_of.size()) + " entries for " +
             std::to_string(instance_.items) + " items");
      return false;
    }
    for (int item = 0; item < instance_.items; ++item) {
      if (bin_of(item) >= 0 && bin_of(item) < instance_.bins) continue;
      refuse("/plan/bin_of/" + std::to_string(item) + ": there is no bin " + std::to_string(bin_of(item)));
    }
    return result_.violations.empty();
  }

  void check_pairs() {
    for (const auto& [item, bin] : instance_.forbidden) {
      if (bin_of(item) == bin) refuse(name("item", item) + " is in " + name("bin", bin) + ", which is forbidden");
    }
    for (const auto& [item, bin] : instance_.pinned) {
      if (bin_of(item) == bin) continue;
      refuse(name("item", item) + " is pinned to " + name("bin", bin) + " but is in " + name("bin", bin_of(item)));
    }
  }

  void check_lists() {
    for (const std::vector<int>& list : instance_.together) {
      for (const int item : list) {
        if (bin_of(item) == bin_of(list.front())) continue;
        refuse(name("items", list.front()) + " and " + std::to_string(item) + " must stay together but are in " +
               name("bins", bin_of(list.front())) + " and " + std::to_string(bin_of(item)));
      }
    }
    std::vector<int> tenant(static_cast<std::size_t>(instance_.bins), -1);
    for (const std::vector<int>& list : instance_.apart) {
      for (const int item : list) {
        int& first = tenant[static_cast<std::size_t>(bin_of(item))];
        if (first >= 0) {
          refuse(name("items", first) + " and " + std::to_string(item) + " must stay apart but share " +
                 name("bin", bin_of(item)));
        } else {
          first = item;
        }
      }
      for (const int item : list) tenant[static_cast<std::size_t>(bin_of(item))] = -1;
    }
  }

  std::vector<double> sums(const Matrix<double>& size) const {
    std::vector<double> sum(static_cast<std::size_t>(instance_.bins), 0.0);
    for (int item = 0; item < instance_.items; ++item) {
      const auto bin = static_cast<std::size_t>(bin_of(item));
      sum[bin] += size.at(bin, static_cast<std::size_t>(item));
    }
    return sum;
  }

  void check_capacity(const std::string& dimension, const Matrix<double>& size, const std::vector<double>& capacity,
                      const std::vector<double>& sum) {
    for (std::size_t bin = 0; bin < capacity.size(); ++bin) {
      if (capacity[bin] > 0) result_.metrics.fullest = std::max(result_.metrics.fullest, sum[bin] / capacity[bin]);
      if (sum[bin] <= capacity[bin] || sum[bin] <= admitted(size.row(bin), capacity[bin])) continue;
      refuse(name("bin", static_cast<int>(bin)) + " holds " + support::number_text(sum[bin]) + dimension +
             " but has a capacity of " + support::number_text(capacity[bin]));
    }
  }

  void sum_loads() {
    AssignmentMetrics& metrics = result_.metrics;
    result_.load = sums(instance_.size);
    check_capacity("", instance_.size, instance_.capacity, result_.load);
    for (const AssignmentDimension& dimension : instance_.dimensions) {
      check_capacity(dimension.name.empty() ? " of a dimension" : " of " + dimension.name, dimension.size,
                     dimension.capacity, sums(dimension.size));
    }
    for (std::size_t bin = 0; bin < result_.load.size(); ++bin) {
      if (!instance_.speed.empty()) result_.load[bin] /= instance_.speed[bin];
      metrics.makespan = std::max(metrics.makespan, result_.load[bin]);
      metrics.mean_load += result_.load[bin] / static_cast<double>(instance_.bins);
    }
    if (instance_.objective == AssignmentObjective::makespan) return;
    for (int item = 0; item < instance_.items; ++item) {
      metrics.cost += instance_.cost.at(static_cast<std::size_t>(bin_of(item)), static_cast<std::size_t>(item));
    }
  }

  void count_changes() {
    for (std::size_t item = 0; item < instance_.current.size(); ++item) {
      const int now = instance_.current[item];
      if (now >= 0 && plan_.bin_of[item] != now) ++result_.metrics.changes;
    }
    if (!instance_.max_changes || result_.metrics.changes <= *instance_.max_changes) return;
    refuse(std::to_string(result_.metrics.changes) + " items leave their current bin, at most " +
           std::to_string(*instance_.max_changes) + " may");
  }

  const AssignmentInstance& instance_;
  const AssignmentPlan& plan_;
  Evaluation result_;
};

}  // namespace

bool whole(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) {
    if (value != std::trunc(value)) return false;
    sum += std::abs(value);
  }
  return sum <= exact_whole;
}

double admitted(std::span<const double> sizes, double capacity) {
  return whole(sizes) ? std::floor(std::min(capacity, exact_whole)) : capacity * (1 + 1e-9);
}

Evaluation evaluate(const AssignmentInstance& instance, const AssignmentPlan& plan) {
  return Judge(instance, plan).judge();
}

}  // namespace plimsoll::assignment
