#include "planner/experts/step/search/step_builder.hpp"

#include <algorithm>
#include <limits>

#include "planner/experts/search/assemble.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts::step {
namespace {

// Wishes are asked for so often before a window takes what it got.
constexpr int most_rounds = 4;
// A row within this of what was promised is not worth another round, nor a wait.
constexpr double close_enough = 1.002;
constexpr double worth_waiting = 1.01;
constexpr std::size_t most_waits = 4;

std::size_t index(int number) { return static_cast<std::size_t>(number); }

}  // namespace

WindowPlanner::WindowPlanner(const Prepared& prepared, const Bounds& bounds)
    : prepared_(prepared), bounds_(bounds), filler_(prepared), shares_(prepared) {}

void WindowPlanner::start_task(int microstep, int layer, std::span<const int> base) {
  task_.layer = layer;
  task_.load = prepared_.load(microstep, layer);
  task_.base = base;
  task_.taken.clear();
  task_.forbidden.clear();
  task_.free_columns.assign(index(prepared_.devices), 0);
  for (int column = 0; column < prepared_.total_columns(); ++column) {
    const int device = prepared_.columns.device_of_slot(column);
    if (!prepared_.transient_column[index(column)] || !prepared_.columns.alive[index(device)]) continue;
    if (base[index(column)] < 0) ++task_.free_columns[index(device)];
  }
  task_.least_seconds = bounds_.seconds.at(index(microstep), index(layer));
}

std::vector<TransientNeed> WindowPlanner::wish(int microstep, int layer, std::span<const int> base, double& seconds) {
  start_task(microstep, layer, base);
  return filler_.fill(task_, seconds);
}

double WindowPlanner::share(int microstep, int layer, ExpertPlan& plan) {
  shares_.share(microstep, layer, plan);
  return largest_seconds(prepared_, microstep, layer, plan);
}

// Slots, shares and tokens of one row of a plan.
WindowPlanner::Row WindowPlanner::copy_row(const ExpertPlan& plan, int layer) {
  const auto l = index(layer);
  Row row;
  row.slots.assign(plan.slots.row(l).begin(), plan.slots.row(l).end());
  row.shares.assign(plan.shares.row(l).begin(), plan.shares.row(l).end());
  if (!plan.tokens.empty()) row.tokens.assign(plan.tokens.row(l).begin(), plan.tokens.row(l).end());
  return row;
}

void WindowPlanner::write_row(const Row& row, int layer, ExpertPlan& plan) {
  const auto l = index(layer);
  std::copy(row.slots.begin(), row.slots.end(), plan.slots.row(l).begin());
  std::copy(row.shares.begin(), row.shares.end(), plan.shares.row(l).begin());
  if (!plan.tokens.empty()) std::copy(row.tokens.begin(), row.tokens.end(), plan.tokens.row(l).begin());
}

double WindowPlanner::bring(int microstep, int layer, std::vector<TransientNeed> wishes, double promised,
                            double deadline, Scheduler& scheduler, ExpertPlan& plan) {
  const auto row = plan.slots.row(index(layer));
  start_task(microstep, layer, base_);
  double seconds = std::numeric_limits<double>::infinity();
  for (int round = 0; round < most_rounds; ++round) {
    std::vector<Wanted> wanted;
    for (const TransientNeed& need : wishes) wanted.push_back({need.expert, need.device, -1});
    const auto offers = scheduler.bring(microstep, layer, wanted, deadline, deadline);
    bool all = true;
    for (std::size_t k = 0; k < offers.size(); ++k) {
      if (offers[k]) {
        row[index(offers[k]->column)] = wishes[k].expert;
        task_.taken.push_back(wishes[k]);
        --task_.free_columns[index(wishes[k].device)];
      } else {
        task_.forbidden.emplace_back(wishes[k].expert, wishes[k].device);
        all = false;
      }
    }
    seconds = share(microstep, layer, plan);
    if (all || seconds <= promised * close_enough) break;
    std::sort(task_.forbidden.begin(), task_.forbidden.end());
    double again = 0;
    wishes = filler_.fill(task_, again);
    if (wishes.empty() || again >= seconds) break;
  }
  return seconds;
}

