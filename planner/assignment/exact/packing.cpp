#include "planner/assignment/exact/packing.hpp"

#include <algorithm>

#include "planner/assignment/bounds/packing.hpp"

namespace plimsoll::assignment {

namespace packing = solvers::packing;

namespace {
const Prepared& packable(const Prepared& prepared) {
  refuse_what_is_not_packing(prepared, "packing");
  return prepared;
}
}  // namespace

PackingWorker::PackingWorker(const Prepared& prepared)
    : items_(packable(prepared)), decision_(items_.sizes(), items_.bins()) {}

PackingWorker::Size PackingWorker::highest(const Context& context) const {
  return items_.height(items_.packed_bins(context.best_bins()));
}

PackingWorker::Size PackingWorker::bound(const Context& context) {
  low_ = std::max(low_, items_.height_of(*context.bound()));
  return low_;
}

void PackingWorker::begin(Context& context, packing::Effort& effort) {
  if (!context.best()) {
    const packing::Packing longest = packing::longest_first(items_.sizes(), items_.bins());
    context.offer_bins(items_.kernel_bins(longest.bin_of));
  }
  low_ = packing_height(items_, highest(context), effort);
  context.raise(packing_claim(items_, low_, BoundKind::packing));
  if (!context.should_stop()) {
    context.offer_bins(items_.kernel_bins(packing::multifit(items_.sizes(), items_.bins(), bound(context)).bin_of));
  }
  effort.spend(200 * items_.sizes().size());
  stage_ = Stage::climb;
}

void PackingWorker::refute_by_prices(Context& context, Size height) {
  Bound claim = packing_claim(items_, height + 1, BoundKind::packing);
  std::vector<packing::Size> prices = decision_.prices().worth;
  prices.resize(items_.sizes().size(), 0);
  claim.proof.item_price = items_.kernel_values(prices);
  context.raise(claim);
  low_ = std::max(low_, height + 1);
}

// Ever longer strides from the last height that prices refute, and back to single ones where they do not.
void PackingWorker::climb(Context& context, packing::Effort& effort) {
  effort.spend(100);
  const Size low = bound(context);
  const Size height = std::min(low + stride_ - 1, highest(context) - 1);
  const packing::Decision decision = decision_.price(height, effort);
  if (decision == packing::Decision::impossible) {
    refute_by_prices(context, height);
    stride_ *= 2;
  } else if (effort.over()) {
    return;
  } else if (height == low) {
    stage_ = Stage::search;
  } else {
    stride_ = std::max<Size>(1, stride_ / 4);
  }
}

void PackingWorker::search(Context& context, packing::Effort& effort) {
  effort.spend(100);
  const Size height = bound(context);
  switch (decision_.decide(height, effort)) {
    case packing::Decision::packed:
      context.offer_bins(items_.kernel_bins(decision_.bin_of()));
      stage_ = Stage::ended;
      return;
    case packing::Decision::impossible:
      if (decision_.prices().slack(items_.bins()) < 0) {
        refute_by_prices(context, height);
      } else {
        context.raise(packing_claim(items_, height + 1, BoundKind::branch));
        low_ = height + 1;
      }
      return;
    case packing::Decision::open:
      if (decision_.hopeless()) stage_ = Stage::ended;
      return;
  }
}

void PackingWorker::turn(Context& context, std::uint64_t work) {
  packing::Effort effort(work, &context.meter());
  if (stage_ == Stage::begin) begin(context, effort);
  while (!effort.over() && !context.should_stop() && stage_ != Stage::ended) {
    if (bound(context) >= highest(context)) {
      stage_ = Stage::ended;  // within rounding: nothing lower can be decided
    } else if (stage_ == Stage::climb) {
      climb(context, effort);
    } else {
      search(context, effort);
    }
  }
  context.meter().add_work(effort.spent());
}

double packing_bound_again(const Prepared& prepared, const Proof& proof, double claimed, std::uint64_t work) {
  if (!can_pack(prepared)) return 0;
  Bound best = packing_bound(prepared);
  if (prepared.round_up(best.value) >= claimed) return best.value;
  const IdenticalItems items(prepared);
  const IdenticalItems::Size height = items.height_of(claimed) - 1;
  packing::Effort effort(work);
  if (proof.item_price.size() == items.sizes().size()) {
    const std::vector<packing::Size> worth = items.packed_values(proof.item_price);
    if (packing::prices_refute(items.sizes(), items.bins(), height, worth, effort)) return items.lower(height + 1);
  }
  packing::HeightDecision decision(items.sizes(), items.bins());
  while (!effort.over() && !decision.hopeless()) {
    const packing::Decision answer = decision.decide(height, effort);
    if (answer == packing::Decision::impossible) return items.lower(height + 1);
    if (answer == packing::Decision::packed) break;
  }
  return best.value;
}

}  // namespace plimsoll::assignment
