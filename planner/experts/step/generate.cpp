#include "planner/experts/step/generate.hpp"

#include <cmath>
#include <numeric>
#include <span>

#include "planner/experts/generate_parts.hpp"
#include "planner/experts/step/domains.hpp"
#include "planner/experts/step/json.hpp"
#include "planner/experts/step/windows.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::experts::step {
namespace {

using Weights = std::vector<std::vector<double>>;  // [layers][experts]

// Streams of random numbers, so that what one part draws changes no other.
constexpr std::uint64_t stream_of_domains = 1;
constexpr std::uint64_t stream_of_sources = 2;
constexpr std::uint64_t first_stream_of_layers = 3;

void normalise(std::vector<double>& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
}

// The popularity of every micro-step is that of the step.
std::vector<Weights> same_for_all(const Weights& weights, int microsteps) {
  return {static_cast<std::size_t>(microsteps), weights};
}

// That of a micro-step mixes some draws of a domain in equal parts.
std::vector<Weights> mixed(const common::GenerateValues& values, const ExpertModel& model, int microsteps,
                           std::uint64_t seed) {
  const Domains domains = read_domains(values.text("domains"), values.text("domains-model"));
  const auto layers = static_cast<std::size_t>(model.layers);
  const std::size_t known = domains.counts.front().rows();
  const std::size_t experts = domains.counts.front().columns();
  if (layers > known) {
    throw Error(ErrorCode::usage, "--layers: the table of --domains has no more than " + std::to_string(known));
  }
  if (experts > static_cast<std::size_t>(model.experts)) {
    throw Error(ErrorCode::usage, "--experts: the table of --domains has " + std::to_string(experts), {},
                "Maybe add --experts " + std::to_string(experts) + ".");
  }
  const int draws = values.whole("domains-per-microstep", 1, 1'000'000);
  support::Random random(seed, stream_of_domains);
  std::vector<Weights> result;
  for (int microstep = 0; microstep < microsteps; ++microstep) {
    Weights weights(layers, std::vector<double>(static_cast<std::size_t>(model.experts), 0.0));
    for (int draw = 0; draw < draws; ++draw) {
      const Matrix<double>& counts = domains.counts[random.below(domains.counts.size())];
      for (std::size_t layer = 0; layer < layers; ++layer) {
        const auto row = counts.row(layer);
        const double sum = std::accumulate(row.begin(), row.end(), 0.0);
        if (!(sum > 0)) throw Error(ErrorCode::input, "a layer of the table of --domains has no tokens in a domain");
        for (std::size_t expert = 0; expert < experts; ++expert) weights[layer][expert] += row[expert] / sum;
      }
    }
    result.push_back(std::move(weights));
  }
  return result;
}

void generate_links(const common::GenerateValues& values, ExpertInstance& instance) {
  Link link;
  link.intra_bytes_per_second = values.number("intra", 0, 1e30);
  link.nic_bytes_per_second = values.number("nic", 0, 1e30);
  link.host_bytes_per_second = values.number("host", 0, 1e30);
  link.latency_seconds = values.number("latency", 0, 1e15);
  const bool given = link.intra_bytes_per_second > 0 || link.nic_bytes_per_second > 0 || link.host_bytes_per_second > 0;
  if (given) instance.cluster.link = link;
  if (!given && link.latency_seconds > 0) {
    throw Error(ErrorCode::usage, "--latency needs a rate: --intra, --nic or --host");
  }
}

void generate_limits(const common::GenerateValues& values, StepInstance& instance) {
  instance.transient_slots = values.whole("transient-slots", 0, 100'000);
  instance.transient_pool_slots = values.whole("transient-pool-slots", 0, 100'000);
  if (instance.transient_slots > 0 && instance.transient_pool_slots > 0) {
    throw Error(ErrorCode::usage, "--transient-slots and --transient-pool-slots: expected one of them");
  }
}

void draw_loads(const common::GenerateValues& values, const std::vector<Weights>& weights, std::uint64_t seed,
                StepInstance& instance) {
  const ExpertModel& model = instance.experts.model;
  const auto tokens = static_cast<std::int64_t>(std::round(values.number("tokens", 0, 1e15)));
  const double concentration = values.number("volatility", 0, 1e12);
  const auto layers = static_cast<std::size_t>(model.layers);
  const auto experts = static_cast<std::size_t>(model.experts);
  instance.load.assign(weights.size(), Matrix<double>(layers, experts));
  instance.experts.load = Matrix<double>(layers, experts);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    support::Random random(seed, first_stream_of_layers + layer);
    for (std::size_t microstep = 0; microstep < weights.size(); ++microstep) {
      std::vector<double> popularity = weights[microstep][layer];
      if (concentration > 0) {
        normalise(popularity);
        for (double& part : popularity) part *= concentration;
        popularity = support::dirichlet(popularity, random);
      }
      const std::vector<std::int64_t> counts = support::multinomial(tokens, popularity, random);
      for (std::size_t expert = 0; expert < experts; ++expert) {
        instance.load[microstep].at(layer, expert) = static_cast<double>(counts[expert]);
        instance.experts.load.at(layer, expert) += static_cast<double>(counts[expert]);
      }
    }
  }
}

// Every token comes from some live device.
void draw_sources(const common::GenerateValues& values, std::uint64_t seed, StepInstance& instance) {
  if (values.whole("sources", 0, 1) == 0) {
    constexpr std::string_view idle[] = {"dispatch-bytes", "combine-bytes", "overlap"};
    values.refuse_unless("--sources 1", idle);
    return;
  }
  ExpertModel& model = instance.experts.model;
  model.dispatch_token_bytes = values.number("dispatch-bytes", 0, 1e15);
  model.combine_token_bytes = values.number("combine-bytes", 0, 1e15);
  const bool full = values.one_of("overlap", {"none", "full"}) == "full";
  instance.communication.overlap = full ? Overlap::full : Overlap::none;
  const auto devices = static_cast<std::size_t>(instance.experts.cluster.devices());
  const std::vector<double> equal(devices, 1.0);
  support::Random random(seed, stream_of_sources);
  for (const Matrix<double>& load : instance.load) {
    instance.sources.emplace_back();
    for (std::size_t layer = 0; layer < load.rows(); ++layer) {
      Matrix<double>& table = instance.sources.back().emplace_back(devices, load.columns());
      for (std::size_t expert = 0; expert < load.columns(); ++expert) {
        const auto tokens = static_cast<std::int64_t>(load.at(layer, expert));
        const std::vector<std::int64_t> counts = support::multinomial(tokens, equal, random);
        for (std::size_t device = 0; device < devices; ++device) {
          table.at(device, expert) = static_cast<double>(counts[device]);
        }
      }
    }
  }
}

void check_size(const StepInstance& instance, int microsteps, bool sources) {
  const ExpertInstance& experts = instance.experts;
  const double devices = experts.cluster.devices();
  const double columns = devices * (experts.cluster.slots.front() + instance.transient_columns());
  const double cells = static_cast<double>(microsteps) * experts.model.layers *
                       std::max(columns, experts.model.experts * (sources ? devices : 1.0));
  if (cells <= 5e7) return;
  throw Error(ErrorCode::usage,
              "--microsteps: " + std::to_string(microsteps) + " are too many for this shape, more than 50000000 cells");
}

}  // namespace

std::string generate(const common::GenerateValues& values, std::uint64_t seed) {
  const int microsteps = values.whole("microsteps", 1, 1'000'000);
  StepInstance instance;
  instance.experts = generate_shape(values);
  generate_limits(values, instance);
  check_size(instance, microsteps, values.whole("sources", 0, 1) == 1);
  generate_links(values, instance.experts);
  instance.experts.model.gradient_bytes = values.number("gradient-bytes", 0, 1e15);
  instance.gradient_return = values.whole("backward", 0, 1) == 1;
  instance.schedule = default_schedule(microsteps, instance.gradient_return);
  std::vector<Weights> weights;
  if (values.text("domains").empty()) {
    constexpr std::string_view idle[] = {"domains-per-microstep", "domains-model"};
    values.refuse_unless("--domains", idle);
    support::Random random(seed);
    Weights step = generate_popularity(values, instance.experts.model, random);
    generate_placement(values, values.number("tokens", 0, 1e15), step, instance.experts, random);
    weights = same_for_all(step, microsteps);
  } else {
    constexpr std::string_view idle[] = {"distribution", "skew", "drift", "max-moves"};
    values.refuse_where("--domains", idle);
    weights = mixed(values, instance.experts.model, microsteps, seed);
  }
  draw_loads(values, weights, seed, instance);
  draw_sources(values, seed, instance);
  return write_instance(instance);
}

}  // namespace plimsoll::experts::step
