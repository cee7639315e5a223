#include "planner/assignment/exact/cost_branch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::assignment {
namespace {

constexpr int root_steps = 120;
constexpr int node_steps = 12;
constexpr int closing_rounds = 1;
constexpr double infinite = std::numeric_limits<double>::infinity();

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// What a bound and a target may differ by without meaning anything.
double slack_at(double value) { return 1e-9 * std::max(1.0, std::abs(value)); }

}  // namespace

CostBranch::CostBranch(const Prepared& prepared)
    : prepared_(prepared), ascent_(prepared), lagrangian_(prepared), open_(prepared) {}

void CostBranch::spend(Context& context) { context.meter().add_work(lagrangian_.take_work() + open_.take_work()); }

// Nothing above the best plan is worth finding; without steps it has to be better by more than rounding.
double CostBranch::target(const Context& context) const {
  double cutoff = context.cutoff();
  if (std::isfinite(cutoff) && prepared_.step <= 0) cutoff -= slack_at(cutoff) / 4;
  return std::min(goal_, cutoff);
}

// The next target: the bound itself first, then further and further above it.
void CostBranch::begin(Context& context) {
  open_.undo(0);
  frames_.clear();
  searching_ = true;
  goal_ = infinite;
  if (prepared_.step > 0 && context.bound()) {
    goal_ = *context.bound() + steps_up_ * prepared_.step;
    if (goal_ >= dearest_plan(prepared_)) goal_ = infinite;
  }
  prices_ = ascent_.prices();
  if (target(context) < infinite && ascent_.value() > target(context) + slack_at(ascent_.value())) return;
  visit(context, root_steps);
}

void CostBranch::visit(Context& context, int steps) {
  if (!open_.propagate()) return;
  double best = -infinite;
  Lagrangian::Prices best_prices = prices_;
  int idle = 0;
  lagrangian_.forget_direction();
  for (int step = 0; step < steps; ++step) {
    if (open_.free_items() == 0) {
      context.offer_bins(open_.bins());
      return;
    }
    const double value = lagrangian_.evaluate(open_, prices_);
    const double wanted = target(context);
    if (value > wanted + slack_at(wanted)) return;
    if (lagrangian_.feasible()) {
      std::vector<int> bins = open_.bins();
      for (int item = 0; item < prepared_.items; ++item) {
        if (bins[z(item)] < 0) bins[z(item)] = lagrangian_.takers()[z(item)].front();
      }
      const bool exact = prices_.change <= 0 || lagrangian_.change_slope() == 0;
      context.offer_bins(bins);
      if (exact && context.last_violation().empty()) return;  // no plan of this part costs less
    }
    if (value > best) {
      idle = value > best + 1e-6 * std::max(1.0, std::abs(value)) ? 0 : idle + 1;
      best = value;
      best_prices = prices_;
    } else {
      ++idle;
    }
    if (std::isfinite(wanted) && !lagrangian_.close_beyond(open_, prices_, value, target(context))) return;
    if (idle >= 5 && steps == node_steps) break;
    const double above = value + 0.02 * std::max(1.0, std::abs(value));
    const double scale = steps == node_steps ? 1.0 : std::max(0.05, 1.0 - step / 60.0);
    lagrangian_.step(open_, prices_, value, std::max(std::min(wanted, above) + 0.5 * prepared_.step, value + 1e-6),
                     scale);
    if (context.meter().urgent()) break;
  }
  if (open_.free_items() == 0) {
    context.offer_bins(open_.bins());
    return;
  }
  if (!close_at(context, best_prices)) return;
  if (open_.free_items() == 0) {
    context.offer_bins(open_.bins());
    return;
  }
  divide(best_prices);
}

// Closes what the exact knapsacks at the node's best prices exclude, while they do. False: nothing is left of the node.
// Leaves the evaluation at these prices behind.
bool CostBranch::close_at(Context& context, const Lagrangian::Prices& prices) {
  for (int round = 0;; ++round) {
    const double value = lagrangian_.evaluate(open_, prices);
    const double wanted = target(context);
    if (value > wanted + slack_at(wanted)) return false;
    int closed = 0;
    if (round == closing_rounds || !std::isfinite(wanted)) return true;
    if (!lagrangian_.close_exactly(open_, prices, value, wanted, closed)) return false;
    if (closed == 0 || open_.free_items() == 0) return true;
  }
}

