#include "planner/experts/generate_parts.hpp"

#include <cmath>
#include <numeric>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/construct.hpp"
#include "planner/experts/search/split.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

// What a balancer of even shares would have placed for these loads.
Matrix<int> place_for(const ExpertInstance& instance) {
  const Prepared prepared(instance);
  std::vector<LayerPlan> plans;
  for (LayerProblem& problem : split_layers(prepared)) {
    bind_groups(problem, nullptr, problem.home);
    LayerState state(problem);
    place_largest_first(state, greedy_counts(problem));
    plans.push_back(state.plan());
  }
  return assemble(prepared, plans).slots;
}

void generate_cluster(const Values& values, const ExpertModel& model, Cluster& cluster) {
  cluster.nodes = values.whole("nodes", 1, 100000);
  cluster.devices_per_node = values.whole("devices-per-node", 1, 100000);
  if (static_cast<std::int64_t>(cluster.nodes) * cluster.devices_per_node > 1'000'000) {
    throw Error(ErrorCode::usage, "--nodes times --devices-per-node: expected at most 1000000 devices");
  }
  const auto devices = static_cast<std::size_t>(cluster.devices());
  const int slots = values.whole("slots", 1, 100000);
  const double slot_total = static_cast<double>(devices) * slots;
  if (slot_total < model.experts || slot_total * model.layers > 5e7 ||
      static_cast<double>(model.experts) * model.layers > 5e7) {
    throw Error(ErrorCode::usage, "--slots: " + std::to_string(slots) + " on each of " + std::to_string(devices) +
                                      " devices is no sensible number for " + std::to_string(model.experts) +
                                      " experts in " + std::to_string(model.layers) + " layers");
  }
  cluster.slots.assign(devices, slots);
  cluster.speed.assign(devices, 1.0);
  if (const int slow = values.whole("slow", 0, 1000000); slow > 0) {
    for (std::size_t device = static_cast<std::size_t>(slow) - 1; device < devices;
         device += static_cast<std::size_t>(slow)) {
      cluster.speed[device] = 0.6;
    }
  }
}

}  // namespace

ExpertInstance generate_shape(const Values& values) {
  ExpertInstance instance;
  instance.name = values.text("name");
  ExpertModel& model = instance.model;
  model.layers = values.whole("layers", 1, 10000);
  model.experts = values.whole("experts", 1, 100000);
  model.groups = values.whole("groups", 1, model.experts);
  model.top_k = values.whole("top-k", 0, model.experts);
  model.expert_bytes = values.number("expert-bytes", 0, 1e15);
  if (model.experts % model.groups != 0) {
    throw Error(ErrorCode::usage, "--groups: " + std::to_string(model.groups) + " does not divide the " +
                                      std::to_string(model.experts) + " experts");
  }
  generate_cluster(values, model, instance.cluster);
  instance.cost.tile_tokens = values.whole("tile", 0, 1000000);
  instance.cost.token_seconds = values.number("token-seconds", 1e-30, 1e15);
  instance.cost.other_seconds = values.number("other-seconds", 0, 1e15);
  instance.dispatch = values.one_of("dispatch", {"weighted", "even"}) == "even" ? Dispatch::even : Dispatch::weighted;
  instance.keep_groups_on_a_node = values.whole("keep-groups", 0, 1) == 1;
  return instance;
}

std::vector<std::vector<double>> generate_popularity(const Values& values, const ExpertModel& model,
                                                     support::Random& random) {
  const std::string kind = values.one_of("distribution", {"lognormal", "zipf", "uniform"});
  const double skew = values.number("skew", 0, 10);
  std::vector<std::vector<double>> weights(static_cast<std::size_t>(model.layers));
  for (std::vector<double>& weight : weights) {
    weight.assign(static_cast<std::size_t>(model.experts), 1.0);
    for (std::size_t expert = 0; expert < weight.size(); ++expert) {
      if (kind == "lognormal") weight[expert] = std::exp(skew * random.normal());
      if (kind == "zipf") weight[expert] = std::pow(static_cast<double>(expert + 1), -skew);
      if (kind == "uniform") weight[expert] = 0.5 + random.uniform();
    }
    if (kind == "zipf") {
      for (std::size_t last = weight.size(); last > 1; --last) std::swap(weight[last - 1], weight[random.below(last)]);
    }
  }
  return weights;
}

void generate_placement(const Values& values, double tokens, std::vector<std::vector<double>>& weights,
                        ExpertInstance& instance, support::Random& random) {
  const double drift = values.number("drift", 0, 10);
  const int max_moves = values.whole("max-moves", -1, 1000000000);
  if (drift > 0) {
    instance.load = loads_of(weights, tokens);
    const Matrix<int> placement = place_for(instance);
    for (std::vector<double>& weight : weights) {
      for (double& one : weight) one *= std::exp(drift * random.normal());
    }
    instance.placement = placement;
  }
  if (max_moves >= 0) {
    if (drift <= 0)
      throw Error(ErrorCode::usage, "--max-moves needs --drift above 0: there is no placement to move from");
    instance.limits.max_moves = max_moves;
  }
}

Matrix<double> loads_of(const std::vector<std::vector<double>>& weights, double tokens) {
  Matrix<double> loads(weights.size(), weights.front().size());
  for (std::size_t layer = 0; layer < weights.size(); ++layer) {
    const double sum = std::accumulate(weights[layer].begin(), weights[layer].end(), 0.0);
    for (std::size_t expert = 0; expert < loads.columns(); ++expert) {
      loads.at(layer, expert) = std::round(tokens * weights[layer][expert] / sum);
    }
  }
  return loads;
}

}  // namespace plimsoll::experts
