// The worker that drives the tabu search: from the list schedule and the rounded linear relaxation to targets first far
// below the best plan, halfway back each time one withstands, with more steps for every target that does.
#include <algorithm>
#include <cmath>

#include "planner/assignment/makespan.hpp"
#include "planner/assignment/search/list_schedule.hpp"
#include "planner/assignment/search/rounding.hpp"
#include "planner/assignment/search/target_tabu.hpp"

namespace plimsoll::assignment {
namespace {

constexpr double first_ambition = 0.75;  // of the gap, to aim at in one go
constexpr double least_ambition = 0.02;
constexpr std::uint64_t first_patience = 2'000;  // steps per target
constexpr std::uint64_t patience_per_item = 100;
constexpr std::uint64_t most_patience = 4'000'000;
constexpr std::uint64_t steps_at_once = 64;

class TargetSearch final : public Worker {
 public:
  TargetSearch(const Prepared& prepared, std::uint64_t seed)
      : times_(prepared), linear_(times_), tabu_(times_, linear_, seed, 77) {
    patience_ = first_patience + patience_per_item * static_cast<std::uint64_t>(times_.items);
  }

  void turn(Context& context, std::uint64_t work) override {
    const std::uint64_t end = context.meter().work() + work;
    if (!begun_) begin(context);
    while (!context.should_stop() && context.meter().work() < end) {
      if (!aimed_ || left_ == 0 || overtaken(context)) aim(context);
      tabu_.run(std::min(left_, steps_at_once), context);
      left_ -= std::min(left_, steps_at_once);
      context.meter().add_work(tabu_.take_work() + steps_at_once);
    }
  }

  [[nodiscard]] bool done() const override { return false; }

 private:
  void begin(Context& context) {
    begun_ = true;
    context.offer_bins(list_schedule(times_));
    linear_.solve(Times::never, true, context.meter());
    context.meter().add_work(linear_.take_work());
    rounded_ = rounded(times_, linear_);
    context.offer_bins(rounded_);
  }

  [[nodiscard]] bool overtaken(const Context& context) const {
    return context.objective() && times_.below(*context.objective()) < target_;
  }

  void aim(Context& context) {
    if (aimed_ && left_ == 0) {
      ambition_ /= 2;
      patience_ = std::min(patience_ + patience_ / 4, most_patience);
      ++failures_;
    } else {
      failures_ = 0;
    }
    target_ = Times::never;
    if (context.objective()) {
      const double step = times_.prepared.step;
      const double most = times_.below(*context.objective());
      target_ = most - ambition_ * std::max(0.0, most - *context.bound());
      if (step > 0) target_ = std::ceil(target_ / step - 1e-9) * step;
      if (target_ >= most || ambition_ < least_ambition) {
        target_ = most;
        ambition_ = 0;
      }
    }
    tabu_.aim(target_, failures_ % 3 != 0);
    left_ = patience_;
    if (!aimed_ || !context.best() || failures_ % 4 == 3) {
      tabu_.start(rounded_, context);
    } else if (failures_ % 4 == 0) {
      tabu_.start(context.best_bins(), context);
    } else {
      tabu_.start(std::vector<int>(tabu_.schedule().bins()), context);
    }
    aimed_ = true;
  }

  const Times times_;
  LinearTarget linear_;
  TargetTabu tabu_;
  std::vector<int> rounded_;
  double target_ = Times::never;
  double ambition_ = first_ambition;
  std::uint64_t patience_ = first_patience;
  std::uint64_t left_ = 0;
  int failures_ = 0;
  bool begun_ = false;
  bool aimed_ = false;
};

}  // namespace

std::unique_ptr<Worker> make_target_search(const Prepared& prepared, std::uint64_t seed) {
  return std::make_unique<TargetSearch>(prepared, seed);
}

}  // namespace plimsoll::assignment
