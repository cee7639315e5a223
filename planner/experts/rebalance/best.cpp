#include "planner/experts/rebalance/best.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "planner/experts/bounds/budgets.hpp"
#include "planner/experts/context.hpp"
#include "planner/experts/exact/branch_layer.hpp"
#include "planner/experts/exact/exact_layer.hpp"
#include "planner/experts/rebalance/published.hpp"
#include "planner/experts/rebalance/settle.hpp"
#include "planner/experts/rebalance/spend_moves.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/layer_search.hpp"
#include "planner/experts/search/level_layer.hpp"
#include "planner/experts/search/local_search.hpp"
#include "planner/experts/search/split.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts {
namespace {

// Layers this close to their bound, relatively, are left as they are.
constexpr double open_share = equally_good;
constexpr double level_share = 1e-4;
// Rounds of a layer's search grow, as short ones find most.
constexpr std::uint64_t first_round = 20'000;

class BestSearch {
 public:
  BestSearch(const Prepared& prepared, const RebalanceOptions& options, support::Meter& meter, Bounds& bounds)
      : prepared_(prepared),
        options_(options),
        meter_(meter),
        bounds_(bounds),
        problems_(split_layers(prepared)),
        plans_(problems_.size()),
        searches_(problems_.size()) {}

  std::vector<LayerPlan> run() {
    construct();
    tighten();
    prove();
    improve();
    if (prepared_.has_placement()) keep_standing();
    return std::move(plans_);
  }

 private:
  void each(const std::function<std::uint64_t(std::size_t)>& task) {
    std::vector<std::uint64_t> work(problems_.size(), 0);
    support::for_each_index(problems_.size(), options_.threads, [&](std::size_t layer) { work[layer] = task(layer); });
    for (const std::uint64_t amount : work) meter_.add_work(amount);
  }
  [[nodiscard]] bool is_open(std::size_t layer) const {
    return !plans_[layer].feasible || plans_[layer].seconds > bounds_.layers[layer].seconds * (1 + open_share);
  }
  // Exchanges that bring a layer closer to its bound than this cost more than they are worth.
  [[nodiscard]] double good_enough(std::size_t layer) const {
    return bounds_.layers[layer].seconds * (1 + level_share);
  }
  // What is left, over the layers that are open.
  [[nodiscard]] std::uint64_t part() const {
    std::uint64_t open = 0;
    for (std::size_t layer = 0; layer < plans_.size(); ++layer) open += is_open(layer) ? 1 : 0;
    // A limit of moves may still need a search of its own.
    const std::uint64_t left = prepared_.instance.limits.max_moves ? meter_.work_left() / 4 : meter_.work_left();
    return open > 0 ? left / open : 0;
  }

  void construct() {
    const bool level = may_level(prepared_);
    const bool publish = may_publish(prepared_);
    const std::uint64_t most = meter_.work_left() / problems_.size();
    each([&](std::size_t layer) {
      std::uint64_t work = 0;
      if (level) {
        const std::uint64_t limit = meter_.urgent() ? 0 : most;
        plans_[layer] = level_layer(problems_[layer], good_enough(layer), limit, work);
        if (is_open(layer) && publish) begin_as_published(layer, limit, work);
        if (plans_[layer].feasible) return work;
      }
      LayerSearch& search = search_of(layer);
      search.construct(meter_);
      plans_[layer] = search.best();
      return work + search.take_work();
    });
  }

  // The published placement after exchanges, where that is better than the plan so far.
  void begin_as_published(std::size_t layer, std::uint64_t limit, std::uint64_t& work) {
    LayerProblem problem = problems_[layer];
    LayerPlan plan = published_layer(problem);
    work += plan.replicas.size();
    level_replicas(problem, bounds_.layers[layer].seconds, limit, work, plan);
    if (plans_[layer].feasible && plans_[layer].seconds <= plan.seconds) return;
    problems_[layer].home = std::move(problem.home);
    plans_[layer] = std::move(plan);
  }

  void tighten() {
    const std::uint64_t most = part() / 2;
    each([&](std::size_t layer) -> std::uint64_t {
      if (!is_open(layer) || meter_.urgent()) return 0;
      const double upper = plans_[layer].feasible ? plans_[layer].seconds : -1.0;
      return tighten_layer(prepared_, problems_[layer].load, upper, bounds_.layers[layer], most);
    });
    sum_up(prepared_, bounds_);
  }

  // Layers that are small enough, exactly: what is not proven is left to the search.
  void prove() {
    const std::uint64_t most = part() / 2 / branch_work;
    each([&](std::size_t layer) -> std::uint64_t {
      const LayerProblem& problem = problems_[layer];
      if (!is_open(layer) || !small_enough(problem) || meter_.urgent()) return 0;
      const double cutoff = plans_[layer].feasible ? plans_[layer].seconds : std::numeric_limits<double>::infinity();
      BranchResult result = branch(problem, cutoff, most, meter_);
      if (result.plan.feasible) plans_[layer] = std::move(result.plan);
      LayerBound& bound = bounds_.layers[layer];
      if (result.complete && result.bound > bound.seconds) bound = {result.bound, BoundKind::branch};
      return branch_work * result.work;
    });
    sum_up(prepared_, bounds_);
  }

