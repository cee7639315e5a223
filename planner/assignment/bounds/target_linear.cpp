#include "planner/assignment/bounds/target_linear.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/lp/linear_program.hpp"

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr double tiny_coefficient = 1e-9;  // below it a time counts as 0 in the program
constexpr double large_coefficient = 1e7;
constexpr std::size_t most_columns = 60'000;  // of alike bins all pairs are as good, and Clp turns long on the spot
constexpr double close_enough = 1e-8;         // relative, between the program and its bound
constexpr int most_rounds = 20;               // of pricing pairs in
constexpr std::size_t first_columns = 3;

}  // namespace

LinearTarget::LinearTarget(const Times& times)
    : times_(times),
      open_(z(times.items)),
      weight_(z(times.bins), 1.0 / times.bins),
      load_(z(times.bins)),
      columns_(z(times.items)) {}

bool LinearTarget::gather() {
  const double latest = times_.latest(target_);
  bool complete = true;
  for (int item = 0; item < times_.items; ++item) {
    open_[z(item)].clear();
    for (const int bin : times_.open[z(item)]) {
      if (fits_target(times_, item, bin, target_, latest)) open_[z(item)].push_back(bin);
    }
    complete = complete && !open_[z(item)].empty();
  }
  work_ += 2 * z(times_.items) * z(times_.bins);
  return complete;
}

// The dual function; loads of the bins where every item takes its cheapest one, in load_.
double LinearTarget::judge(std::span<const double> weight) {
  std::fill(load_.begin(), load_.end(), 0.0);
  trial_price_.resize(z(times_.items));
  double value = 0;
  for (int item = 0; item < times_.items; ++item) {
    double least = Times::never;
    int chosen = 0;
    for (const int bin : open_[z(item)]) {
      const double price = weight[z(bin)] * times_.at(item, bin) + times_.cost.at(z(item), z(bin));
      if (price < least) {
        least = price;
        chosen = bin;
      }
    }
    work_ += open_[z(item)].size();
    trial_price_[z(item)] = least;
    load_[z(chosen)] += times_.at(item, chosen);
    value += least;
  }
  if (price_.empty() || value > value_) {
    value_ = value;
    price_ = trial_price_;
    weight_.assign(weight.begin(), weight.end());
  }
  return value;
}

// Multiplicative weights: a bin that is loaded beyond the mean becomes dearer. Steps shrink while nothing improves.
void LinearTarget::climb(int rounds, const support::Meter& meter) {
  std::vector<double> weight = weight_;
  double step = 0.5;
  double last = value_;
  for (int round = 0, idle = 0; round < rounds && step > 1e-4; ++round) {
    double mean = 0;
    for (int bin = 0; bin < times_.bins; ++bin) mean += weight[z(bin)] * load_[z(bin)];
    if (!(mean > 0) || meter.urgent()) return;
    double sum = 0;
    for (int bin = 0; bin < times_.bins; ++bin) {
      const double excess = std::clamp(load_[z(bin)] / mean - 1, -1.0, 1.0);
      weight[z(bin)] = std::max(weight[z(bin)], 1e-12) * std::exp(step * excess);
      sum += weight[z(bin)];
    }
    for (double& entry : weight) entry /= sum;
    judge(weight);
    idle = value_ > last ? 0 : idle + 1;
    last = value_;
    if (idle < 4) continue;
    idle = 0;
    step *= 0.6;
    weight = weight_;
    judge(weight);
  }
}

// For each item the bins with the least reduced costs, and all whose reduced cost is below `most_reduced`.
void LinearTarget::select_columns(double most_reduced) {
  std::vector<std::pair<double, int>> ranked;
  for (int item = 0; item < times_.items; ++item) {
    ranked.clear();
    for (const int bin : open_[z(item)]) {
      const double price = weight_[z(bin)] * times_.at(item, bin) + times_.cost.at(z(item), z(bin));
      ranked.emplace_back(price - price_[z(item)], bin);
    }
    const std::size_t several = std::min(first_columns, ranked.size());
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(several), ranked.end());
    columns_[z(item)].clear();
    for (std::size_t k = 0; k < ranked.size(); ++k) {
      if (k < several || ranked[k].first <= most_reduced) columns_[z(item)].push_back(ranked[k].second);
    }
  }
}

