// The exact worker for the makespan. Where objectives are multiples of a step it tries the least target that is open
// (leaping further after each that it refutes), and in turns the largest one below the best plan, each with twice the
// work of the time before; elsewhere always the largest, which comes down with every plan found. Without a plan and a
// bound on the target, a search through all assignments tells whether there is any.
#include "planner/assignment/exact/makespan_branch.hpp"

#include <algorithm>
#include <cmath>

#include "planner/assignment/bounds/target_ascent.hpp"
#include "planner/assignment/bounds/target_linear.hpp"
#include "planner/assignment/exact/target_tree.hpp"
#include "planner/assignment/makespan.hpp"

namespace plimsoll::assignment {
namespace {

constexpr std::uint64_t first_effort = 4'000'000;
constexpr std::uint64_t effort_over_root = 4;  // at the least, for what the root has cost
constexpr int root_rounds = 150;
constexpr double nothing = -Times::never;

// Good prices for the root.
Proof root_prices(const Times& times, double target, const Proof& known, LinearTarget& linear,
                  const support::Meter& meter, std::uint64_t& work) {
  Proof proof;
  if (!std::isfinite(target)) return proof;
  TargetAscent ascent(times);
  ascent.aim(target);
  ascent.suggest(known);
  if (linear.solve(target, false, meter) != Times::never) ascent.suggest(linear.proof(target));
  ascent.run(root_rounds, meter);
  work += ascent.take_work() + linear.take_work();
  proof = ascent.proof();
  return proof;
}

class MakespanBranch final : public Worker {
 public:
  explicit MakespanBranch(const Prepared& prepared) : times_(prepared), linear_(times_), tree_(times_) {}

  void turn(Context& context, std::uint64_t work) override {
    if (debt_ >= work) {
      debt_ -= work;
      return;
    }
    const std::uint64_t end = context.meter().work() + work - debt_;
    while (!done_ && !context.should_stop() && context.meter().work() < end) {
      if (!searching_ || outdated(context)) begin(context);
      if (!searching_) break;
      const std::uint64_t share = std::min(end - std::min(end, context.meter().work()), effort_left_);
      const bool over = tree_.run(
          share, [&](std::span<const int> bins) { return found(context, bins); }, context.meter());
      const std::uint64_t spent = tree_.take_work() + 1;
      context.meter().add_work(spent);
      effort_left_ -= std::min(effort_left_, spent);
      if (over && !context.meter().urgent()) {
        conclude(context);
      } else if (effort_left_ == 0) {
        searching_ = false;
        leap_ = 1;
        low_ = !low_;
        if (low_ || times_.prepared.step <= 0) effort_ *= 2;
      }
    }
    debt_ = context.meter().work() - std::min(context.meter().work(), end);
  }

  [[nodiscard]] bool done() const override { return done_; }

 private:
  [[nodiscard]] double most(const Context& context) const {
    return context.objective() ? times_.below(*context.objective()) : Times::never;
  }

  // Others have settled the target from below, or a plan beats it.
  [[nodiscard]] bool outdated(const Context& context) const {
    const bool stepped = times_.prepared.step > 0;
    if (stepped ? *context.bound() > target_ : *context.bound() >= target_) return true;
    return most(context) < target_ && !falling_;
  }

  void begin(Context& context) {
    const double highest = most(context);
    const double lowest = *context.bound();
    const double step = times_.prepared.step;
    falling_ = step <= 0 || !low_ || highest == Times::never;
    target_ = falling_ ? highest : std::min(lowest + (leap_ - 1) * step, highest);
    std::uint64_t spent = 1;
    tree_.begin(target_, root_prices(times_, target_, context.proof(), linear_, context.meter(), spent),
                context.meter());
    spent += tree_.take_work();
    context.meter().add_work(spent);
    effort_left_ = std::max(effort_, effort_over_root * spent);
    anew_ = false;
    searching_ = true;
  }

  double found(Context& context, std::span<const int> bins) {
    context.offer_bins(bins);
    if (!falling_ || !context.objective()) return target_;
    const bool first = target_ == Times::never;
    target_ = std::min(target_, most(context));
    anew_ = first;
    return first ? nothing : target_;  // with a target, prices prune: start anew
  }

  // Nothing is left in the tree: every plan within the last target has been offered.
  void conclude(Context& context) {
    searching_ = false;
    if (!context.objective() && target_ == Times::never) {
      context.exclude("a search through all assignments found none that keeps every limit", name_of(BoundKind::branch),
                      BoundEvidence::recomputed);
      done_ = true;
      return;
    }
    if (anew_ || most(context) < target_) return;  // a plan within the target was found
    Bound bound;
    bound.kind = BoundKind::branch;
    bound.proof.refuted = target_;
    bound.value = times_.prepared.step > 0 ? times_.next(target_) : target_;
    const double before = *context.bound();
    context.raise(bound);
    low_ = true;
    leap_ *= 2;
    if (*context.bound() <= before && !context.closed()) done_ = true;
  }

  const Times times_;
  LinearTarget linear_;
  TargetTree tree_;
  double target_ = 0;
  std::uint64_t effort_ = first_effort;
  std::uint64_t effort_left_ = 0;
  std::uint64_t debt_ = 0;  // work of a turn beyond what it was given: the next turns wait for it
  double leap_ = 1;         // of targets that rise, in steps
  bool searching_ = false;
  bool falling_ = false;  // the target comes down with plans
  bool low_ = true;       // the turn of the least open target
  bool anew_ = false;     // the search ended at its first plan
  bool done_ = false;
};

}  // namespace

std::unique_ptr<Worker> make_makespan_branch(const Prepared& prepared) {
  return std::make_unique<MakespanBranch>(prepared);
}

bool refute_again(const Prepared& prepared, double target, std::uint64_t work, const support::Meter& meter) {
  if (!std::isfinite(target)) return false;
  const Times times(prepared);
  LinearTarget linear(times);
  TargetTree tree(times);
  std::uint64_t spent = 0;
  tree.begin(target, root_prices(times, target, {}, linear, meter, spent), meter);
  bool found = false;
  const auto stop = [&](std::span<const int>) {
    found = true;
    return nothing;
  };
  const bool over = tree.run(work > spent ? work - spent : 1, stop, meter);
  return over && !found && !meter.urgent();
}

}  // namespace plimsoll::assignment
