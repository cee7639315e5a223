#include "planner/experts/balancer/plan.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "planner/common/certify.hpp"
#include "planner/experts/balancer/judge.hpp"
#include "planner/experts/balancer/order.hpp"
#include "planner/experts/balancer/recover.hpp"
#include "planner/experts/balancer/search.hpp"
#include "plimsoll/error.hpp"
#include "support/json_text.hpp"

namespace plimsoll::experts::balancer {
namespace {

// Even dispatch: a few tens of milliseconds for the largest models of today, on one thread. Weighted: shares are solved
// again and again, which takes some tenths of a second.
std::uint64_t default_work(const Prepared& prepared) {
  const auto slots = static_cast<std::uint64_t>(prepared.layers) * static_cast<std::uint64_t>(prepared.total_slots());
  return prepared.even ? 1'000'000 + 150 * slots : 20'000'000 + 4'000 * slots;
}

struct LayerChange {
  int layer = 0;
  std::vector<BalancerMove> moves;
  std::int64_t loads = 0;
  std::int64_t transfers = 0;  // without the loads
  double saved_seconds = 0;
};

class Planning {
 public:
  explicit Planning(const Knowledge& knowledge)
      : knowledge_(knowledge),
        options_(knowledge.options),
        standing_(*knowledge.frame.placement),
        scenarios_(scenarios_of(knowledge)),
        working_(working_instance(knowledge.frame, predicted_load(knowledge))),
        prepared_(working_) {
    delta_.epoch = knowledge.epoch;
  }

  Delta run() {
    delta_.lost = lost_experts(standing_, prepared_.experts);
    Matrix<int> recovered = standing_;
    std::string impossible = prepared_.impossible;
    if (impossible.empty() && !delta_.lost.empty()) {
      impossible = recover(prepared_, scenarios_, delta_.lost, options_.seed, recovered, work_);
    }
    if (!impossible.empty()) return nothing(impossible);

    const Worth before = worth(recovered);
    if (delta_.lost.empty()) delta_.seconds_before = before.judged.seconds();
    Matrix<int> target = search(recovered);
    for (std::size_t layer = 0; layer < target.rows(); ++layer) {
      const std::vector<int> row = settled(prepared_, recovered.row(layer), target.row(layer));
      std::copy(row.begin(), row.end(), target.row(layer).begin());
    }
    const Worth after = target == recovered ? before : worth(target);
    std::vector<LayerChange> changes = order(recovered, target, before.judged, after.judged);
    changes = keep_what_pays(std::move(changes));
    finish(changes, {&before, &after});
    certify();
    return std::move(delta_);
  }

 private:
  // A placement with its shares, and what it is worth.
  struct Worth {
    ExpertPlan plan;
    Judged judged;
  };

  Worth worth(const Matrix<int>& slots) {
    Worth result;
    result.plan = plan_of(prepared_, slots, work_);
    result.judged = judge(knowledge_.frame, scenarios_, result.plan);
    if (result.judged.violations.empty()) return result;
    throw Error(ErrorCode::internal, "the balancer's placement breaks a rule: " + result.judged.violations.front(), {},
                "Maybe report this together with the balancer's state.");
  }

  Delta nothing(const std::string& impossible) {
    delta_.plan = plan_of(prepared_, standing_, work_);
    delta_.reason = impossible;
    common::Outcome outcome;
    outcome.method = "balancer";
    outcome.seed = options_.seed;
    outcome.work = work_;
    (prepared_.impossible.empty() ? outcome.reason : outcome.impossible) = impossible;
    delta_.certificate = common::certify(outcome);
    return std::move(delta_);
  }

  Matrix<int> search(const Matrix<int>& slots) {
    const ExpertLimits& limits = knowledge_.frame.limits;
    if (knowledge_.observed.empty()) {
      say("no micro-step has been observed");
      return slots;
    }
    SearchLimits search;
    search.max_moves = limits.max_moves;
    search.max_moves_per_device = limits.max_moves_per_device;
    search.least_gain = least_gain();
    search.least_seconds = least_seconds();
    search.extra_moves = options_.exchanges ? 0 : 2;
    search.work_limit = options_.work_limit.value_or(default_work(prepared_));
    const Found found = prepared_.even ? search_even(prepared_, scenarios_, slots, search)
                                       : search_weighted(working_, slots, search, options_.seed);
    work_ += found.work;
    work_ended_ = found.work_ended;
    best_refused_ = found.best_refused;
    return found.slots;
  }

  [[nodiscard]] double least_gain() const { return options_.least_gain / std::max(1, prepared_.total_slots()); }
  [[nodiscard]] double least_seconds() const {
    return knowledge_.frame.move_seconds / static_cast<double>(options_.horizon_microsteps);
  }

  void say(const std::string& sentence) { delta_.reason += (delta_.reason.empty() ? "" : "; ") + sentence; }

