// The worker that looks for plans within a target below the best one: tabu search (Glover 1989) over shifts and swaps
// on the weighted overload, weights rising where overload stays. It starts from the rounded linear relaxation, and
// returns to the best state of a target, shaken, when nothing has improved for long. Targets: first far below
// the best plan, halfway back each time one withstands.
#include <algorithm>
#include <cmath>

#include "planner/assignment/bounds/target_linear.hpp"
#include "planner/assignment/makespan.hpp"
#include "planner/assignment/search/list_schedule.hpp"
#include "planner/assignment/search/target_moves.hpp"
#include "support/random.hpp"

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr std::size_t most_judged = 6000;  // moves per step
constexpr double first_ambition = 0.75;    // of the gap, to aim at in one go
constexpr double drift_part = 0.1;  // of a second of overload: what a second of load costs on a bin of mean weight

class TargetSearch final : public Worker {
 public:
  TargetSearch(const Prepared& prepared, std::uint64_t seed)
      : times_(prepared), linear_(times_), schedule_(times_), moves_(times_, schedule_), random_(seed, 77) {}

  void turn(Context& context, std::uint64_t work) override {
    const std::uint64_t end = context.meter().work() + work;
    if (!begun_) begin(context);
    while (!context.should_stop() && context.meter().work() < end) {
      if (stale(context)) aim(context);
      for (int k = 0; k < 64 && step(context); ++k) {
      }
      context.meter().add_work(moves_.take_work() / 2 + linear_.take_work() + 64);
    }
  }

  [[nodiscard]] bool done() const override { return false; }

 private:
  void begin(Context& context) {
    begun_ = true;
    context.offer_bins(list_schedule(times_));
    linear_.solve(Times::never, true, context.meter());
    rounded_ = round();
    schedule_.assign(context.best() ? context.best_bins() : rounded_);
  }

  // Every item where the relaxation has most of it.
  std::vector<int> round() {
    std::vector<int> bin_of(z(times_.items), -1);
    std::vector<double> share(z(times_.items), 0.0);
    for (const LinearTarget::Part& part : linear_.point()) {
      if (part.share <= share[z(part.item)]) continue;
      share[z(part.item)] = part.share;
      bin_of[z(part.item)] = part.bin;
    }
    for (int item = 0; item < times_.items; ++item) {
      if (bin_of[z(item)] >= 0) continue;
      double least = Times::never;
      for (const int bin : times_.open[z(item)]) {
        const double price = linear_.weight()[z(bin)] * times_.at(item, bin) + times_.cost.at(z(item), z(bin));
        if (price >= least) continue;
        least = price;
        bin_of[z(item)] = bin;
      }
    }
    return bin_of;
  }

  // The target has been reached or overtaken, by this worker or another.
  [[nodiscard]] bool stale(const Context& context) const {
    return !aimed_ || (context.objective() && times_.below(*context.objective()) < objective_target_) ||
           steps_left_ == 0;
  }

  void aim(Context& context) {
    const double step = times_.prepared.step;
    if (aimed_ && steps_left_ == 0) {
      ambition_ /= 2;
      patience_ = std::min<std::uint64_t>(patience_ + patience_ / 4, 4'000'000);
      ++failures_;
    } else {
      failures_ = 0;
    }
    const double bound = *context.bound();
    double target = Times::never;
    if (context.objective()) {
      const double most = times_.below(*context.objective());
      target = most - ambition_ * std::max(0.0, most - bound);
      if (step > 0) target = std::ceil(target / step - 1e-9) * step;
      target = std::min(target, most);
      if (target >= most) ambition_ = 0;
    }
    objective_target_ = target;
    aimed_ = true;
    steps_left_ = patience_;
    choose_split(context);
    choose_near();
    restart(context);
  }

  // With prices for changes a target leaves open how much of it goes to the makespan.
  void choose_split(const Context& context) {
    double makespan = times_.latest(objective_target_);
    double price = Times::never;
    if (times_.priced && std::isfinite(objective_target_)) {
      const double least = std::max(0.0, linear_.value() - std::max(0.0, schedule_.cost()));
      const double most = makespan;
      const double now = best_makespan_ > 0 ? std::min(best_makespan_, most) : most;
      const double draw = random_.uniform();
      makespan = failures_ % 3 == 0 ? now : least + draw * (most - least);
      price = objective_target_ - makespan;
    }
    const double mean = 1.0 / times_.bins;
    std::vector<double> drift(z(times_.bins));
    for (int bin = 0; bin < times_.bins; ++bin) {
      drift[z(bin)] = drift_part * std::min(4.0, linear_.weight()[z(bin)] / mean);
    }
    moves_.aim(makespan, price, drift);
    (void)context;
  }

