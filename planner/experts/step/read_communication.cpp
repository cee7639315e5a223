#include "planner/experts/step/read_communication.hpp"

#include <algorithm>
#include <cmath>

#include "planner/experts/read_parts.hpp"
#include "support/json_text.hpp"
#include "support/npy.hpp"
#include "support/text.hpp"

namespace plimsoll::experts::step {
namespace {

using support::Reader;

constexpr double kTolerance = 1e-9;  // relative; sums of tokens that were parted among devices

using support::number_text;

bool differ(double a, double b) { return std::abs(a - b) > kTolerance * std::max(std::abs(a), std::abs(b)); }

std::string place_of(std::size_t expert, std::size_t microstep, std::size_t layer) {
  return "expert " + std::to_string(expert) + " in micro-step " + std::to_string(microstep) + ", layer " +
         std::to_string(layer);
}

template <class T, std::size_t N>
T named(const Reader& place, const std::pair<std::string_view, T> (&names)[N]) {
  std::string list;
  for (std::size_t i = 0; i < N; ++i) {
    const auto& [name, value] = names[i];
    if (place.json().string() != nullptr && *place.json().string() == name) return value;
    list += (i == 0 ? "" : i + 1 == N ? " or " : ", ") + support::in_quotes(name);
  }
  place.fail(list);
}

// Every token goes to different experts, and the routes tell the same as the sources.
void check_routes(const StepInstance& instance, const std::string& pointer) {
  const StepCommunication& routes = instance.communication;
  const auto layers = static_cast<std::size_t>(instance.experts.model.layers);
  const auto k = static_cast<std::size_t>(routes.routes_per_token);
  std::vector<std::vector<Matrix<double>>> counted(instance.load.size());
  for (auto& tables : counted) {
    tables.assign(layers, Matrix<double>(static_cast<std::size_t>(instance.experts.cluster.devices()),
                                         static_cast<std::size_t>(instance.experts.model.experts)));
  }
  for (std::size_t token = 0; token < routes.route_source.size(); ++token) {
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const int* first = routes.routes.data() + (token * layers + layer) * k;
      auto& table = counted[static_cast<std::size_t>(routes.route_microstep[token])][layer];
      for (std::size_t i = 0; i < k; ++i) {
        if (std::find(first, first + i, first[i]) != first + i) {
          refuse("token " + std::to_string(token) + " goes to expert " + std::to_string(first[i]) + " twice in layer " +
                     std::to_string(layer),
                 pointer);
        }
        table.at(static_cast<std::size_t>(routes.route_source[token]), static_cast<std::size_t>(first[i])) += 1;
      }
    }
  }
  for (std::size_t microstep = 0; microstep < counted.size(); ++microstep) {
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const Matrix<double>& table = counted[microstep][layer];
      const Matrix<double>& sources = instance.sources[microstep][layer];
      for (std::size_t i = 0; i < table.data().size(); ++i) {
        if (!differ(table.data()[i], sources.data()[i])) continue;
        refuse("the routes send " + number_text(table.data()[i]) + " tokens from device " +
                   std::to_string(i / table.columns()) + " to " + place_of(i % table.columns(), microstep, layer) +
                   ", \"sources\" say " + number_text(sources.data()[i]),
               pointer, "Maybe the routes are only a part of the tokens.");
      }
    }
  }
}

