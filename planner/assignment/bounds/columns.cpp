#include "planner/assignment/bounds/columns.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/assignment/bounds/ascent.hpp"

namespace plimsoll::assignment {
namespace {

namespace lp = solvers::lp;
namespace mip = solvers::mip;

constexpr int most_cuts = 40'000;
constexpr double converged = 1e-7;  // of the bound
constexpr double widest = 1e14;     // box; the linear program takes no larger numbers than 1e15

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

ColumnGeneration::ColumnGeneration(const Prepared& prepared)
    : prepared_(prepared),
      lagrangian_(prepared),
      open_(prepared),
      best_(lagrangian_.first_prices()),
      best_value_(-std::numeric_limits<double>::infinity()),
      raised_(best_value_) {
  mip::Model model;
  for (int item = 0; item < prepared.items; ++item) model.add_variable(-mip::infinity, mip::infinity, -1, false);
  for (int bin = 0; bin < prepared.bins; ++bin) model.add_variable(0, mip::infinity, 1, false);
  master_.emplace(std::move(model));
}

void ColumnGeneration::begin(const Context& context) {
  if (context.proof().item_price.size() == best_.item.size()) best_.item = context.proof().item_price;
  double sum = 0;
  for (const double price : best_.item) sum += std::abs(price);
  radius_ = std::max(1e-6, 0.2 * sum / prepared_.items);
}

void ColumnGeneration::evaluate(Context& context, const Lagrangian::Prices& prices) {
  const double value = lagrangian_.evaluate(open_, prices);
  improved_ = value > best_value_ + converged * std::max(1.0, std::abs(value));
  if (value > best_value_) {
    best_value_ = value;
    best_ = prices;
  }
  const std::vector<int> bins = repair(prepared_, lagrangian_);
  if (!bins.empty()) context.offer_bins(bins);
}

// The sets that the bins took last.
void ColumnGeneration::add_cuts() {
  std::vector<std::vector<mip::Entry>> sets(z(prepared_.bins));
  std::vector<double> cost(z(prepared_.bins), 0.0);
  for (int item = 0; item < prepared_.items; ++item) {
    for (const int bin : lagrangian_.takers()[z(item)]) {
      sets[z(bin)].push_back({item, 1});
      cost[z(bin)] += prepared_.cost.at(z(bin), z(item));
    }
  }
  for (int bin = 0; bin < prepared_.bins; ++bin) {
    if (sets[z(bin)].empty()) continue;
    sets[z(bin)].push_back({prepared_.items + bin, -1});
    master_->add_row(-mip::infinity, cost[z(bin)], sets[z(bin)]);
  }
}

void ColumnGeneration::move_box() {
  radius_ = std::min(radius_, widest);
  for (int item = 0; item < prepared_.items; ++item) {
    const double price = std::clamp(best_.item[z(item)], -2 * widest, 2 * widest);
    master_->set_bounds(item, price - radius_, price + radius_);
  }
}

void ColumnGeneration::iterate(Context& context) {
  move_box();
  lp::Limits limits;
  limits.stop = context.options().stop;
  if (context.options().time_limit_seconds) {
    limits.time_limit_seconds = std::max(0.0, *context.options().time_limit_seconds - context.meter().seconds());
  }
  const lp::Solution solution = master_->solve(limits);
  const auto rows = static_cast<std::uint64_t>(master_->model().rows());
  context.meter().add_work(1000 + static_cast<std::uint64_t>(solution.iterations) * (rows + z(prepared_.items)));
  if (solution.status != lp::Status::optimal) {
    done_ = true;  // a limit, or numbers that Clp cannot handle
    return;
  }
  Lagrangian::Prices prices;
  bool inside = true;
  for (int item = 0; item < prepared_.items; ++item) {
    prices.item.push_back(solution.point[z(item)]);
    inside = inside && std::abs(prices.item.back() - best_.item[z(item)]) < radius_ * (1 - 1e-6);
  }
  const double ahead = -solution.objective - best_value_;
  if (ahead <= converged * std::max(1.0, std::abs(best_value_))) {
    done_ = inside;
    radius_ *= 2;
    return;
  }
  evaluate(context, prices);
  if (best_value_ > 2 * std::abs(dearest_plan(prepared_)) + 1) done_ = true;  // there is no plan
  radius_ *= improved_ ? 1.3 : 0.8;
  add_cuts();
  done_ = master_->model().rows() > most_cuts;
}

void ColumnGeneration::turn(Context& context, std::uint64_t work) {
  const std::uint64_t end = context.meter().work() + work;
  if (master_->model().rows() == 0) {
    begin(context);
    evaluate(context, best_);
    add_cuts();
  }
  while (!done_ && context.meter().work() < end && !context.should_stop()) {
    iterate(context);
    context.meter().add_work(lagrangian_.take_work() + open_.take_work());
  }
  if (!(best_value_ > raised_)) return;
  raised_ = best_value_;
  const Proof proof = lagrangian_.proof(best_);
  const double value = evaluate_lagrangian(prepared_, proof);
  if (value > dearest_plan(prepared_)) {  // where there is no plan, prices rise without end
    context.exclude("the limits cannot all be kept: every plan would cost more than its dearest pairs",
                    name_of(BoundKind::lagrangian), BoundEvidence::recomputed);
    done_ = true;
    return;
  }
  context.raise({value, BoundKind::lagrangian, proof});
}

}  // namespace plimsoll::assignment
