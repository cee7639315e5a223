#include "planner/assignment/search/cell_worker.hpp"

#include <algorithm>

#include "planner/assignment/search/cost_seed.hpp"

namespace plimsoll::assignment {
namespace {

constexpr int node_limit = 200;

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

void CellWorker::start(Context& context) {
  guide_ = std::make_unique<CostGuide>(prepared_, context);
  const std::uint64_t seed = context.options().seed;
  random_ = support::Random(seed, 0xce11);
  cell_ = std::make_unique<CostCell>(guide_->tables());
  // Most work to cells of four bins to begin with; what finds something gets more.
  sizes_ = {Size{1, 0}, Size{2, 0}, Size{6, 0}, Size{2, 0}, Size{1, 0}};
  repair_ = std::make_unique<CostOscillation>(*guide_, seed);
  repair_->start(seed_plan(*guide_, context));
}

// A feasible plan to start from.
bool CellWorker::find_first(Context& context, std::uint64_t limit) {
  if (!context.best()) {
    std::uint64_t spent = 0;
    std::uint64_t counted = 0;
    CostOscillation::Watch watch;
    watch.first_only = true;
    watch.found = [&](const std::vector<int>& plan) { context.offer_bins(plan); };
    watch.stop = [&]() {
      context.meter().add_work(spent - counted);
      counted = spent;
      return context.should_stop();
    };
    repair_->run(spent, limit, watch);
    context.meter().add_work(spent - counted);
  }
  const std::vector<int> plan = context.best_bins();
  if (plan.empty()) return false;
  state_ = std::make_unique<CostState>(guide_->tables(), plan);
  best_ = state_->cost();
  best_plan_ = plan;
  // What the evaluation admits by rounding alone may not fit here.
  return state_->feasible();
}

void CellWorker::turn(Context& context, std::uint64_t work) {
  if (done()) {
    if (prepared_.items > 0) context.offer_bins(std::vector<int>(z(prepared_.items), 0));
    return;
  }
  const std::uint64_t end = context.meter().work() + work;
  const auto left = [&]() { return end - std::min(end, context.meter().work()); };
  if (!guide_) start(context);
  if ((!state_ || !state_->feasible()) && !find_first(context, left())) return;
  if (guide_->refresh(context)) repair_->renew();
  if (context.objective() && *context.objective() / guide_->tables().cost_unit < best_ - guide_->tables().tolerance) {
    const std::vector<int> plan = context.best_bins();
    state_->reset(plan);
    if (state_->feasible()) {
      best_ = state_->cost();
      best_plan_ = plan;
      cycle_ = since_ = 0;
      heat_ = 0;
    } else {
      state_->reset(best_plan_);
    }
  }
  while (left() > 0 && !context.should_stop()) {
    std::uint64_t spent = 16;
    step(context, spent);
    context.meter().add_work(spent);
  }
}

void CellWorker::step(Context& context, std::uint64_t& work) {
  const int calm = 50 * guide_->tables().bins;  // cells of a cycle
  if (cycle_ == 0 && since_ > 2 * calm) {
    // The range is a choice: on few instances with one seed no factor of it was clearly better than none.
    heat_ = (0.03 + 0.12 * random_.uniform()) * std::max(0.0, best_ - guide_->bound(context));
  }
  const double worse = std::max(0.0, heat_ * (1 - 2.0 * cycle_ / calm));
  const int size = choose_size();
  choose_bins(least_size + size);
  const std::uint64_t before = work;
  const CostCell::Outcome outcome = cell_->solve(*state_, bins_, guide_->prices(), worse, node_limit, random_, work);
  sizes_[z(size)].spent += static_cast<double>(work - before);
  for (const CostCell::Change& change : cell_->changes()) state_->move(change.item, change.bin);
  if (outcome == CostCell::Outcome::better && heat_ == 0)
    sizes_[z(size)].share = std::min(20.0, sizes_[z(size)].share * 1.3);
  ++cycle_;
  ++since_;
  if (state_->cost() < best_ - guide_->tables().tolerance) {
    best_ = state_->cost();
    best_plan_ = state_->bin_of();
    context.offer_bins(best_plan_);
    since_ = 0;
  }
  if (cycle_ >= calm) {
    cycle_ = 0;
    heat_ = 0;
    for (Size& each : sizes_) each = {std::max(1.0, 0.9 * each.share), each.spent * 0.5};
    if (state_->cost() > best_ + guide_->tables().tolerance) state_->reset(best_plan_);
  }
}

// The size that has spent least of its share.
int CellWorker::choose_size() {
  const int most = std::min(sizes, guide_->tables().bins - least_size + 1);
  int best = 0;
  for (int size = 1; size < most; ++size) {
    if (sizes_[z(size)].spent * sizes_[z(best)].share < sizes_[z(best)].spent * sizes_[z(size)].share) best = size;
  }
  return best;
}

double CellWorker::reduced(int item) const {
  const auto bins = guide_->candidates().bins(item);
  const auto values = guide_->candidates().reduced(item);
  for (std::size_t k = 0; k < bins.size(); ++k) {
    if (bins[k] == state_->bin_of(item)) return values[k];
  }
  return values.back();
}

// Bins that have to do with each other: of three items of the bins chosen so far (at first of any), the one that
// stands worst by reduced cost brings its own bin and one of its two best.
// With one seed, 4 s each: 42 above the Lagrangian bound against 65 by looking at one item, type D, 20 bins, 400 items;
// with 100 items looking at one was no worse.
void CellWorker::choose_bins(int count) {
  constexpr int looks = 3;
  const int bins = guide_->tables().bins;
  bins_.clear();
  const auto add = [&](int bin) {
    if (static_cast<int>(bins_.size()) < count && std::find(bins_.begin(), bins_.end(), bin) == bins_.end()) {
      bins_.push_back(bin);
    }
  };
  for (int tries = 0; static_cast<int>(bins_.size()) < count; ++tries) {
    if (tries > 4 * count) {
      add(static_cast<int>(random_.below(z(bins))));
      continue;
    }
    int worst = -1;
    double most = -1;
    for (int look = 0; look < looks; ++look) {
      int item = 0;
      if (bins_.empty()) {
        item = static_cast<int>(random_.below(z(guide_->tables().items)));
      } else {
        const std::vector<int>& content = state_->content(bins_[random_.below(bins_.size())]);
        if (content.empty()) continue;
        item = content[random_.below(content.size())];
      }
      const double value = reduced(item);
      if (value > most) {
        most = value;
        worst = item;
      }
    }
    if (worst < 0) continue;
    add(state_->bin_of(worst));
    const auto best = guide_->candidates().bins(worst);
    add(best[random_.below(std::min<std::size_t>(best.size(), 2))]);
  }
}

}  // namespace plimsoll::assignment
