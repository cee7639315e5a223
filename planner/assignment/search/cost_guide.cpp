#include "planner/assignment/search/cost_guide.hpp"

#include <algorithm>
#include <utility>

namespace plimsoll::assignment {
namespace {

// Bins per item. A choice: an early descent found better plans with 4 to 6 than with 10, seven was not compared.
constexpr int most_candidates = 7;

}  // namespace

CostGuide::CostGuide(const Prepared& prepared, Context& context) : tables_(prepared) {
  std::uint64_t work = 0;
  take(capacity_prices(tables_, work));
  context.meter().add_work(work);
}

bool CostGuide::refresh(Context& context) {
  const std::vector<double>& item_price = context.proof().item_price;
  if (item_price.empty() || item_price == seen_ || tables_.dimensions != 1) return false;
  seen_ = item_price;
  CapacityPrices fresh = prices_from_items(tables_, item_price);
  fresh.change_price = std::max(prices_.change_price, context.proof().change_price / tables_.cost_unit);
  fresh.bound = prices_.bound;
  take(std::move(fresh));
  return true;
}

void CostGuide::take(CapacityPrices prices) {
  prices_ = std::move(prices);
  CostCandidates fresh(tables_, prices_, most_candidates);
  if (candidates_) {
    *candidates_ = std::move(fresh);  // others hold on to it
  } else {
    candidates_ = std::make_unique<CostCandidates>(std::move(fresh));
  }
}

double CostGuide::bound(const Context& context) const {
  const double proven = context.bound() ? *context.bound() / tables_.cost_unit : prices_.bound;
  return std::max(proven, prices_.bound);
}

}  // namespace plimsoll::assignment
