#include "planner/experts/generate.hpp"

#include <array>

#include "planner/experts/generate_parts.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/step/generate.hpp"

namespace plimsoll::experts {
namespace {

constexpr auto options = std::to_array<common::GenerateOption>({
    {"name", "generated", "name of the instance"},
    {"layers", "4", "MoE layers"},
    {"experts", "64", "experts per layer"},
    {"groups", "1", "expert groups; must divide the experts"},
    {"top-k", "0", "experts per token, noted in the model; 0: not given"},
    {"nodes", "1", "nodes"},
    {"devices-per-node", "8", "devices per node"},
    {"slots", "10", "slots per device and layer"},
    {"tokens", "131072", "tokens per layer (and micro-step), each counted once for each of its experts"},
    {"distribution", "lognormal", "popularity of the experts: lognormal, zipf or uniform"},
    {"skew", "1", "sigma of lognormal, exponent of zipf; uniform has none"},
    {"drift", "0", "above 0: a placement made for other loads stands; popularity moved by lognormal(drift) since"},
    {"max-moves", "-1", "move budget (needs drift); -1: none"},
    {"dispatch", "weighted", "weighted or even"},
    {"tile", "0", "tile_tokens; 0: none"},
    {"token-seconds", "1", "seconds per token"},
    {"other-seconds", "0", "seconds per layer spent on everything but experts"},
    {"slow", "0", "every such device has speed 0.6; 0: none"},
    {"keep-groups", "0", "1: all replicas of a group's experts on one node"},
    {"expert-bytes", "0", "bytes of one expert; 0: not given"},
    {"microsteps", "0", "micro-steps of a step whose loads are all known; 0: one table of loads"},
    {"volatility", "60",
     "concentration of the Dirichlet distribution around the popularity that each micro-step's own is drawn from: the "
     "smaller, the wilder; 0: micro-steps differ by the draw of tokens only"},
    {"domains", "", "a table with domain, layer, expert and count (CSV): popularity is that of a few domains"},
    {"domains-model", "", "whose counts, where that table is of several models"},
    {"domains-per-microstep", "2", "draws of a domain for each micro-step, mixed in equal parts"},
    {"transient-slots", "0", "transient slots per device and layer"},
    {"transient-pool-slots", "0", "transient slots per device, shared by all layers"},
    {"intra", "0", "bytes per second between devices of a node; 0: no such path"},
    {"nic", "0", "bytes per second of a device's network interface; 0: no such path"},
    {"host", "0", "bytes per second from host memory to a device; 0: no such path"},
    {"latency", "0", "seconds of every transfer"},
    {"gradient-bytes", "0", "bytes of an expert's gradient"},
    {"backward", "0", "1: every micro-step goes backward after it went forward, and gradients return"},
    {"sources", "0", "1: tokens come from devices, in equal parts but for chance; dispatch takes time"},
    {"dispatch-bytes", "0", "bytes sent to an expert per token (needs sources)"},
    {"combine-bytes", "0", "bytes sent back per token (needs sources)"},
    {"overlap", "none", "none, or full: dispatch and combine run beside compute (needs sources)"},
});

}  // namespace

std::span<const common::GenerateOption> generate_options() { return options; }

std::string generate(const std::map<std::string, std::string, std::less<>>& given, std::uint64_t seed) {
  const Values values("experts", options, given);
  if (values.whole("microsteps", 0, 1000000) > 0) return step::generate(values, seed);
  values.refuse_unless("--microsteps", step::generate_options_of_steps);
  ExpertInstance instance = generate_shape(values);
  const double tokens = values.number("tokens", 0, 1e15);
  support::Random random(seed);
  std::vector<std::vector<double>> weights = generate_popularity(values, instance.model, random);
  generate_placement(values, tokens, weights, instance, random);
  instance.load = loads_of(weights, tokens);
  return write_instance(instance);
}

}  // namespace plimsoll::experts
