// The worker that raises the bound on the makespan. Three stages, each at rising targets: the linear relaxation; equal
// prices, which count how many items fit; prices that climb, with exact knapsacks. A stage leaps further after every
// target it refutes, and falls back to single units.
#include <algorithm>
#include <cmath>

#include "planner/assignment/bounds/target.hpp"
#include "planner/assignment/bounds/target_ascent.hpp"
#include "planner/assignment/bounds/target_linear.hpp"
#include "planner/assignment/makespan.hpp"

namespace plimsoll::assignment {
namespace {

constexpr int first_rounds = 40;      // of price steps at one target before a pause
constexpr int most_rounds = 2000;     // at one target
constexpr double coarse_unit = 1e-4;  // relative, of targets where single steps are finer
constexpr double fine_unit = 1e-6;    // for times that are not whole

class TargetBounds final : public Worker {
 public:
  TargetBounds(const Prepared& prepared, bool linear_only)
      : times_(prepared), linear_only_(linear_only), linear_(times_), ascent_(times_) {}

  void turn(Context& context, std::uint64_t work) override {
    const std::uint64_t end = context.meter().work() + work;
    while (!done() && context.meter().work() < end && !context.should_stop()) {
      if (stage_ == Stage::free) {
        relax(context);
      } else {
        advance(context);
      }
      context.meter().add_work(linear_.take_work() + ascent_.take_work() + 1);
    }
  }

  [[nodiscard]] bool done() const override { return stage_ == Stage::over; }

 private:
  enum class Stage { free, linear, counting, prices, over };

  // Only what the plain formula confirms becomes a bound.
  bool raise(Context& context, BoundKind kind, Proof proof) {
    Bound bound;
    bound.value = target_bound(times_, proof);
    bound.kind = kind;
    bound.proof = std::move(proof);
    const double before = context.bound().value_or(-Times::never);
    if (bound.value > before) context.raise(bound);
    return context.bound().value_or(-Times::never) > before;
  }

  // The largest target below a linear bound.
  [[nodiscard]] double just_below(double value) const {
    const double step = times_.prepared.step;
    if (times_.priced) return value;
    if (step <= 0) return value * (1 - 1e-11);
    const double margin = 1e-9 * std::max(1.0, std::abs(value));
    return (std::ceil((value - margin) / step) - 1) * step;
  }

  void relax(Context& context) {
    const double most = context.objective() ? times_.below(*context.objective()) : Times::never;
    const double value = linear_.solve(most, true, context.meter());
    if (value == Times::never) {  // what is left below the present plan cannot be
      Proof proof;
      proof.item_price.assign(static_cast<std::size_t>(times_.items), 1.0);
      proof.refuted = most;
      raise(context, BoundKind::linear, proof);
    } else {
      raise(context, BoundKind::linear, linear_.proof(std::min(most, just_below(value))));
    }
    enter(Stage::linear);
  }

  [[nodiscard]] Stage after(Stage stage) const {
    if (linear_only_) return Stage::over;
    if (stage == Stage::linear) return times_.priced ? Stage::prices : Stage::counting;
    return stage == Stage::counting ? Stage::prices : Stage::over;
  }

  void enter(Stage stage) {
    stage_ = stage;
    leap_ = 1;
    rounds_ = 0;
    aimed_ = false;
    relative_ = coarse_unit;
  }

  [[nodiscard]] double unit(double bound) const {
    const double step = times_.prepared.step;
    const double part = std::max(std::abs(bound), 1e-300) * relative_;
    return step > 0 ? std::max(1.0, std::floor(part / step)) * step : part;
  }

  [[nodiscard]] double next_target(const Context& context) const {
    const double bound = *context.bound();
    const bool stepped = times_.prepared.step > 0;
    const double target = bound + (leap_ - (stepped ? 1 : 0)) * unit(bound);
    const double most = context.objective() ? times_.below(*context.objective()) : Times::never;
    return std::min(target, most);
  }

  void advance(Context& context) {
    const double target = next_target(context);
    if (target < *context.bound() || !std::isfinite(target)) return enter(Stage::over);
    const bool refuted = stage_ == Stage::linear     ? refute_linear(context, target)
                         : stage_ == Stage::counting ? refute_by_count(context, target)
                                                     : refute_by_prices(context, target);
    if (refuted) {
      leap_ *= 2;
      rounds_ = 0;
      aimed_ = false;
    } else if (!aimed_) {
      retreat();
    }
  }

  // The target stands: try a nearer one, or leave the stage.
  void retreat() {
    rounds_ = 0;
    const double finest = times_.prepared.step > 0 ? coarse_unit : fine_unit;
    if (leap_ > 1) {
      leap_ = std::max(1.0, std::floor(leap_ / 4));
    } else if (relative_ > finest * 1.5) {
      relative_ /= 10;
    } else {
      enter(after(stage_));
    }
  }

  bool refute_linear(Context& context, double target) {
    const double value = linear_.solve(target, true, context.meter());
    if (value == Times::never) {
      Proof proof;
      proof.item_price.assign(static_cast<std::size_t>(times_.items), 1.0);
      proof.refuted = target;
      return raise(context, BoundKind::linear, proof);
    }
    if (!(value > target)) return false;
    return raise(context, BoundKind::linear, linear_.proof(std::min(target, just_below(value))));
  }

  bool refute_by_count(Context& context, double target) {
    Proof proof;
    proof.item_price.assign(static_cast<std::size_t>(times_.items), 1.0);
    proof.refuted = target;
    context.meter().add_work(static_cast<std::uint64_t>(times_.items) * static_cast<std::uint64_t>(times_.bins) * 8);
    return raise(context, BoundKind::lagrangian, proof);
  }

  // A part of the steps; aimed_ stays set while there is reason to go on.
  bool refute_by_prices(Context& context, double target) {
    if (!aimed_ || target != ascent_.proof().refuted) {
      ascent_.aim(target);
      if (!linear_.price().empty()) ascent_.suggest(linear_.proof(target));
      ascent_.suggest(context.proof());
      aimed_ = true;
      rounds_ = 0;
    }
    const double before = ascent_.margin();
    const int rounds = std::max(first_rounds, rounds_ / 2);
    const bool refuted = ascent_.run(rounds, context.meter());
    rounds_ += rounds;
    if (refuted && raise(context, BoundKind::lagrangian, ascent_.proof())) return true;
    const double after = ascent_.margin();
    const bool hopeless = refuted || rounds_ >= (leap_ > 1 ? most_rounds / 10 : most_rounds) ||
                          (rounds_ > 4 * first_rounds && after - before < -0.02 * after);
    if (hopeless) aimed_ = false;
    return false;
  }

  const Times times_;
  const bool linear_only_;
  LinearTarget linear_;
  TargetAscent ascent_;
  Stage stage_ = Stage::free;
  double leap_ = 1;
  double relative_ = coarse_unit;
  int rounds_ = 0;
  bool aimed_ = false;  // the ascent stands at a target and goes on there
};

}  // namespace

std::unique_ptr<Worker> make_target_bounds(const Prepared& prepared, bool linear_only) {
  return std::make_unique<TargetBounds>(prepared, linear_only);
}

}  // namespace plimsoll::assignment