// One program on the chosen pairs; its duals judged on all of them, and those that would enter added. False: done.
bool LinearTarget::polish(const support::Meter& meter) {
  using solvers::mip::Entry;
  using solvers::mip::infinity;
  const double scale = value_;
  solvers::mip::Model model;
  const int makespan = model.add_variable(0, infinity, 1, false);
  std::vector<std::vector<Entry>> rows(z(times_.bins));
  std::vector<Part> pairs;
  for (int item = 0; item < times_.items; ++item) {
    std::vector<Entry> row;
    for (const int bin : columns_[z(item)]) {
      const double time = times_.at(item, bin) / scale;
      const double cost = times_.cost.at(z(item), z(bin)) / scale;
      if (time > large_coefficient || std::abs(cost) > large_coefficient) continue;
      const int variable = model.add_variable(0, infinity, cost, false);
      row.push_back({variable, 1.0});
      if (time >= tiny_coefficient) rows[z(bin)].push_back({variable, time});
      pairs.push_back({item, bin, 0});
    }
    if (row.empty()) return false;
    model.add_row(1, 1, row);
  }
  for (std::vector<Entry>& row : rows) {
    row.push_back({makespan, -1.0});
    model.add_row(-infinity, 0, row);
  }
  solvers::lp::Limits limits;
  limits.iteration_limit = 50 * (times_.items + times_.bins);
  limits.time_limit_seconds = meter.seconds_left();
  limits.stop = meter.stop();
  solvers::lp::LinearProgram program(std::move(model));
  const solvers::lp::Solution solution = program.solve(limits);
  work_ += static_cast<std::uint64_t>(solution.iterations + 20) * z(times_.items + times_.bins) * 6;
  if (solution.status != solvers::lp::Status::optimal) return false;
  point_.clear();
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const double share = solution.point[k + 1];
    if (share > 1e-9) point_.push_back({pairs[k].item, pairs[k].bin, std::min(1.0, share)});
  }
  std::vector<double> weight(z(times_.bins));
  double sum = 0;
  for (int bin = 0; bin < times_.bins; ++bin) {
    weight[z(bin)] = std::max(0.0, -solution.duals[z(times_.items + bin)]);
    sum += weight[z(bin)];
  }
  if (!(sum > 0)) return false;
  for (double& entry : weight) entry /= sum;
  const double value = judge(weight);
  if (value >= solution.objective * scale * (1 - close_enough) || meter.urgent()) return false;
  bool added = false;
  for (int item = 0; item < times_.items; ++item) {
    const double dual = solution.duals[z(item)] * scale;
    for (const int bin : open_[z(item)]) {
      const double price = weight[z(bin)] * times_.at(item, bin) + times_.cost.at(z(item), z(bin));
      if (price >= dual - 1e-10 * scale) continue;
      std::vector<int>& columns = columns_[z(item)];
      if (std::find(columns.begin(), columns.end(), bin) != columns.end()) continue;
      columns.push_back(bin);
      added = true;
    }
  }
  return added;
}

double LinearTarget::solve(double target, bool precisely, const support::Meter& meter) {
  target_ = target;
  if (!gather()) return Times::never;
  const bool first = price_.empty();
  price_.clear();
  const std::vector<double> start = weight_;
  judge(start);
  if (first || !precisely) climb(first ? 300 : 60, meter);
  bool program = precisely && value_ > 0 && solvers::lp::available();
  if (program) {
    select_columns(0.002 * value_ / times_.items);
    std::size_t selected = 0;
    for (const std::vector<int>& columns : columns_) selected += columns.size();
    program = selected <= most_columns;
  }
  if (program) {
    for (int round = 0; round < most_rounds && polish(meter); ++round) {
    }
  } else if (precisely) {
    climb(2000, meter);
  }
  return value_;
}

Proof LinearTarget::proof(double target) const {
  Proof proof;
  proof.item_price = price_;
  proof.weight = Matrix<double>(z(times_.bins), 1, weight_);
  proof.refuted = target;
  return proof;
}

std::uint64_t LinearTarget::take_work() {
  const std::uint64_t work = work_ / 2;
  work_ = 0;
  return work;
}

}  // namespace plimsoll::assignment