// When each wish could be fulfilled if it were the only one, where that is later than now; ascending, a few of them.
std::vector<double> WindowPlanner::late_arrivals(int microstep, int layer, const std::vector<TransientNeed>& wishes,
                                                 const Scheduler& scheduler) const {
  const double now = scheduler.ready();
  std::vector<double> late;
  for (const TransientNeed& need : wishes) {
    const auto offer = scheduler.earliest(microstep, layer, need.expert, need.device, never, now);
    if (offer && offer->transfer.end_seconds > now) late.push_back(offer->transfer.end_seconds);
  }
  std::sort(late.begin(), late.end());
  late.erase(std::unique(late.begin(), late.end()), late.end());
  if (late.size() <= most_waits) return late;
  std::vector<double> few;
  for (std::size_t k = 1; k <= most_waits; ++k) few.push_back(late[late.size() * k / most_waits - 1]);
  return few;
}

double WindowPlanner::settle(int microstep, int layer, const std::vector<TransientNeed>& wishes, double promised,
                             Scheduler& scheduler, ExpertPlan& plan) {
  if (wishes.empty()) return share(microstep, layer, plan);
  const double now = scheduler.ready();
  base_.assign(plan.slots.row(index(layer)).begin(), plan.slots.row(index(layer)).end());
  const std::vector<double> late = late_arrivals(microstep, layer, wishes, scheduler);
  if (late.empty()) return bring(microstep, layer, wishes, promised, now, scheduler, plan);

  // Without waiting, and with: a window waits where its passes win more than that.
  const Scheduler::Mark mark = scheduler.mark();
  const double passes = prepared_.passes(microstep, layer);
  double best_seconds = bring(microstep, layer, wishes, promised, now, scheduler, plan);
  if (best_seconds <= promised * worth_waiting) return best_seconds;
  double best_cost = passes * best_seconds;
  Row best_row = copy_row(plan, layer);
  std::vector<Offer> best_offers = scheduler.booked_since(mark);
  for (const double deadline : late) {
    if (deadline - now + passes * promised >= best_cost) break;
    scheduler.undo_to(mark);
    std::copy(base_.begin(), base_.end(), plan.slots.row(index(layer)).begin());
    std::fill(plan.shares.row(index(layer)).begin(), plan.shares.row(index(layer)).end(), 0.0);
    if (!plan.tokens.empty()) std::fill(plan.tokens.row(index(layer)).begin(), plan.tokens.row(index(layer)).end(), 0);
    const double seconds = bring(microstep, layer, wishes, promised, deadline, scheduler, plan);
    const double cost = scheduler.ready() - now + passes * seconds;
    if (cost >= best_cost) continue;
    best_cost = cost;
    best_seconds = seconds;
    best_row = copy_row(plan, layer);
    best_offers = scheduler.booked_since(mark);
  }
  scheduler.undo_to(mark);
  for (const Offer& offer : best_offers) scheduler.book(offer);
  write_row(best_row, layer, plan);
  return best_seconds;
}

BuiltStep build_step(const Prepared& prepared, const Bounds& bounds, const Matrix<int>& base, int threads) {
  const auto layers = index(prepared.layers);
  const auto microsteps = index(prepared.microsteps);
  struct Wish {
    std::vector<TransientNeed> needs;
    double seconds = 0;
  };
  std::vector<Wish> wishes(layers * microsteps);
  std::vector<std::uint64_t> work(layers, 0);
  support::for_each_index(layers, threads, [&](std::size_t layer) {
    WindowPlanner planner(prepared, bounds);
    for (std::size_t m = 0; m < microsteps; ++m) {
      Wish& wish = wishes[m * layers + layer];
      wish.needs = planner.wish(static_cast<int>(m), static_cast<int>(layer), base.row(layer), wish.seconds);
    }
    work[layer] = planner.work();
  });

  BuiltStep built;
  built.plan.base = base;
  built.row_seconds = Matrix<double>(microsteps, layers, 0.0);
  for (int m = 0; m < prepared.microsteps; ++m) {
    built.plan.microsteps.push_back(empty_plan(prepared.columns));
    built.plan.microsteps.back().slots = base;
  }
  WindowPlanner planner(prepared, bounds);
  const WindowRunner runner(prepared);
  Scheduler scheduler(prepared, base);
  for (const Window& window : prepared.windows) {
    const auto m = index(window.microstep);
    const auto l = index(window.layer);
    ExpertPlan& plan = built.plan.microsteps[m];
    if (window.pass == Pass::forward) {
      const Wish& wish = wishes[m * layers + l];
      built.row_seconds.at(m, l) =
          planner.settle(window.microstep, window.layer, wish.needs, wish.seconds, scheduler, plan);
    }
    runner.run_next(plan, scheduler);
  }
  built.seconds = scheduler.finish();
  built.plan.transfers = scheduler.take();
  built.work = planner.work() + scheduler.work();
  for (const std::uint64_t amount : work) built.work += amount;
  return built;
}

}  // namespace plimsoll::experts::step