  // Pairs whose reduced cost alone takes a plan beyond the target are never part of one.
  void choose_near() {
    const double room = objective_target_ - linear_.value() * (1 - 1e-9);
    std::vector<std::vector<int>> near(z(times_.items));
    std::vector<std::pair<double, int>> ranked;
    for (int item = 0; item < times_.items; ++item) {
      ranked.clear();
      for (const int bin : times_.open[z(item)]) {
        const double price = linear_.weight()[z(bin)] * times_.at(item, bin) + times_.cost.at(z(item), z(bin));
        const double reduced = price - linear_.price()[z(item)];
        if (reduced <= room || ranked.empty()) ranked.emplace_back(reduced, bin);
      }
      std::sort(ranked.begin(), ranked.end());
      for (const auto& [reduced, bin] : ranked) near[z(item)].push_back(bin);
    }
    moves_.restrict_to(std::move(near));
  }

  void restart(Context& context) {
    moves_.relax();
    moves_.forget();
    const bool fresh = !context.best() || failures_ % 4 == 3 || first_;
    first_ = false;
    if (fresh) {
      schedule_.assign(rounded_);
    } else if (failures_ % 4 == 0) {
      schedule_.assign(context.best_bins());
    }
    least_ = Times::never;
    note(context);
  }

  // Keeps what is the best so far of this target; offers plans.
  void note(Context& context) {
    const double violation = moves_.violation();
    const double worst = schedule_.makespan() + schedule_.cost();
    if (schedule_.lawful() && (!context.objective() || worst < *context.objective())) {
      if (context.offer_bins(schedule_.bins())) best_makespan_ = schedule_.makespan();
    }
    if (violation >= least_) return;
    least_ = violation;
    best_ = schedule_.bins();
    idle_ = 0;
  }

  bool step(Context& context) {
    if (stale(context)) return false;
    const std::vector<int> hot = moves_.hot();
    if (hot.empty()) {
      note(context);
      steps_left_ = steps_left_ > 0 ? steps_left_ - 1 : 0;
      if (!stale(context)) shake();
      return false;
    }
    --steps_left_;
    ++now_;
    const int bin = hot[random_.below(hot.size())];
    const TargetMove move = moves_.best(bin, now_, -Times::never, most_judged, random_);
    ++idle_;
    if (move.item < 0) {
      if (idle_ % 16 == 0) shake();
      return true;
    }
    moves_.apply(move, now_, 3 + random_.below(10));
    if (move.delta >= 0) moves_.press(1.05);
    note(context);
    if (idle_ > 3000) {
      idle_ = 0;
      shake();
    }
    return true;
  }

  void shake() {
    if (random_.below(2) == 0 && !best_.empty()) schedule_.assign(best_);
    const std::size_t kicks = 2 + random_.below(z(times_.items) / 20 + 2);
    for (std::size_t k = 0; k < kicks; ++k) {
      const int item = static_cast<int>(random_.below(z(times_.items)));
      const std::vector<int>& near = moves_.near()[z(item)];
      const int bin = near[random_.below(std::min<std::size_t>(near.size(), 6))];
      if (bin != schedule_.bin_of(item)) schedule_.move(item, bin);
    }
    moves_.relax();
  }

  const Times times_;
  LinearTarget linear_;
  Schedule schedule_;
  TargetMoves moves_;
  support::Random random_;
  std::vector<int> rounded_;
  std::vector<int> best_;  // of this target
  double least_ = Times::never;
  double objective_target_ = Times::never;
  double best_makespan_ = 0;
  double ambition_ = first_ambition;
  std::uint64_t patience_ = 20'000;
  std::uint64_t steps_left_ = 0;
  std::uint64_t now_ = 0;
  std::uint64_t idle_ = 0;
  int failures_ = 0;
  bool begun_ = false;
  bool aimed_ = false;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<Worker> make_target_search(const Prepared& prepared, std::uint64_t seed) {
  return std::make_unique<TargetSearch>(prepared, seed);
}

}  // namespace plimsoll::assignment