// The item with the fewest bins left among those that the relaxation leaves unsettled; of equals the one that takes the
// largest part of a bin.
int CostBranch::choose_item() const {
  int chosen = -1;
  const auto settled = [&](int item) { return lagrangian_.takers()[z(item)].size() == 1; };
  const auto bulk = [&](int item) {
    double most = 0;
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      if (!open_.open(bin, item)) continue;
      for (const Prepared::Dimension& dimension : prepared_.dimensions) {
        const double capacity = dimension.capacity[z(bin)];
        if (capacity > 0) most = std::max(most, dimension.size.at(z(bin), z(item)) / capacity);
      }
    }
    return most;
  };
  for (int item = 0; item < prepared_.items; ++item) {
    if (open_.bin_of(item) >= 0) continue;
    if (chosen < 0) {
      chosen = item;
      continue;
    }
    if (settled(item) != settled(chosen)) {
      if (settled(chosen)) chosen = item;
      continue;
    }
    if (open_.choices(item) != open_.choices(chosen)) {
      if (open_.choices(item) < open_.choices(chosen)) chosen = item;
      continue;
    }
    if (bulk(item) > bulk(chosen)) chosen = item;
  }
  return chosen;
}

void CostBranch::divide(const Lagrangian::Prices& prices) {
  Frame frame;
  frame.item = choose_item();
  for (int bin = 0; bin < prepared_.bins; ++bin) {
    if (open_.open(bin, frame.item)) frame.bins.push_back(bin);
  }
  std::stable_sort(frame.bins.begin(), frame.bins.end(), [&](int a, int b) {
    return lagrangian_.reduced(a, frame.item) > lagrangian_.reduced(b, frame.item);
  });
  frame.mark = open_.mark();
  frame.prices = prices;
  frames_.push_back(std::move(frame));
}

void CostBranch::advance(Context& context) {
  Frame& frame = frames_.back();
  open_.undo(frame.mark);
  if (frame.next == frame.bins.size()) {
    frames_.pop_back();
    return;
  }
  prices_ = frame.prices;
  if (open_.assign(frame.bins[frame.next++], frame.item)) visit(context, node_steps);
}

// Every plan of at most the target has been excluded or found.
void CostBranch::finish(Context& context) {
  searching_ = false;
  const double reached = target(context);
  if (reached == infinite) {
    if (!context.objective()) {
      context.exclude("no plan keeps all limits at once", name_of(BoundKind::branch), BoundEvidence::recomputed);
    }
    done_ = true;
    return;
  }
  const Proof proof = lagrangian_.proof(ascent_.prices());
  // The least cost above the target.
  context.raise({reached + prepared_.step, BoundKind::branch, proof});
  done_ = reached < goal_ || context.closed();
  steps_up_ = 2 * steps_up_ + 1;
}

void CostBranch::turn(Context& context, std::uint64_t work) {
  const std::uint64_t end = context.meter().work() + work;
  if (!ascent_.done()) {
    ascent_.turn(context, work);
    if (!ascent_.done()) return;
  }
  while (!done_ && context.meter().work() < end && !context.should_stop()) {
    if (!searching_) {
      begin(context);
    } else {
      advance(context);
    }
    spend(context);
    if (frames_.empty()) finish(context);
  }
}

double branch_again(const Prepared& prepared, const AssignmentPlan& plan, const Proof& proof, double claimed,
                    std::uint64_t work) {
  SolveOptions options;
  support::Meter meter(work, std::nullopt, nullptr);
  Context context(prepared, options, meter);
  context.offer(plan);
  if (proof.item_price.size() == static_cast<std::size_t>(prepared.items)) {
    context.raise({evaluate_lagrangian(prepared, proof), BoundKind::lagrangian, proof});
  }
  CostBranch branch(prepared);
  while (!branch.done() && !context.should_stop() && *context.bound() < claimed) branch.turn(context, 1'000'000);
  return *context.bound();
}

}  // namespace plimsoll::assignment
