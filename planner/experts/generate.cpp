#include "planner/experts/generate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "planner/common/generate_values.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/construct.hpp"
#include "planner/experts/search/split.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::experts {
namespace {

constexpr std::array<common::GenerateOption, 17> options = {{
    {"name", "generated", "name of the instance"},
    {"layers", "4", "MoE layers"},
    {"experts", "64", "experts per layer"},
    {"groups", "1", "expert groups; must divide the experts"},
    {"nodes", "1", "nodes"},
    {"devices-per-node", "8", "devices per node"},
    {"slots", "10", "slots per device and layer"},
    {"tokens", "131072", "tokens per layer, each counted once for each of its experts"},
    {"distribution", "lognormal", "popularity of the experts: lognormal, zipf or uniform"},
    {"skew", "1", "sigma of lognormal, exponent of zipf; uniform has none"},
    {"drift", "0", "above 0: a placement made for other loads stands; popularity moved by lognormal(drift) since"},
    {"max-moves", "-1", "move budget (needs drift); -1: none"},
    {"dispatch", "weighted", "weighted or even"},
    {"tile", "0", "tile_tokens; 0: none"},
    {"slow", "0", "every such device has speed 0.6; 0: none"},
    {"keep-groups", "0", "1: all replicas of a group's experts on one node"},
    {"expert-bytes", "0", "bytes of one expert; 0: not given"},
}};

using Values = common::GenerateValues;

// Popularity of the experts of one layer, not normalised.
std::vector<double> popularity(const Values& values, int experts, support::Random& random) {
  const std::string kind = values.one_of("distribution", {"lognormal", "zipf", "uniform"});
  const double skew = values.number("skew", 0, 10);
  std::vector<double> weight(static_cast<std::size_t>(experts), 1.0);
  for (std::size_t expert = 0; expert < weight.size(); ++expert) {
    if (kind == "lognormal") weight[expert] = std::exp(skew * random.normal());
    if (kind == "zipf") weight[expert] = std::pow(static_cast<double>(expert + 1), -skew);
    if (kind == "uniform") weight[expert] = 0.5 + random.uniform();
  }
  if (kind == "zipf") {
    for (std::size_t last = weight.size(); last > 1; --last) std::swap(weight[last - 1], weight[random.below(last)]);
  }
  return weight;
}

// Whole tokens in proportion to the weights, the total met up to rounding.
void spread_tokens(const std::vector<double>& weight, double tokens, std::span<double> load) {
  const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
  for (std::size_t expert = 0; expert < load.size(); ++expert) {
    load[expert] = std::round(tokens * weight[expert] / sum);
  }
}

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

}  // namespace

std::span<const common::GenerateOption> generate_options() { return options; }

std::string generate(const std::map<std::string, std::string, std::less<>>& given, std::uint64_t seed) {
  const Values values("experts", options, given);
  ExpertInstance instance;
  instance.name = values.text("name");
  instance.model.layers = values.whole("layers", 1, 10000);
  instance.model.experts = values.whole("experts", 1, 100000);
  instance.model.groups = values.whole("groups", 1, instance.model.experts);
  instance.model.expert_bytes = values.number("expert-bytes", 0, 1e15);
  if (instance.model.experts % instance.model.groups != 0) {
    throw Error(ErrorCode::usage, "--groups: " + std::to_string(instance.model.groups) + " does not divide the " +
                                      std::to_string(instance.model.experts) + " experts");
  }
  instance.cluster.nodes = values.whole("nodes", 1, 100000);
  instance.cluster.devices_per_node = values.whole("devices-per-node", 1, 100000);
  if (static_cast<std::int64_t>(instance.cluster.nodes) * instance.cluster.devices_per_node > 1'000'000) {
    throw Error(ErrorCode::usage, "--nodes times --devices-per-node: expected at most 1000000 devices");
  }
  const auto devices = static_cast<std::size_t>(instance.cluster.devices());
  const int slots = values.whole("slots", 1, 100000);
  const double slot_total = static_cast<double>(devices) * slots;
  if (slot_total < instance.model.experts || slot_total * instance.model.layers > 5e7 ||
      static_cast<double>(instance.model.experts) * instance.model.layers > 5e7) {
    throw Error(ErrorCode::usage, "--slots: " + std::to_string(slots) + " on each of " + std::to_string(devices) +
                                      " devices is no sensible number for " + std::to_string(instance.model.experts) +
                                      " experts in " + std::to_string(instance.model.layers) + " layers");
  }
  instance.cluster.slots.assign(devices, slots);
  instance.cluster.speed.assign(devices, 1.0);
  if (const int slow = values.whole("slow", 0, 1000000); slow > 0) {
    for (std::size_t device = static_cast<std::size_t>(slow) - 1; device < devices;
         device += static_cast<std::size_t>(slow)) {
      instance.cluster.speed[device] = 0.6;
    }
  }
  instance.cost.tile_tokens = values.whole("tile", 0, 1000000);
  instance.dispatch = values.one_of("dispatch", {"weighted", "even"}) == "even" ? Dispatch::even : Dispatch::weighted;
  instance.keep_groups_on_a_node = values.whole("keep-groups", 0, 1) == 1;
  const double tokens = values.number("tokens", 0, 1e15);
  const double drift = values.number("drift", 0, 10);
  const int max_moves = values.whole("max-moves", -1, 1000000000);
  const auto layers = static_cast<std::size_t>(instance.model.layers);
  instance.load = Matrix<double>(layers, static_cast<std::size_t>(instance.model.experts));
  support::Random random(seed);
  std::vector<std::vector<double>> weights;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    weights.push_back(popularity(values, instance.model.experts, random));
    spread_tokens(weights[layer], tokens, instance.load.row(layer));
  }
  if (drift > 0) {
    const Matrix<int> placement = place_for(instance);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      for (double& weight : weights[layer]) weight *= std::exp(drift * random.normal());
      spread_tokens(weights[layer], tokens, instance.load.row(layer));
    }
    instance.placement = placement;
  }
  if (max_moves >= 0) {
    if (drift <= 0)
      throw Error(ErrorCode::usage, "--max-moves needs --drift above 0: there is no placement to move from");
    instance.limits.max_moves = max_moves;
  }
  return write_instance(instance);
}

}  // namespace plimsoll::experts
