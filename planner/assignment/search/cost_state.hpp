// A plan under change, for the heuristics for least cost: any assignment of items to allowed bins, whatever it
// violates. What it breaks is charged: `capacity_weight` per unit of excess, `apart_weight` per pair, `change_weight`
// per item beyond the budget. Everything is a sum of whole numbers but the weights, so that a move taken back restores
// every bit.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "planner/assignment/search/cost_tables.hpp"

namespace plimsoll::assignment {

class CostState {
 public:
  // Every bin_of[item] must be an allowed bin; an empty plan leaves the state to be reset before use.
  CostState(const CostTables& tables, std::span<const int> bin_of);

  void reset(std::span<const int> bin_of);
  void move(int item, int bin);

  [[nodiscard]] const CostTables& tables() const { return tables_; }
  [[nodiscard]] const std::vector<int>& bin_of() const { return bin_of_; }
  [[nodiscard]] int bin_of(int item) const { return bin_of_[z(item)]; }
  [[nodiscard]] const std::vector<int>& content(int bin) const { return content_[z(bin)]; }
  [[nodiscard]] double cost() const { return cost_; }
  // The cost and the charges for everything that is violated.
  [[nodiscard]] double charged() const;
  [[nodiscard]] bool feasible() const { return over_ == 0 && pairs_ == 0 && excess_changes() <= 0; }
  [[nodiscard]] bool overfull(int bin) const { return charge_[z(bin)] > 0; }
  [[nodiscard]] double slack(int bin, int dimension = 0) const { return slack_[at(bin, dimension)]; }
  [[nodiscard]] int apart_pairs() const { return pairs_; }
  [[nodiscard]] double excess_changes() const { return tables_.limits_changes ? changes_ - tables_.max_changes : -1.0; }
  // Those of its partners that it would meet in the bin.
  [[nodiscard]] int conflicts(int item, int bin) const {
    return tables_.has_apart ? conflicts_[tables_.index(item, bin)] : 0;
  }

  // What the charges of a bin become when `in` comes and `out` goes (records of the tables, or null), less what they
  // are.
  [[nodiscard]] double charge(int bin, const double* in, const double* out) const {
    double sum = 0;
    for (int d = 0; d < tables_.dimensions; ++d) {
      double slack = slack_[at(bin, d)];
      if (in != nullptr) slack -= in[d + 1];
      if (out != nullptr) slack += out[d + 1];
      if (slack < 0) sum -= slack * weight_[at(bin, d)];
    }
    return sum - charge_[z(bin)];
  }
  // What the item adds to the charged cost where it comes to the bin, and takes away where it leaves its own. The
  // budget of changes is charged at the present margin.
  [[nodiscard]] double gain_in(int item, int bin) const {
    const double* record = tables_.record(item, bin);
    return record[0] + charge(bin, record, nullptr) + pair_charges(item, bin);
  }
  [[nodiscard]] double gain_out(int item) const {
    const int bin = bin_of_[z(item)];
    const double* record = tables_.record(item, bin);
    return charge(bin, nullptr, record) - record[0] - pair_charges(item, bin);
  }
  // The charges of the pair that are not those of capacities.
  [[nodiscard]] double pair_charges(int item, int bin) const {
    double sum = 0;
    if (tables_.has_apart) sum += apart_weight_ * conflicts_[tables_.index(item, bin)];
    if (tables_.limits_changes && changes_ >= tables_.max_changes) sum += change_weight_ * tables_.changes(item, bin);
    return sum;
  }

  // Weights. Set through these, as charges of bins are kept.
  [[nodiscard]] double weight(int bin, int dimension) const { return weight_[at(bin, dimension)]; }
  void set_weight(int bin, int dimension, double weight);
  double& apart_weight() { return apart_weight_; }
  double& change_weight() { return change_weight_; }
  [[nodiscard]] double apart_weight() const { return apart_weight_; }
  [[nodiscard]] double change_weight() const { return change_weight_; }

 private:
  static std::size_t z(int index) { return static_cast<std::size_t>(index); }
  [[nodiscard]] std::size_t at(int bin, int dimension) const { return z(bin) * z(tables_.dimensions) + z(dimension); }
  void add_to(int bin, const double* record, double sign);
  void recharge(int bin);
  void place(int item, int bin);

  const CostTables& tables_;
  std::vector<int> bin_of_;
  std::vector<std::vector<int>> content_;  // [bins]
  std::vector<int> position_;              // [items] in content_
  std::vector<double> slack_;              // [bins][dimensions] capacity less load
  std::vector<double> weight_;             // [bins][dimensions]
  std::vector<double> charge_;             // [bins] excess times weight, summed
  std::vector<int> conflicts_;             // [items][bins], where something is apart
  double cost_ = 0;
  double changes_ = 0;
  int over_ = 0;   // capacities exceeded
  int pairs_ = 0;  // pairs that share a bin and must not
  double apart_weight_ = 1;
  double change_weight_ = 1;
};

}  // namespace plimsoll::assignment
