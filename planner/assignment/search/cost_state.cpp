#include "planner/assignment/search/cost_state.hpp"

namespace plimsoll::assignment {

CostState::CostState(const CostTables& tables, std::span<const int> bin_of)
    : tables_(tables), weight_(tables.capacity.size(), 1.0) {
  if (!bin_of.empty()) reset(bin_of);
}

void CostState::reset(std::span<const int> bin_of) {
  bin_of_.assign(z(tables_.items), -1);
  content_.resize(z(tables_.bins));
  for (std::vector<int>& content : content_) content.clear();
  position_.assign(z(tables_.items), 0);
  slack_ = tables_.capacity;
  charge_.assign(z(tables_.bins), 0.0);
  conflicts_.assign(tables_.has_apart ? z(tables_.items) * z(tables_.bins) : 0, 0);
  cost_ = 0;
  changes_ = 0;
  over_ = 0;
  pairs_ = 0;
  for (int item = 0; item < tables_.items; ++item) place(item, bin_of[z(item)]);
}

void CostState::place(int item, int bin) {
  bin_of_[z(item)] = bin;
  position_[z(item)] = static_cast<int>(content_[z(bin)].size());
  content_[z(bin)].push_back(item);
  const double* record = tables_.record(item, bin);
  cost_ += record[0];
  changes_ += tables_.changes(item, bin);
  add_to(bin, record, 1);
  if (!tables_.has_apart) return;
  pairs_ += conflicts_[tables_.index(item, bin)];
  for (const int other : tables_.prepared.apart[z(item)]) ++conflicts_[tables_.index(other, bin)];
}

void CostState::move(int item, int bin) {
  const int from = bin_of_[z(item)];
  if (from == bin) return;
  std::vector<int>& content = content_[z(from)];
  const int last = content.back();
  content[z(position_[z(item)])] = last;
  position_[z(last)] = position_[z(item)];
  content.pop_back();
  const double* record = tables_.record(item, from);
  cost_ -= record[0];
  changes_ -= tables_.changes(item, from);
  add_to(from, record, -1);
  if (tables_.has_apart) {
    pairs_ -= conflicts_[tables_.index(item, from)];
    for (const int other : tables_.prepared.apart[z(item)]) --conflicts_[tables_.index(other, from)];
  }
  place(item, bin);
}

void CostState::add_to(int bin, const double* record, double sign) {
  for (int d = 0; d < tables_.dimensions; ++d) {
    double& slack = slack_[at(bin, d)];
    over_ -= slack < 0 ? 1 : 0;
    slack -= sign * record[d + 1];
    over_ += slack < 0 ? 1 : 0;
  }
  recharge(bin);
}

void CostState::recharge(int bin) {
  double sum = 0;
  for (int d = 0; d < tables_.dimensions; ++d) {
    if (slack_[at(bin, d)] < 0) sum -= slack_[at(bin, d)] * weight_[at(bin, d)];
  }
  charge_[z(bin)] = sum;
}

void CostState::set_weight(int bin, int dimension, double weight) {
  weight_[at(bin, dimension)] = weight;
  recharge(bin);
}

double CostState::charged() const {
  double sum = cost_ + apart_weight_ * pairs_ + change_weight_ * std::max(0.0, excess_changes());
  for (const double charge : charge_) sum += charge;
  return sum;
}

}  // namespace plimsoll::assignment