  // The moves of each layer, loads first. A layer that cannot be put in order stays as it is.
  std::vector<LayerChange> order(const Matrix<int>& recovered, const Matrix<int>& target, const Judged& before,
                                 const Judged& after) {
    std::vector<LayerChange> changes;
    std::string stuck;
    for (int layer = 0; layer < prepared_.layers; ++layer) {
      const auto l = static_cast<std::size_t>(layer);
      LayerChange change{layer, {}, 0, 0, before.layer_seconds[l] - after.layer_seconds[l]};
      const auto loads = order_moves(prepared_, layer, standing_.row(l), recovered.row(l), options_.exchanges);
      const auto moves = order_moves(prepared_, layer, recovered.row(l), target.row(l), options_.exchanges);
      if (!loads) throw Error(ErrorCode::internal, "a lost expert cannot be loaded without an exchange");
      change.moves = *loads;
      change.loads = static_cast<std::int64_t>(loads->size());
      if (moves) {
        change.moves.insert(change.moves.end(), moves->begin(), moves->end());
        change.transfers = transfers_of(*moves);
      } else {
        stuck += (stuck.empty() ? "" : ", ") + std::to_string(layer);
      }
      if (!change.moves.empty()) changes.push_back(std::move(change));
    }
    if (!stuck.empty()) say("without exchanges there is no order of moves in layer " + stuck);
    return changes;
  }

  // Layers that lost an expert first, then by what a transfer saves. What does not pay back, or goes beyond the limit
  // of moves, is left out.
  std::vector<LayerChange> keep_what_pays(std::vector<LayerChange> changes) {
    const auto rate = [](const LayerChange& change) {
      return change.saved_seconds / static_cast<double>(std::max<std::int64_t>(1, change.transfers));
    };
    std::stable_sort(changes.begin(), changes.end(), [&](const LayerChange& a, const LayerChange& b) {
      if ((a.loads > 0) != (b.loads > 0)) return a.loads > 0;
      return rate(a) > rate(b);
    });
    std::vector<LayerChange> kept;
    std::int64_t transfers = 0;
    const std::int64_t most = knowledge_.frame.limits.max_moves.value_or(std::numeric_limits<std::int64_t>::max());
    for (LayerChange& change : changes) {
      const bool pays = change.saved_seconds > 0 &&
                        change.saved_seconds > least_seconds() * static_cast<double>(change.transfers) &&
                        transfers + change.transfers <= most;
      if (!pays) {
        best_refused_ = std::max(best_refused_, rate(change));
        change.moves.resize(static_cast<std::size_t>(change.loads));
        change.transfers = 0;
        change.saved_seconds = 0;
      }
      transfers += change.transfers;
      if (!change.moves.empty()) kept.push_back(std::move(change));
    }
    return kept;
  }

  // The placement is what the moves lead to, whatever was meant.
  void finish(const std::vector<LayerChange>& changes, std::initializer_list<const Worth*> known) {
    Matrix<int> slots = standing_;
    for (const LayerChange& change : changes) {
      for (const BalancerMove& move : change.moves) apply(move, slots.row(static_cast<std::size_t>(change.layer)));
      delta_.moves.insert(delta_.moves.end(), change.moves.begin(), change.moves.end());
    }
    delta_.transfers = transfers_of(delta_.moves);
    delta_.move_seconds = knowledge_.frame.move_seconds * static_cast<double>(delta_.transfers);
    const auto same =
        std::find_if(known.begin(), known.end(), [&](const Worth* one) { return one->plan.slots == slots; });
    Worth last = same != known.end() ? **same : worth(slots);
    delta_.plan = std::move(last.plan);
    delta_.seconds_after = last.judged.seconds();
    if (delta_.seconds_before) delta_.saved_seconds = *delta_.seconds_before - delta_.seconds_after;
    if (delta_.moves.empty() && delta_.reason.empty()) say(why_nothing());
  }

  [[nodiscard]] std::string why_nothing() const {
    const ExpertLimits& limits = knowledge_.frame.limits;
    if ((limits.max_moves && *limits.max_moves == 0) ||
        (limits.max_moves_per_device && *limits.max_moves_per_device == 0)) {
      return "the limits allow no move";
    }
    std::string text =
        "no move was found that makes a layer faster by more than " + support::number_text(100 * least_gain()) + " %";
    if (knowledge_.frame.move_seconds > 0) {
      text += " and by " + support::number_text(least_seconds()) + " seconds, which pays its price of " +
              support::number_text(knowledge_.frame.move_seconds) + " seconds back within " +
              std::to_string(options_.horizon_microsteps) + " micro-steps";
    }
    if (best_refused_ > 0) text += "; the best saves " + support::number_text(best_refused_) + " seconds";
    return text;
  }

  void certify() {
    const ScenarioBound bound = bound_of(knowledge_.frame, scenarios_);
    common::Outcome outcome;
    outcome.objective = delta_.seconds_after;
    outcome.bound = bound.seconds;
    outcome.bound_method = bound.method;
    outcome.method = "balancer";
    outcome.seed = options_.seed;
    outcome.work = work_;
    if (work_ended_) outcome.limit = StoppedBy::work;
    delta_.certificate = common::certify(outcome);
    delta_.bound_seconds = *delta_.certificate.bound;
  }

  const Knowledge& knowledge_;
  const BalancerOptions& options_;
  const Matrix<int>& standing_;
  Scenarios scenarios_;
  ExpertInstance working_;
  Prepared prepared_;
  Delta delta_;
  std::uint64_t work_ = 0;
  bool work_ended_ = false;
  double best_refused_ = 0;
};

}  // namespace

Delta make_plan(const Knowledge& knowledge) { return Planning(knowledge).run(); }

}  // namespace plimsoll::experts::balancer