  void improve() {
    const std::uint64_t most = part();
    each([&](std::size_t layer) -> std::uint64_t {
      if (!is_open(layer)) return 0;
      LayerSearch& search = search_of(layer);
      search.raise_bound(bounds_.layers[layer].seconds);
      if (plans_[layer].feasible) search.adopt(plans_[layer]);
      std::uint64_t used = 0;
      for (std::uint64_t round = first_round; used < most && is_open(layer) && !meter_.urgent(); round += round / 2) {
        search.improve(std::min(round, most - used), meter_);
        used += search.take_work();
        plans_[layer] = search.best();
        if (search.closed()) break;
      }
      return used;
    });
  }

  void keep_standing() {
    const std::uint64_t most = meter_.work_left() / problems_.size();
    each([&](std::size_t layer) {
      std::uint64_t work = 0;
      if (plans_[layer].feasible && !meter_.urgent()) {
        plans_[layer] = settle(problems_[layer], std::move(plans_[layer]), most, work);
      }
      return work;
    });
  }

  LayerSearch& search_of(std::size_t layer) {
    auto& search = searches_[layer];
    if (!search) search = std::make_unique<LayerSearch>(problems_[layer], bounds_.layers[layer].seconds, options_.seed);
    return *search;
  }

  const Prepared& prepared_;
  const RebalanceOptions& options_;
  support::Meter& meter_;
  Bounds& bounds_;
  std::vector<LayerProblem> problems_;
  std::vector<LayerPlan> plans_;
  std::vector<std::unique_ptr<LayerSearch>> searches_;
};

Matrix<int> ranks_of(const Matrix<int>& slots, std::size_t experts) {
  Matrix<int> rank(slots.rows(), slots.columns(), -1);
  std::vector<int> count(experts);
  for (std::size_t layer = 0; layer < slots.rows(); ++layer) {
    std::fill(count.begin(), count.end(), 0);
    for (std::size_t slot = 0; slot < slots.columns(); ++slot) {
      const int expert = slots.at(layer, slot);
      if (expert >= 0) rank.at(layer, slot) = count[static_cast<std::size_t>(expert)]++;
    }
  }
  return rank;
}

std::int64_t moves_of(const std::vector<LayerPlan>& plans) {
  std::int64_t moves = 0;
  for (const LayerPlan& plan : plans) moves += plan.moves;
  return moves;
}

// From what stands, move by move where each gains most (search/replan.hpp); empty where the limit is too narrow for
// what the search finds.
ExpertPlan within_moves(const Prepared& prepared, const RebalanceOptions& options, support::Meter& meter) {
  SolveOptions solve;
  solve.threads = options.threads;
  solve.seed = options.seed;
  Context context(prepared, solve, meter);
  LocalSearch search(prepared, context);
  search.begin(false);
  while (!context.should_stop() && search.round()) {
  }
  return context.best().value_or(ExpertPlan{});
}

}  // namespace

std::uint64_t default_rebalance_work(const Prepared& prepared) {
  // Following a limit of moves by free shares takes maximum flows, for every move that is tried.
  const bool flows = prepared.instance.limits.max_moves && !prepared.even;
  const std::uint64_t each = flows ? 7'500 : 300;
  const auto slots = static_cast<std::uint64_t>(prepared.layers) * static_cast<std::uint64_t>(prepared.total_slots());
  return std::max<std::uint64_t>(2'000'000, each * slots);
}

Planned plan_best(const Prepared& prepared, const RebalanceOptions& options, support::Meter& meter, Bounds& bounds) {
  const std::vector<LayerPlan> plans = BestSearch(prepared, options, meter, bounds).run();
  const bool found = std::all_of(plans.begin(), plans.end(), [](const LayerPlan& plan) { return plan.feasible; });
  Planned planned;
  if (found && moves_of(plans) <= prepared.instance.limits.max_moves.value_or(no_limit)) {
    planned.plan = assemble(prepared, plans);
  } else if (prepared.instance.limits.max_moves) {
    const auto limited =
        spend_moves(split_layers(prepared), bounds, *prepared.instance.limits.max_moves, options.threads, meter);
    planned.plan = limited.empty() ? within_moves(prepared, options, meter) : assemble(prepared, limited);
    raise_for_budgets(prepared, bounds);
  }
  planned.rank = ranks_of(planned.plan.slots, static_cast<std::size_t>(prepared.experts));
  return planned;
}

}  // namespace plimsoll::experts
