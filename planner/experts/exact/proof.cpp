#include "planner/experts/exact/proof.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/experts/exact/branch_layer.hpp"
#include "planner/experts/exact/coupling.hpp"
#include "planner/experts/search/assemble.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts {
namespace {

constexpr int most_coupled_layers = 8;

}  // namespace

Proof::Proof(const Prepared& prepared, Context& context, LocalSearch& local, bool any_size)
    : prepared_(prepared), context_(context), local_(local), any_size_(any_size) {}

bool Proof::turn(std::uint64_t work) { return prepared_.shares_limits() ? prove_together(work) : prove_layers(work); }

bool Proof::worth_a_try(const LayerProblem& problem) const {
  return any_size_ ? branch_refusal(problem).empty() : small_enough(problem);
}

bool Proof::prove_layers(std::uint64_t work) {
  std::vector<LayerSearch>& layers = local_.layers();
  std::vector<std::size_t> open;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    if (!layers[layer].closed() && worth_a_try(layers[layer].problem())) open.push_back(layer);
  }
  if (open.empty()) return false;
  const std::uint64_t part = std::min(work, context_.meter().work_left()) / branch_work / open.size();
  std::vector<BranchResult> results(open.size());
  support::for_each_index(open.size(), context_.options().threads, [&](std::size_t index) {
    const LayerProblem& problem = layers[open[index]].problem();
    const LayerPlan plan = filled(problem, layers[open[index]].best());
    const double cutoff = plan.feasible ? layer_score(problem, plan) : std::numeric_limits<double>::infinity();
    results[index] = branch(problem, cutoff, part, context_.meter());
  });
  for (std::size_t index = 0; index < open.size(); ++index) {
    const BranchResult& result = results[index];
    context_.meter().add_work(branch_work * result.work);
    if (result.plan.feasible) layers[open[index]].adopt(result.plan);
    if (!result.complete) continue;
    if (!layers[open[index]].best().feasible) {
      context_.exclude(why_none(static_cast<int>(open[index])), name_of(BoundKind::branch), BoundEvidence::recomputed);
      return true;
    }
    if (result.bound <= 0) continue;
    layers[open[index]].raise_bound(result.bound);
    context_.prove_layer(open[index], result.bound);
  }
  local_.offer();
  return true;
}

bool Proof::prove_together(std::uint64_t work) {
  std::vector<LayerSearch>& layers = local_.layers();
  if (prepared_.layers > most_coupled_layers && !any_size_) return false;
  std::vector<double> bounds;
  for (const LayerSearch& layer : layers) {
    if (!worth_a_try(layer.problem())) return false;
    bounds.push_back(layer.bound());
  }
  const double other = prepared_.instance.cost.other_seconds * prepared_.layers;
  const double cutoff = context_.objective() ? *context_.objective() - other : std::numeric_limits<double>::infinity();
  const std::uint64_t most = std::min(work, context_.meter().work_left());
  const CouplingResult result =
      couple(prepared_, bounds, cutoff, context_.options().seed, most, most / 16 + 1, context_.meter(),
             [&](const std::vector<LayerPlan>& plans) { context_.offer(assemble(prepared_, plans)); });
  context_.meter().add_work(result.work);
  if (std::isfinite(result.bound)) {
    context_.prove_layers(result.bound);
  } else if (result.complete && !context_.objective()) {
    context_.exclude(why_none(-1), name_of(BoundKind::branch), BoundEvidence::recomputed);
  }
  return true;
}

// Every placement was looked at.
std::string Proof::why_none(int layer) const {
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

}  // namespace plimsoll::experts