void read_routes(const Reader& place, Reader& communication, StepInstance& instance) {
  const ExpertModel& model = instance.experts.model;
  StepCommunication& routes = instance.communication;
  const std::vector<std::size_t> shape = support::array_shape(place, 3);
  const auto layers = static_cast<std::size_t>(model.layers);
  const std::size_t k = shape[2];
  if (shape[0] < 1 || shape[1] != layers || k < 1 || k > static_cast<std::size_t>(model.experts)) {
    place.fail("the experts of at least one token: [tokens][" + std::to_string(layers) + " layers][experts per token]");
  }
  if (model.top_k > 0 && k != static_cast<std::size_t>(model.top_k)) {
    refuse(
        "expected the " + std::to_string(model.top_k) + " experts per token of model.top_k, got " + std::to_string(k),
        place.pointer());
  }
  check_cells("tokens * layers * experts per token",
              {static_cast<std::int64_t>(std::min<std::size_t>(shape[0], kMostCells + 1)), model.layers,
               static_cast<std::int64_t>(k)},
              place.pointer());
  routes.routes_per_token = static_cast<int>(k);
  routes.routes = narrow(place.integer_array(shape, 0, model.experts - 1));
  routes.route_source =
      narrow(communication.member("route_source").integers(shape[0], 0, instance.experts.cluster.devices() - 1));
  routes.route_microstep =
      narrow(communication.member("route_microstep").integers(shape[0], 0, instance.microsteps() - 1));
  check_routes(instance, place.pointer());
}

}  // namespace

void read_sources(const Reader& place, StepInstance& instance) {
  const auto microsteps = static_cast<std::size_t>(instance.microsteps());
  const auto layers = static_cast<std::size_t>(instance.experts.model.layers);
  const auto devices = static_cast<std::size_t>(instance.experts.cluster.devices());
  const auto experts = static_cast<std::size_t>(instance.experts.model.experts);
  check_cells("micro-steps * layers * devices * experts",
              {instance.microsteps(), instance.experts.model.layers, instance.experts.cluster.devices(),
               instance.experts.model.experts},
              place.pointer());
  const std::vector<double> values = place.number_array({microsteps, layers, devices, experts}, 0, kMostTokens);
  auto next = values.begin();
  for (std::size_t microstep = 0; microstep < microsteps; ++microstep) {
    instance.sources.emplace_back();
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const auto end = next + static_cast<std::ptrdiff_t>(devices * experts);
      const Matrix<double>& table =
          instance.sources.back().emplace_back(devices, experts, std::vector<double>(next, end));
      next = end;
      for (std::size_t expert = 0; expert < experts; ++expert) {
        double sum = 0;
        for (std::size_t device = 0; device < devices; ++device) sum += table.at(device, expert);
        const double load = instance.load[microstep].at(layer, expert);
        if (!differ(sum, load)) continue;
        refuse("the tokens of " + place_of(expert, microstep, layer) + " sum to " + number_text(sum) +
                   " over devices, \"microsteps\" say " + number_text(load),
               place.pointer() + "/" + std::to_string(microstep) + "/" + std::to_string(layer));
      }
    }
  }
}

void read_communication(Reader place, StepInstance& instance) {
  if (place.json().object() == nullptr) place.fail("an object");
  if (instance.sources.empty()) {
    refuse("communication needs to know which device each token comes from", place.pointer(),
           "Maybe the key 'sources' is missing.");
  }
  const auto copies = place.optional_member("copies");
  if (copies) {
    instance.communication.copies = named<Copies>(
        *copies,
        {{"per_replica", Copies::per_replica}, {"per_device", Copies::per_device}, {"per_node", Copies::per_node}});
  }
  if (const auto overlap = place.optional_member("overlap")) {
    instance.communication.overlap = named<Overlap>(*overlap, {{"none", Overlap::none}, {"full", Overlap::full}});
  }
  if (const auto routes = place.optional_member("routes")) {
    read_routes(*routes, place, instance);
  } else {
    for (const std::string_view key : {"route_source", "route_microstep"}) {
      if (const auto without = place.optional_member(key)) {
        refuse("the key " + support::in_quotes(key) + " needs the key \"routes\"", without->pointer());
      }
    }
    if (instance.communication.copies != Copies::per_replica) {
      refuse(copies->json().shown() + " needs to know which experts each token goes to", copies->pointer(),
             "Maybe the key 'routes' is missing.");
    }
  }
  place.done();
}

}  // namespace plimsoll::experts::step
