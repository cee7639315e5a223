// Base replicas for a future that is not known: the micro-steps of the instance are a window of the past. All slots are
// base slots; per layer the sum over micro-steps of mean + deviations * standard deviation of the largest device time
// is made small by a descent over exchanges of replicas. Judge it on micro-steps that it has not seen (compare
// --rolling).
#include <algorithm>
#include <optional>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/step/method.hpp"
#include "planner/experts/step/search/base_placement.hpp"
#include "planner/experts/step/search/layer_risk.hpp"
#include "planner/experts/step/search/replan.hpp"
#include "planner/experts/step/search/standing_base.hpp"
#include "support/random.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts::step {
namespace {

constexpr double deviations = 1.0;
// Exchanges tried per layer, each of which costs a flow for every micro-step.
constexpr int exchanges_per_layer = 60;

std::size_t index(int number) { return static_cast<std::size_t>(number); }

void descend(const Prepared& prepared, std::span<int> row, LayerRisk& risk, support::Random& random,
             const support::Meter& meter) {
  std::vector<std::size_t> filled;
  for (std::size_t column = 0; column < row.size(); ++column) {
    if (row[column] >= 0) filled.push_back(column);
  }
  if (filled.size() < 2) return;
  const auto holds = [&](int device, int expert) {
    const auto first = row.begin() + prepared.columns.first_slot[index(device)];
    const auto last = row.begin() + prepared.columns.first_slot[index(device) + 1];
    return std::find(first, last, expert) != last;
  };
  double best = risk(row);
  for (int k = 0; k < exchanges_per_layer && !meter.urgent(); ++k) {
    const std::size_t a = filled[random.below(filled.size())];
    const std::size_t b = filled[random.below(filled.size())];
    const int device_a = prepared.columns.device_of_slot(static_cast<int>(a));
    const int device_b = prepared.columns.device_of_slot(static_cast<int>(b));
    if (device_a == device_b || holds(device_b, row[a]) || holds(device_a, row[b])) continue;
    std::swap(row[a], row[b]);
    const double value = risk(row);
    if (value < best) {
      best = value;
    } else {
      std::swap(row[a], row[b]);
    }
  }
}

// Base replicas for the whole step, shares solved in each micro-step.
void offer_base(const Prepared& prepared, const Matrix<int>& base, Context& context) {
  StepPlan plan;
  plan.base = base;
  RowShares shares(prepared);
  for (int m = 0; m < prepared.microsteps; ++m) {
    plan.microsteps.push_back(empty_plan(prepared.columns));
    plan.microsteps.back().slots = base;
    for (int layer = 0; layer < prepared.layers; ++layer) shares.share(m, layer, plan.microsteps.back());
  }
  context.meter().add_work(shares.work());
  context.offer(std::move(plan));
}

}  // namespace

void run_robust(const Prepared& prepared, Context& context) {
  const SolveOptions& options = context.options();
  const bool free = base_is_free(prepared);
  BaseOptions base_options;
  base_options.use_transient_columns = !prepared.pool;
  base_options.deviations = deviations;
  if (std::optional<Matrix<int>> standing = standing_rows(prepared)) {
    replan(prepared, deviations, options.threads, context.meter(), *standing);
    offer_base(prepared, *standing, context);
    return;
  }
  std::uint64_t placing = 0;
  Matrix<int> base = free ? place_base(prepared, base_options, options.seed, options.threads, placing)
                          : standing_base(prepared, !prepared.pool, options.seed, options.threads, context.meter());
  context.meter().add_work(placing);
  if (base.empty()) return;
  std::vector<std::uint64_t> work(index(prepared.layers), 0);
  support::for_each_index(free ? work.size() : 0, options.threads, [&](std::size_t layer) {
    support::Random random(options.seed, layer);
    LayerRisk risk(prepared, static_cast<int>(layer), deviations);
    descend(prepared, base.row(layer), risk, random, context.meter());
    work[layer] = risk.work();
  });
  for (const std::uint64_t amount : work) context.meter().add_work(amount);
  offer_base(prepared, base, context);
}

}  // namespace plimsoll::experts::step
