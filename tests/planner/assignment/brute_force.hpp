// The best plan of a tiny instance by looking at all of them. Written from docs/formats.md alone: it shares nothing
// with the methods, the bounds or the evaluation but the instance.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "plimsoll/assignment.hpp"

namespace plimsoll::testing {

class AssignmentBruteForce {
 public:
  explicit AssignmentBruteForce(const AssignmentInstance& instance) : instance_(instance) {}

  // Nothing: no plan exists.
  std::optional<double> run() {
    std::vector<int> bin_of(static_cast<std::size_t>(instance_.items), 0);
    do {
      const auto value = judge(bin_of);
      if (value && (!best_ || *value < *best_)) {
        best_ = value;
        plan_ = bin_of;
      }
    } while (next(bin_of));
    return best_;
  }
  [[nodiscard]] const std::vector<int>& plan() const { return plan_; }

 private:
  bool next(std::vector<int>& bin_of) const {
    for (int& bin : bin_of) {
      if (++bin < instance_.bins) return true;
      bin = 0;
    }
    return false;
  }

  [[nodiscard]] bool fits(const std::vector<int>& bin_of, const Matrix<double>& size,
                          const std::vector<double>& capacity) const {
    for (std::size_t bin = 0; bin < capacity.size(); ++bin) {
      double sum = 0;
      for (std::size_t item = 0; item < bin_of.size(); ++item) {
        if (bin_of[item] == static_cast<int>(bin)) sum += size.at(bin, item);
      }
      if (sum > capacity[bin] * (1 + 1e-9)) return false;
    }
    return true;
  }

  [[nodiscard]] std::optional<double> judge(const std::vector<int>& bin_of) const {
    const auto at = [&](int item) { return bin_of[static_cast<std::size_t>(item)]; };
    for (const auto& [item, bin] : instance_.forbidden) {
      if (at(item) == bin) return std::nullopt;
    }
    for (const auto& [item, bin] : instance_.pinned) {
      if (at(item) != bin) return std::nullopt;
    }
    for (const auto& list : instance_.together) {
      for (const int item : list) {
        if (at(item) != at(list[0])) return std::nullopt;
      }
    }
    for (const auto& list : instance_.apart) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        for (std::size_t j = i + 1; j < list.size(); ++j) {
          if (at(list[i]) == at(list[j])) return std::nullopt;
        }
      }
    }
    if (!fits(bin_of, instance_.size, instance_.capacity)) return std::nullopt;
    for (const auto& dimension : instance_.dimensions) {
      if (!fits(bin_of, dimension.size, dimension.capacity)) return std::nullopt;
    }
    int changes = 0;
    for (std::size_t item = 0; item < instance_.current.size(); ++item) {
      changes += instance_.current[item] >= 0 && instance_.current[item] != bin_of[item] ? 1 : 0;
    }
    if (instance_.max_changes && changes > *instance_.max_changes) return std::nullopt;
    double value = instance_.change_price * changes;
    if (instance_.objective == AssignmentObjective::cost) {
      for (std::size_t item = 0; item < bin_of.size(); ++item) {
        value += instance_.cost.at(static_cast<std::size_t>(bin_of[item]), item);
      }
      return value;
    }
    double latest = 0;
    for (std::size_t bin = 0; bin < static_cast<std::size_t>(instance_.bins); ++bin) {
      double sum = 0;
      for (std::size_t item = 0; item < bin_of.size(); ++item) {
        if (bin_of[item] == static_cast<int>(bin)) sum += instance_.size.at(bin, item);
      }
      latest = std::max(latest, sum / (instance_.speed.empty() ? 1.0 : instance_.speed[bin]));
    }
    return value + latest;
  }

  const AssignmentInstance& instance_;
  std::optional<double> best_;
  std::vector<int> plan_;
};

}  // namespace plimsoll::testing
