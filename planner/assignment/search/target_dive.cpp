// The worker that dives: at a target, item prices climb until the bins' best sets settle (bounds/target_ascent); the
// pairs that they agree on most are held, prices climb again for what is left, and so on to a whole assignment, which
// the tabu search mends. Finds packings of few items per bin that moves alone rarely meet.
#include <algorithm>
#include <cmath>

#include "planner/assignment/bounds/target_ascent.hpp"
#include "planner/assignment/makespan.hpp"
#include "planner/assignment/search/target_tabu.hpp"

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr int first_rounds = 60;  // of price steps before the first pairs are held
constexpr int rounds_between = 8;
constexpr double held_at_once = 0.04;  // of the items
constexpr double noise = 0.15;         // on the shares, from the second dive on
constexpr std::uint64_t mending_steps = 6000;

class TargetDive final : public Worker {
 public:
  TargetDive(const Prepared& prepared, std::uint64_t seed)
      : times_(prepared),
        linear_(times_),
        ascent_(times_),
        tabu_(times_, linear_, seed, 78),
        bin_of_(z(times_.items)) {}

  void turn(Context& context, std::uint64_t work) override {
    const std::uint64_t end = context.meter().work() + work;
    while (!context.should_stop() && context.meter().work() < end) {
      advance(context);
      context.meter().add_work(linear_.take_work() + ascent_.take_work() + tabu_.take_work() + 64);
    }
  }

  [[nodiscard]] bool done() const override { return false; }

 private:
  enum class Stage { begin, aim, hold, mend };

  void advance(Context& context) {
    switch (stage_) {
      case Stage::begin:
        linear_.solve(Times::never, true, context.meter());
        stage_ = Stage::aim;
        break;
      case Stage::aim:
        aim(context);
        break;
      case Stage::hold:
        if (!overtaken(context) && hold_some()) {
          ascent_.run(rounds_between, context.meter());
        } else if (overtaken(context)) {
          stage_ = Stage::aim;
        } else {
          place_rest();
          tabu_.aim(target_, dives_ % 2 == 1);
          tabu_.start(bin_of_, context);
          left_ = mending_steps;
          stage_ = Stage::mend;
        }
        break;
      case Stage::mend:
        tabu_.run(std::min<std::uint64_t>(left_, 64), context);
        left_ -= std::min<std::uint64_t>(left_, 64);
        if (left_ > 0 && !overtaken(context)) break;
        height_ = overtaken(context) ? 0 : height_ + 1;
        stage_ = Stage::aim;
        break;
    }
  }

  [[nodiscard]] bool overtaken(const Context& context) const {
    return context.objective() && times_.below(*context.objective()) < target_;
  }

  // Targets from the bound upwards, in steps that double, then again from the bound.
  void aim(Context& context) {
    const double bound = *context.bound();
    const double most = context.objective() ? times_.below(*context.objective()) : 1.2 * std::abs(bound);
    const double step = times_.prepared.step > 0 ? times_.prepared.step : 1e-3 * std::abs(bound);
    target_ = bound + step * (std::exp2(height_) - 1);
    if (!(target_ < most)) {
      target_ = most;
      height_ = -1;  // the next one starts at the bound again
    }
    ascent_.aim(target_);
    if (!linear_.price().empty()) ascent_.suggest(linear_.proof(target_));
    ascent_.suggest(context.proof());
    ascent_.track();
    ascent_.run(first_rounds, context.meter());
    std::fill(bin_of_.begin(), bin_of_.end(), -1);
    load_.assign(z(times_.bins), 0.0);
    ++dives_;
    stage_ = Stage::hold;
  }

  [[nodiscard]] bool lawful(int item, int bin) const {
    if (times_.prepared.size.at(z(bin), z(item)) > ascent_.room(bin)) return false;
    for (const int other : times_.prepared.apart[z(item)]) {
      if (bin_of_[z(other)] == bin) return false;
    }
    return true;
  }

  void put(int item, int bin) {
    bin_of_[z(item)] = bin;
    load_[z(bin)] += times_.at(item, bin);
  }

  // The pairs with the largest shares; false: there are none left.
  bool hold_some() {
    struct Pair {
      double share;
      int item, bin;
    };
    std::vector<Pair> pairs;
    for (int item = 0; item < times_.items; ++item) {
      if (ascent_.held(item)) continue;
      Pair best{0, item, -1};
      for (const int bin : times_.open[z(item)]) {
        double share = ascent_.share().at(z(bin), z(item));
        if (share <= 0.02 || !lawful(item, bin)) continue;
        if (dives_ > 1) share += noise * tabu_.random().uniform();
        if (share > best.share) best = {share, item, bin};
      }
      if (best.bin >= 0) pairs.push_back(best);
    }
    if (pairs.empty()) return false;
    const std::size_t count = std::min(pairs.size(), 1 + static_cast<std::size_t>(held_at_once * times_.items));
    std::partial_sort(
        pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(count), pairs.end(),
        [](const Pair& a, const Pair& b) { return a.share != b.share ? a.share > b.share : a.item < b.item; });
    for (std::size_t k = 0; k < count; ++k) {
      const auto& [share, item, bin] = pairs[k];
      if (!lawful(item, bin)) continue;
      put(item, bin);
      ascent_.hold(item, bin);
    }
    return true;
  }

  // What no best set wanted goes where it hurts least, longest first.
  void place_rest() {
    std::vector<int> rest;
    for (int item = 0; item < times_.items; ++item) {
      if (bin_of_[z(item)] < 0) rest.push_back(item);
    }
    const auto least = [&](int item) { return times_.at(item, times_.open[z(item)].front()); };
    std::stable_sort(rest.begin(), rest.end(), [&](int a, int b) { return least(a) > least(b); });
    const double latest = times_.latest(target_);
    for (const int item : rest) {
      double best = Times::never;
      int chosen = times_.open[z(item)].front();
      for (const int bin : times_.open[z(item)]) {
        const double time = times_.at(item, bin);
        const double pain = std::max(0.0, load_[z(bin)] + time - latest) +
                            0.5 * linear_.weight()[z(bin)] * times_.bins * time + times_.cost.at(z(item), z(bin));
        if (pain >= best) continue;
        best = pain;
        chosen = bin;
      }
      put(item, chosen);
    }
  }

  const Times times_;
  LinearTarget linear_;
  TargetAscent ascent_;
  TargetTabu tabu_;
  std::vector<int> bin_of_;
  std::vector<double> load_;
  double target_ = 0;
  std::uint64_t left_ = 0;
  int height_ = 0;
  int dives_ = 0;
  Stage stage_ = Stage::begin;
};

}  // namespace

std::unique_ptr<Worker> make_target_dive(const Prepared& prepared, std::uint64_t seed) {
  return std::make_unique<TargetDive>(prepared, seed);
}

}  // namespace plimsoll::assignment
