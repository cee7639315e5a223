#include "planner/assignment/search/target_tabu.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

constexpr std::size_t most_judged = 6000;  // moves per step
constexpr double drift_part = 0.5;  // of a second of overload: what a second of load costs on a bin of mean weight
constexpr double pressure = 1.05;   // on what stands in the way, at every step that does not improve
constexpr std::uint64_t patience = 3000;  // steps without a better state before it is shaken
constexpr std::uint64_t shortest_tenure = 3;
constexpr std::size_t tenure_spread = 10;
constexpr std::size_t kick_bins = 6;  // an item is thrown to one of its best bins

double reduced_cost(const Times& times, const LinearTarget& linear, int item, int bin) {
  return linear.weight()[z(bin)] * times.at(item, bin) + times.cost.at(z(item), z(bin)) - linear.price()[z(item)];
}

}  // namespace

TargetTabu::TargetTabu(const Times& times, const LinearTarget& linear, std::uint64_t seed, std::uint64_t stream)
    : times_(times), linear_(linear), schedule_(times), moves_(times, schedule_), random_(seed, stream) {}

void TargetTabu::aim(double objective, bool free_split) {
  objective_ = objective;
  double makespan = times_.latest(objective);
  double price = Times::never;
  if (times_.priced && std::isfinite(objective)) {
    const double most = makespan;
    const double least = std::min(most, std::max(0.0, 0.5 * linear_.value()));
    makespan = std::min(most, best_makespan_);
    if (free_split) makespan = least + random_.uniform() * (most - least);
    price = objective - makespan;
  }
  std::vector<double> drift(z(times_.bins));
  for (int bin = 0; bin < times_.bins; ++bin) {
    drift[z(bin)] = drift_part * std::min(4.0, linear_.weight()[z(bin)] * times_.bins);
  }
  moves_.aim(makespan, price, drift);
  choose_near();
}

void TargetTabu::choose_near() {
  const double room = objective_ - linear_.value() * (1 - 1e-9);
  std::vector<std::vector<int>> near(z(times_.items));
  std::vector<std::pair<double, int>> ranked;
  for (int item = 0; item < times_.items; ++item) {
    ranked.clear();
    for (const int bin : times_.open[z(item)]) ranked.emplace_back(reduced_cost(times_, linear_, item, bin), bin);
    std::sort(ranked.begin(), ranked.end());
    for (const auto& [reduced, bin] : ranked) {
      if (reduced <= room || near[z(item)].empty()) near[z(item)].push_back(bin);
    }
  }
  moves_.restrict_to(std::move(near));
}

void TargetTabu::start(std::span<const int> bin_of, Context& context) {
  schedule_.assign(bin_of);
  moves_.relax();
  moves_.forget();
  least_ = Times::never;
  idle_ = 0;
  note(context);
}

// Keeps the state closest to the target; offers plans.
void TargetTabu::note(Context& context) {
  const double violation = moves_.violation();
  const bool closer = violation < least_;
  if ((closer || times_.priced) && schedule_.lawful()) {
    const double objective = schedule_.makespan() + schedule_.cost();
    if ((!context.objective() || objective < *context.objective()) && context.offer_bins(schedule_.bins())) {
      best_makespan_ = schedule_.makespan();
    }
  }
  if (!closer) return;
  least_ = violation;
  best_ = schedule_.bins();
  idle_ = 0;
}

bool TargetTabu::reached(const Context& context) const {
  return context.objective() && times_.below(*context.objective()) < objective_;
}

bool TargetTabu::run(std::uint64_t steps, Context& context) {
  for (std::uint64_t k = 0; k < steps; ++k) {
    if (reached(context)) return true;
    if (k % 64 == 63 && context.should_stop()) return false;
    if (!step(context)) return reached(context);
  }
  return reached(context);
}

// False: nothing stands in the way, and yet the evaluation found something.
bool TargetTabu::step(Context& context) {
  const std::vector<int> hot = moves_.hot();
  if (hot.empty()) {
    shake();
    note(context);
    return false;
  }
  ++now_;
  ++idle_;
  const int bin = hot[random_.below(hot.size())];
  const TargetMove move = moves_.best(bin, now_, -Times::never, most_judged, random_);
  if (move.item < 0) {
    if (idle_ % 16 == 0) shake();
    return true;
  }
  moves_.apply(move, now_, shortest_tenure + random_.below(tenure_spread));
  if (move.delta >= 0) moves_.press(pressure);
  note(context);
  if (idle_ > patience) {
    idle_ = 0;
    shake();
  }
  return true;
}

void TargetTabu::shake() {
  if (random_.below(2) == 0 && !best_.empty()) schedule_.assign(best_);
  const std::size_t kicks = 2 + random_.below(z(times_.items) / 20 + 2);
  for (std::size_t k = 0; k < kicks; ++k) {
    const int item = static_cast<int>(random_.below(z(times_.items)));
    const std::vector<int>& near = moves_.near()[z(item)];
    const int bin = near[random_.below(std::min(near.size(), kick_bins))];
    if (bin != schedule_.bin_of(item)) schedule_.move(item, bin);
  }
  moves_.relax();
}

std::uint64_t TargetTabu::take_work() { return moves_.take_work(); }

}  // namespace plimsoll::assignment
