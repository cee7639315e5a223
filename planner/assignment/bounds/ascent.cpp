#include "planner/assignment/bounds/ascent.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::assignment {
namespace {

constexpr int patience = 15;           // iterations without a gain before steps are halved
constexpr double least_scale = 0.002;  // steps beyond this gain nothing that rounding would show
constexpr double least_gain = 1e-7;    // of the bound: what counts as a gain
constexpr std::uint64_t repair_every = 8;

}  // namespace

LagrangianAscent::LagrangianAscent(const Prepared& prepared)
    : prepared_(prepared),
      lagrangian_(prepared),
      open_(prepared),
      prices_(lagrangian_.first_prices()),
      best_(prices_),
      best_value_(-std::numeric_limits<double>::infinity()),
      raised_(best_value_),
      dearest_(dearest_plan(prepared)),
      beyond_(dearest_) {}

// Prices of another worker, where its bound is better than ours.
void LagrangianAscent::take_prices(const Context& context) {
  const Proof& proof = context.proof();
  if (proof.item_price.size() != prices_.item.size() || !context.bound() || *context.bound() <= best_value_) return;
  if (proof.item_price == best_.item) return;
  prices_.item = proof.item_price;
  prices_.change = proof.change_price;
  lagrangian_.forget_direction();
}

void LagrangianAscent::iterate(Context& context) {
  const double value = lagrangian_.evaluate(open_, prices_);
  const double magnitude = std::max(1.0, std::abs(value));
  if (value > best_value_) {
    idle_ = value > best_value_ + least_gain * magnitude ? 0 : idle_ + 1;
    best_value_ = value;
    best_ = prices_;
  } else {
    ++idle_;
  }
  if (lagrangian_.feasible() || iteration_ % repair_every == 0) {
    const std::vector<int> bins = repair(prepared_, lagrangian_);
    context.meter().add_work(static_cast<std::uint64_t>(prepared_.items) * static_cast<std::uint64_t>(prepared_.bins));
    if (!bins.empty()) context.offer_bins(bins);
  }
  ++iteration_;
  if (idle_ >= patience) {
    idle_ = 0;
    scale_ /= 2;
    prices_ = best_;
    lagrangian_.forget_direction();
    done_ = scale_ < least_scale;
  }
  const double above = best_value_ + 0.02 * std::max(1.0, std::abs(best_value_));
  const double goal = std::min(context.objective().value_or(above), above);
  lagrangian_.step(open_, prices_, value, std::max(goal, value + 1e-6 * magnitude), scale_);
}

// Tells the context what the plain formulas make of the best prices.
void LagrangianAscent::settle(Context& context) {
  if (!(best_value_ > raised_)) return;
  raised_ = best_value_;
  const Proof proof = lagrangian_.proof(best_);
  const double value = evaluate_lagrangian(prepared_, proof);
  // Where no plan exists the relaxation has none either, as a rule, and its prices rise without end.
  if (value > dearest_) {
    context.exclude("the limits cannot all be kept: every plan would cost more than its dearest pairs",
                    name_of(BoundKind::lagrangian), BoundEvidence::recomputed);
    done_ = true;
    return;
  }
  context.raise({value, BoundKind::lagrangian, proof});
}

void LagrangianAscent::turn(Context& context, std::uint64_t work) {
  take_prices(context);
  const std::uint64_t end = context.meter().work() + work;
  while (!done_ && best_value_ <= beyond_ && context.meter().work() < end && !context.closed() &&
         !context.meter().urgent()) {
    iterate(context);
    context.meter().add_work(lagrangian_.take_work() + open_.take_work());
  }
  settle(context);
  // Rounding hid that it was more than the dearest: the next time it has to be more by far.
  if (best_value_ > beyond_) beyond_ = best_value_ + std::abs(best_value_);
}

}  // namespace plimsoll::assignment
