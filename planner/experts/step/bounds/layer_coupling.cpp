#include "planner/experts/step/bounds/layer_coupling.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <queue>

#include "planner/experts/bounds/refute.hpp"

namespace plimsoll::experts::step {

namespace mip = solvers::mip;

namespace {

constexpr int cells = 24;
constexpr double largest_factor = 64;

}  // namespace

LayerCoupling::LayerCoupling(const Prepared& prepared, int layer, std::vector<double> seconds,
                             std::vector<double> charge, bool transient, double unit)
    : prepared_(prepared),
      layer_(layer),
      seconds_(std::move(seconds)),
      charge_(std::move(charge)),
      transient_(transient),
      unit_(unit) {
  for (int m = 0; m < prepared.microsteps; ++m) {
    if (seconds_[static_cast<std::size_t>(m)] > 0) open_.push_back(m);
  }
  cut();
}

// Cells from the bound up to where the replicas of all micro-steps together would find slots.
void LayerCoupling::cut() {
  const int slots = std::accumulate(prepared_.columns.slots.begin(), prepared_.columns.slots.end(), 0);
  std::vector<Refutation> refutations;
  for (const int m : open_) refutations.emplace_back(prepared_.columns, prepared_.load(m, layer_));
  const auto fits = [&](double factor) {
    std::vector<int> most(static_cast<std::size_t>(prepared_.experts), 1);
    for (std::size_t k = 0; k < open_.size(); ++k) {
      const std::vector<int> need = refutations[k].fewest(seconds_[static_cast<std::size_t>(open_[k])] * factor);
      if (need.empty()) return false;
      for (std::size_t e = 0; e < most.size(); ++e) most[e] = std::max(most[e], need[e]);
    }
    return std::accumulate(most.begin(), most.end(), 0) <= slots;
  };
  double factor = 1.0;
  while (factor < largest_factor && !fits(factor)) factor *= 1.25;
  for (std::size_t k = 0; k < open_.size(); ++k) {
    times_.push_back(ends(open_[k], std::max(factor, 1.25)));
    needs_.emplace_back();
    for (std::size_t cell = 0; cell < times_.back().size(); ++cell) {
      // Beyond the last cell one replica each may do.
      std::vector<int> need;
      if (cell + 1 < times_.back().size()) need = refutations[k].fewest(times_.back()[cell + 1]);
      if (need.empty()) need.assign(static_cast<std::size_t>(prepared_.experts), 1);
      needs_.back().push_back(std::move(need));
    }
    work_ += refutations[k].work();
  }
}

// Where cells begin. Where cost is in proportion to tokens the replicas that an expert needs change at known times:
// just below those nothing is lost. Elsewhere, and where there are too many of them, cells grow evenly.
std::vector<double> LayerCoupling::ends(int microstep, double factor) const {
  const double first = seconds_[static_cast<std::size_t>(microstep)];
  std::vector<double> list{first};
  const CostCurve& curve = prepared_.columns.curve;
  if (!prepared_.columns.even && curve.proportional() && !curve.tiled()) {
    std::vector<double> speeds;
    for (int d = 0; d < prepared_.devices; ++d) {
      if (prepared_.columns.slots[static_cast<std::size_t>(d)] > 0) speeds.push_back(prepared_.columns.speed(d));
    }
    std::sort(speeds.begin(), speeds.end(), std::greater<>());
    std::vector<double> changes;
    for (const double tokens : prepared_.load(microstep, layer_)) {
      double sum = 0;
      for (const double speed : speeds) {
        sum += speed;
        const double time = tokens * curve.rate() / sum * (1 - 1e-9);
        if (time <= first * (1 + 1e-9)) break;
        if (time <= first * factor) changes.push_back(time);
      }
    }
    std::sort(changes.begin(), changes.end());
    const std::size_t step = changes.size() / static_cast<std::size_t>(cells) + 1;
    for (std::size_t k = step - 1; k < changes.size(); k += step) {
      if (changes[k] > list.back() * (1 + 1e-9)) list.push_back(changes[k]);
    }
  } else {
    const double ratio = std::pow(factor, 1.0 / (cells - 1));
    while (static_cast<int>(list.size()) < cells) list.push_back(list.back() * ratio);
  }
  if (list.size() == 1) list.push_back(first * factor);
  return list;
}

double LayerCoupling::least_use() const {
  const int slots = std::accumulate(prepared_.columns.slots.begin(), prepared_.columns.slots.end(), 0);
  // What one more replica of an expert saves, largest first; it only falls.
  std::vector<int> standing(static_cast<std::size_t>(prepared_.experts), 1);
  const auto saved = [&](std::size_t expert) {
    double sum = 0;
    for (std::size_t k = 0; k < open_.size(); ++k) {
      if (needs_[k].front()[expert] > standing[expert]) sum += charge_[static_cast<std::size_t>(open_[k])];
    }
    return sum;
  };
  std::priority_queue<std::pair<double, std::size_t>> queue;
  for (std::size_t e = 0; e < standing.size(); ++e) queue.emplace(saved(e), e);
  for (int left = slots - prepared_.experts; left > 0 && queue.top().first > 0; --left) {
    const std::size_t expert = queue.top().second;
    queue.pop();
    ++standing[expert];
    queue.emplace(saved(expert), expert);
  }
  double use = 0;
  for (std::size_t k = 0; k < open_.size(); ++k) {
    for (std::size_t e = 0; e < standing.size(); ++e) {
      use += charge_[static_cast<std::size_t>(open_[k])] * std::max(0, needs_[k].front()[e] - standing[e]);
    }
  }
  return use;
}

//   minimise  sum_m passes_m sum_k g[m,k] z[m,k] + price sum_m charge_m y[m,e]
//   sum_k z[m,k] = 1,   n[e] + y[m,e] >= sum_k r[m,k,e] z[m,k],
//   sum_e n[e] + y[m,e] <= columns,   sum_e y[m,e] <= transient columns
void LayerCoupling::build() {
  mip::Model model;
  const auto experts = static_cast<std::size_t>(prepared_.experts);
  const int slots = std::accumulate(prepared_.columns.slots.begin(), prepared_.columns.slots.end(), 0);
  const auto live = std::count(prepared_.columns.alive.begin(), prepared_.columns.alive.end(), true);
  std::vector<int> most(experts, 1);
  for (const auto& of_microstep : needs_) {
    for (std::size_t e = 0; e < experts; ++e) most[e] = std::max(most[e], of_microstep.front()[e]);
  }
  std::vector<int> standing(experts, -1);
  std::vector<mip::Entry> all;
  int alone = 0;
  for (std::size_t e = 0; e < experts; ++e) {
    if (most[e] == 1) {
      ++alone;
      continue;
    }
    standing[e] = model.add_variable(1, most[e], 0, false);
    all.push_back({standing[e], 1.0});
  }
  model.add_row(-mip::infinity, slots - alone, all);
  for (std::size_t k = 0; k < open_.size(); ++k) {
    const int m = open_[k];
    const double passes = prepared_.passes(m, layer_);
    std::vector<int> cell;
    std::vector<mip::Entry> one;
    for (const double time : times_[k]) {
      cell.push_back(model.add_variable(0, 1, passes * time / unit_, false));
      one.push_back({cell.back(), 1.0});
    }
    model.add_row(1, 1, one);
    transient_of_.emplace_back();
    std::vector<mip::Entry> sent;
    for (std::size_t e = 0; e < experts; ++e) {
      if (needs_[k].front()[e] == 1) continue;
      std::vector<mip::Entry> row{{standing[e], 1.0}};
      if (transient_) {
        transient_of_.back().push_back(model.add_variable(0, most[e], 0, false));
        row.push_back({transient_of_.back().back(), 1.0});
        sent.push_back(row.back());
      }
      for (std::size_t c = 0; c < cell.size(); ++c) row.push_back({cell[c], -static_cast<double>(needs_[k][c][e])});
      model.add_row(0, mip::infinity, row);
    }
    if (sent.empty()) continue;
    model.add_row(-mip::infinity, static_cast<double>(live * prepared_.transient), sent);
    sent.insert(sent.end(), all.begin(), all.end());
    model.add_row(-mip::infinity, slots - alone, sent);
  }
  program_.emplace(std::move(model));
}

LayerCoupling::Value LayerCoupling::solve(double price, const support::Meter& meter) {
  if (!program_) build();
  for (std::size_t k = 0; k < open_.size(); ++k) {
    const double cost = price * charge_[static_cast<std::size_t>(open_[k])] / unit_;
    for (const int variable : transient_of_[k]) program_->set_cost(variable, cost);
  }
  solvers::lp::Limits limits;
  limits.stop = meter.stop();
  limits.time_limit_seconds = meter.seconds_left();
  const solvers::lp::Solution solution = program_->solve(limits);
  work_ += static_cast<std::uint64_t>(solution.iterations) * static_cast<std::uint64_t>(program_->model().rows());
  double floor = 0;
  for (std::size_t k = 0; k < open_.size(); ++k) {
    floor += prepared_.passes(open_[k], layer_) * seconds_[static_cast<std::size_t>(open_[k])];
  }
  Value value{floor, 0};
  if (std::isfinite(solution.bound)) value.seconds = std::max(floor, solution.bound * unit_);
  for (std::size_t k = 0; k < open_.size() && !solution.point.empty(); ++k) {
    for (const int variable : transient_of_[k]) {
      value.use += charge_[static_cast<std::size_t>(open_[k])] * solution.point[static_cast<std::size_t>(variable)];
    }
  }
  return value;
}

}  // namespace plimsoll::experts::step
