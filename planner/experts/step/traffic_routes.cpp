// Copies of tokens whose experts are known one by one. A token goes once to each device, or once to each node and on
// from there. Where shares are parts it goes to a replica with the probability of its share, and copies are expected
// ones: 1 less the probability that none of its experts is served there.
#include <algorithm>

#include "planner/experts/step/traffic.hpp"

namespace plimsoll::experts::step {
namespace {

// For places (devices or nodes): the probability that none of a token's experts is served there.
class Missed {
 public:
  explicit Missed(std::size_t places) : missed_(places, 1.0), touched_(places, false) {}
  void serve(std::size_t place, double share) {
    if (!touched_[place]) places_.push_back(place);
    touched_[place] = true;
    missed_[place] *= std::max(0.0, 1.0 - share);
  }
  // Visits each place with its expected copies, and forgets the token.
  template <class Visit>
  void take(const Visit& visit) {
    for (const std::size_t place : places_) {
      visit(place, 1.0 - missed_[place]);
      missed_[place] = 1.0;
      touched_[place] = false;
    }
    places_.clear();
  }

 private:
  std::vector<double> missed_;
  std::vector<bool> touched_;
  std::vector<std::size_t> places_;
};

}  // namespace

void TrafficModel::send(Row& row, std::size_t from, std::size_t to, double copies) const {
  if (from == to) return;
  const Path path = links_.between(static_cast<int>(from), static_cast<int>(to));
  for (const int link : path.links) row.copies[static_cast<std::size_t>(link)] += copies;
}

void TrafficModel::count_routes(Row& row, std::size_t microstep, std::size_t layer) const {
  const StepCommunication& communication = instance_.communication;
  const auto k = static_cast<std::size_t>(communication.routes_per_token);
  const auto layers = static_cast<std::size_t>(instance_.experts.model.layers);
  const bool by_node = communication.copies == Copies::per_node;
  Missed devices(devices_);
  Missed nodes(nodes_);
  for (std::size_t index = first_token_[microstep]; index < first_token_[microstep + 1]; ++index) {
    const std::size_t token = token_[index];
    for (std::size_t choice = 0; choice < k; ++choice) {
      const int expert = communication.routes[(token * layers + layer) * k + choice];
      if (expert < 0) continue;
      const std::size_t end = row.first[static_cast<std::size_t>(expert) + 1];
      for (std::size_t r = row.first[static_cast<std::size_t>(expert)]; r < end;) {
        // Replicas stand by ascending device, so that those of a node stand together.
        const std::size_t place = node(row.replicas[r].device);
        double of_node = 0.0;
        for (; r < end && node(row.replicas[r].device) == place; ++r) {
          devices.serve(row.replicas[r].device, row.replicas[r].share);
          of_node += row.replicas[r].share;
        }
        if (by_node) nodes.serve(place, of_node);
      }
    }
    const auto source = static_cast<std::size_t>(communication.route_source[token]);
    // Where a token goes once to a node, the device of its source's rank there takes it and hands it on.
    const auto relay = [&](std::size_t place) { return place * devices_per_node_ + source % devices_per_node_; };
    devices.take(
        [&](std::size_t device, double copies) { send(row, by_node ? relay(node(device)) : source, device, copies); });
    nodes.take([&](std::size_t place, double copies) { send(row, source, relay(place), copies); });
  }
}

}  // namespace plimsoll::experts::step
