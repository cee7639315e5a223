#include "planner/assignment/bounds/target.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr double nothing = -std::numeric_limits<double>::infinity();
constexpr double most_steps = 4e9;  // of all knapsacks of one proof

bool well_formed(const Times& times, const Proof& proof) {
  if (proof.item_price.size() != z(times.items) || std::isnan(proof.refuted) || !(proof.change_price >= 0))
    return false;
  if (!proof.weight.empty() && proof.weight.rows() != z(times.bins)) return false;
  for (const double price : proof.item_price) {
    if (!std::isfinite(price)) return false;
  }
  double sum = 0;
  for (int bin = 0; bin < times.bins && !proof.weight.empty(); ++bin) {
    const double weight = proof.weight.at(z(bin), 0);
    if (!(weight >= 0)) return false;
    sum += weight;
  }
  return !times.priced || sum <= 1 + 1e-9;
}

// L, with the knapsacks bounded by formulas alone or solved.
double lagrangian(const Times& times, const Proof& proof, bool solved) {
  const double latest = times.latest(proof.refuted);
  double value = 0;
  double magnitude = 0;
  for (const double price : proof.item_price) {
    value += price;
    magnitude += std::abs(price);
  }
  if (times.prepared.limits_changes() && proof.change_price > 0) {
    const double budget = proof.change_price * static_cast<double>(*times.prepared.max_changes);
    value -= budget;
    magnitude += budget;
  }
  const double steps = solved ? most_steps / times.bins : 0;
  for (int bin = 0; bin < times.bins; ++bin) {
    std::vector<Offer> offers;
    for (int item = 0; item < times.items; ++item) {
      if (!fits_target(times, item, bin, proof.refuted, latest)) continue;
      offers.push_back({worth(times, proof, item, bin), times.prepared.size.at(z(bin), z(item)), item});
    }
    const double most = plain_fill(std::move(offers), times.room(bin, latest), times.prepared.whole_size, steps);
    value -= most;
    magnitude += most;
  }
  return value - (1e-13 + 4e-16 * (times.items + times.bins)) * magnitude;
}

}  // namespace

bool fits_target(const Times& times, int item, int bin, double target, double latest) {
  const double time = times.at(item, bin);
  if (time == Times::never) return false;
  if (times.prepared.size.at(z(bin), z(item)) > times.room(bin, latest)) return false;
  if (!times.priced) return true;
  const double others = times.least_cost - times.least_cost_of[z(item)];
  const double least = time + times.cost.at(z(item), z(bin)) + others;
  return least <= target + 1e-12 * (std::abs(target) + std::abs(least));
}

double worth(const Times& times, const Proof& proof, int item, int bin) {
  double value = proof.item_price[z(item)];
  if (times.priced) {
    value -= times.cost.at(z(item), z(bin));
    if (!proof.weight.empty()) value -= proof.weight.at(z(bin), 0) * times.at(item, bin);
  }
  if (times.prepared.limits_changes()) value -= proof.change_price * times.prepared.changes.at(z(bin), z(item));
  return value;
}

double target_bound(const Times& times, const Proof& proof) {
  if (!well_formed(times, proof)) return nothing;
  const double beyond = times.prepared.step > 0 ? times.next(proof.refuted) : proof.refuted;
  double best = nothing;
  for (const bool solved : {false, true}) {
    const double value = lagrangian(times, proof, solved);
    if (!times.priced && value > 0) return beyond;
    if (times.priced) best = std::max(best, std::min(value, beyond));
  }
  return best;
}

}  // namespace plimsoll::assignment
