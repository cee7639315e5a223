#include "planner/assignment/search/differencing.hpp"

#include <algorithm>

#include "planner/assignment/bounds/packing.hpp"

namespace plimsoll::assignment {

namespace packing = solvers::packing;

namespace {
constexpr int stages = 4;  // goals of a cycle: the bound, then 1/2, 3/4 and 7/8 of the way to the best plan
constexpr std::uint64_t stage_steps = 2'000'000;  // in the first cycle
constexpr int most_doublings = 8;
constexpr std::uint64_t construct_steps = 1'000'000;

const Prepared& packable(const Prepared& prepared) {
  refuse_what_is_not_packing(prepared, "differencing");
  return prepared;
}
}  // namespace

DifferencingWorker::DifferencingWorker(const Prepared& prepared, std::uint64_t seed)
    : items_(packable(prepared)),
      random_(seed, 0xd1ff),
      levelling_(items_.sizes(), items_.bins(), std::vector<int>(items_.sizes().size(), 0), seed) {}

bool DifferencingWorker::offer(Context& context, const std::vector<int>& bin_of) {
  return context.offer_bins(items_.kernel_bins(bin_of));
}

void DifferencingWorker::begin(Context& context, packing::Effort& effort) {
  begun_ = true;
  const std::vector<Size>& sizes = items_.sizes();
  const int bins = items_.bins();
  const packing::Packing longest = packing::longest_first(sizes, bins);
  offer(context, longest.bin_of);
  effort.spend(20 * sizes.size());
  const Size bound = packing_height(items_, longest.height, effort);
  context.raise(packing_claim(items_, bound, BoundKind::packing));
  if (context.should_stop()) return;
  const packing::Packing fitted = packing::multifit(sizes, bins, bound);
  offer(context, fitted.bin_of);
  effort.spend(200 * sizes.size());
  if (context.should_stop()) return;
  // Joining is quadratic in the bins at worst.
  if (sizes.size() * static_cast<std::size_t>(bins) <= 50'000'000) {
    offer(context, packing::differencing(sizes, bins).bin_of);
    effort.spend(10 * sizes.size() * static_cast<std::size_t>(bins));
  }
  levelling_.restart(items_.packed_bins(context.best_bins()));
}

// The best plan, or a new filling of the bins to the bound by turns.
void DifferencingWorker::next_start(const std::vector<int>& best, packing::Effort& effort) {
  if (cycle_ % 2 == 0) {
    levelling_.restart(best);
    return;
  }
  packing::Effort attempt(std::min(construct_steps, effort.left()), effort.guard());
  const Size highest = items_.height(best);
  const packing::FillOptions options{highest, 3 + random_.below(12)};
  const packing::Packing filled = packing::fill(items_.sizes(), items_.bins(), highest - 1, options, random_, attempt);
  effort.spend(attempt.spent());
  levelling_.restart(filled.bin_of.empty() ? best : filled.bin_of);
}

void DifferencingWorker::level(Context& context, packing::Effort& effort) {
  const std::vector<int> best = items_.packed_bins(context.best_bins());
  const Size highest = items_.height(best);
  const Size lowest = items_.goal(items_.height_of(*context.bound()));
  Size goal = highest - 1 - ((highest - 1 - lowest) >> stage_);
  if (stage_ == 0) goal = lowest;
  goal = std::min(goal, highest - 1);
  const std::uint64_t allowed = stage_steps << std::min(cycle_, most_doublings);
  packing::Effort attempt(std::min(allowed - attempt_, effort.left()), effort.guard());
  const bool reached = levelling_.run(goal, attempt);
  effort.spend(attempt.spent() + 10 * best.size());
  attempt_ += attempt.spent();
  if (levelling_.height() < highest && offer(context, levelling_.bin_of())) {
    if (reached) stage_ = 0, attempt_ = 0;
    if (reached) cycle_ = 0;
    return;
  }
  if (attempt_ < allowed && !reached) return;  // the turn ended first
  attempt_ = 0;
  const bool last = goal == highest - 1 || ++stage_ == stages;
  if (!last) return;
  stage_ = 0;
  ++cycle_;
  next_start(best, effort);
}

void DifferencingWorker::turn(Context& context, std::uint64_t work) {
  packing::Effort effort(work, &context.meter());
  if (!begun_) begin(context, effort);
  while (!effort.over() && !context.should_stop()) level(context, effort);
  context.meter().add_work(effort.spent());
}

}  // namespace plimsoll::assignment
