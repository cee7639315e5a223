// The default: the answers that cost nothing first (what stands, re-split), then local search and exact search in
// turns. Each turn of either costs about as much as the other and more than the one before; they meet in the layers'
// best plans and bounds. Layers too large for a proof are left to the local search.
#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/experts/assemble.hpp"
#include "planner/experts/branch.hpp"
#include "planner/experts/coupling.hpp"
#include "planner/experts/local_search.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/shares.hpp"
#include "plimsoll/error.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts {
namespace {

constexpr std::uint64_t first_turn = 200'000;
constexpr std::uint64_t growth = 3;
constexpr int most_coupled_layers = 8;

class Auto {
 public:
  Auto(const Prepared& prepared, Context& context)
      : prepared_(prepared), context_(context), local_(prepared, context), coupled_(layers_are_coupled(prepared)) {}

  void run() {
    local_.begin();
    for (std::uint64_t turn = first_turn; !context_.should_stop(); turn *= growth) {
      if (!search(turn)) return;
      if (context_.should_stop()) return;
      if (coupled_) {
        prove_together(turn);
      } else {
        prove_layers(turn);
      }
    }
  }

 private:
  // Local search for one turn; false where no layer is open.
  bool search(std::uint64_t turn) {
    const std::uint64_t end = context_.meter().work() + turn;
    while (!context_.should_stop() && context_.meter().work() < end) {
      if (!local_.round()) return false;
    }
    return true;
  }

  void prove_layers(std::uint64_t turn) {
    std::vector<LayerSearch>& layers = local_.layers();
    std::vector<std::size_t> open;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      if (!layers[layer].closed() && small_enough(layers[layer].problem())) open.push_back(layer);
    }
    if (open.empty()) return;
    const std::uint64_t part = std::min(turn, context_.meter().work_left()) / branch_work / open.size();
    std::vector<BranchResult> results(open.size());
    support::for_each_index(open.size(), context_.options().threads, [&](std::size_t index) {
      const LayerSearch& layer = layers[open[index]];
      const double cutoff =
          layer.best().feasible ? layer_score(layer.problem(), layer.best()) : std::numeric_limits<double>::infinity();
      results[index] = branch(layer.problem(), cutoff, part, context_.meter());
    });
    for (std::size_t index = 0; index < open.size(); ++index) {
      const BranchResult& result = results[index];
      context_.meter().add_work(branch_work * result.work);
      if (result.plan.feasible) layers[open[index]].adopt(result.plan);
      if (!result.complete) continue;
      if (!layers[open[index]].best().feasible)
        return context_.prove_impossible(why_none(static_cast<int>(open[index])));
      if (result.bound <= 0) continue;
      layers[open[index]].raise_bound(result.bound);
      context_.prove_layer(open[index], result.bound);
    }
    local_.offer();
  }

  void prove_together(std::uint64_t turn) {
    std::vector<LayerSearch>& layers = local_.layers();
    if (prepared_.layers > most_coupled_layers) return;
    std::vector<double> bounds;
    for (const LayerSearch& layer : layers) {
      if (!small_enough(layer.problem())) return;
      bounds.push_back(layer.bound());
    }
    const double other = prepared_.instance.cost.other_seconds * prepared_.layers;
    const double cutoff =
        context_.objective() ? *context_.objective() - other : std::numeric_limits<double>::infinity();
    const std::uint64_t work = std::min(turn, context_.meter().work_left());
    const CouplingResult result =
        couple(prepared_, bounds, cutoff, context_.options().seed, work, work / 16 + 1, context_.meter(),
               [&](const std::vector<LayerPlan>& plans) { context_.offer(assemble(prepared_, plans)); });
    context_.meter().add_work(result.work);
    if (std::isfinite(result.bound)) {
      context_.prove_layers(result.bound);
    } else if (result.complete && !context_.objective()) {
      context_.prove_impossible(why_none(-1));
    }
  }

  // Every placement was looked at.
  [[nodiscard]] std::string why_none(int layer) const {
    const ExpertInstance& instance = prepared_.instance;
    std::string kept = "slots";
    if (instance.keep_groups_on_a_node) kept += ", keep_groups_on_a_node";
    if (!instance.cluster.duplicates) kept += ", duplicates";
    if (instance.cluster.fill_slots) kept += ", fill_slots";
    if (prepared_.memory_binds) kept += ", memory_bytes";
    if (instance.limits.max_moves) kept += ", max_moves";
    if (instance.limits.max_moves_per_device) kept += ", max_moves_per_device";
    return (layer < 0 ? std::string() : "layer " + std::to_string(layer) + ": ") + "no placement keeps all of " + kept +
           "; all were searched";
  }

  const Prepared& prepared_;
  Context& context_;
  LocalSearch local_;
  bool coupled_;
};

}  // namespace

void run_auto(const Prepared& prepared, Context& context) {
  if (prepared.has_placement()) {
    try {
      offer_standing(prepared, context);
    } catch (const Error& error) {
      // An expert without a device: re-splitting cannot help, the search has to move something.
      if (error.code() != ErrorCode::unsupported) throw;
    }
  }
  // Without a plan there is always time for the first one.
  if (!context.objective() || !context.should_stop()) Auto(prepared, context).run();
}

}  // namespace plimsoll::experts
