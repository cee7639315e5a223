#include "planner/experts/step/traffic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::experts::step {

TrafficModel::TrafficModel(const StepInstance& instance)
    : instance_(instance),
      links_(instance.experts.cluster),
      devices_(static_cast<std::size_t>(instance.experts.cluster.devices())),
      devices_per_node_(static_cast<std::size_t>(instance.experts.cluster.devices_per_node)),
      nodes_(static_cast<std::size_t>(instance.experts.cluster.nodes)),
      experts_(static_cast<std::size_t>(instance.experts.model.experts)) {
  for (std::size_t device = 0; device < devices_; ++device) {
    const int columns = instance.experts.cluster.slots[device] + instance.transient_columns();
    device_of_column_.insert(device_of_column_.end(), static_cast<std::size_t>(columns), device);
  }
  const std::vector<int>& microstep_of = instance.communication.route_microstep;
  first_token_.assign(static_cast<std::size_t>(instance.microsteps()) + 1, 0);
  for (const int microstep : microstep_of) ++first_token_[static_cast<std::size_t>(microstep) + 1];
  for (std::size_t m = 1; m < first_token_.size(); ++m) first_token_[m] += first_token_[m - 1];
  token_.resize(microstep_of.size());
  std::vector<std::size_t> next(first_token_.begin(), first_token_.end());
  for (std::size_t token = 0; token < microstep_of.size(); ++token) {
    token_[next[static_cast<std::size_t>(microstep_of[token])]++] = token;
  }
}

Traffic TrafficModel::of(int microstep, int layer, std::span<const int> slots, std::span<const double> shares) const {
  Traffic traffic;
  if (instance_.sources.empty()) return traffic;
  const auto m = static_cast<std::size_t>(microstep);
  const auto l = static_cast<std::size_t>(layer);
  Row row;
  fill(row, slots, shares);
  if (instance_.communication.copies == Copies::per_replica) {
    count_per_replica(row, instance_.sources[m][l]);
  } else {
    count_routes(row, m, l);
  }
  const ExpertModel& model = instance_.experts.model;
  traffic.dispatch = phase(row, model.dispatch_token_bytes, false, traffic.dispatch_seconds);
  traffic.combine = phase(row, model.combine_token_bytes, true, traffic.combine_seconds);
  return traffic;
}

// Replicas without tokens, and what makes no sense, are left out. Two slots of one device are one replica.
void TrafficModel::fill(Row& row, std::span<const int> slots, std::span<const double> shares) const {
  const auto counts = [&](std::size_t slot) {
    return slots[slot] >= 0 && static_cast<std::size_t>(slots[slot]) < experts_ && shares[slot] > 0 &&
           std::isfinite(shares[slot]);
  };
  row.copies.assign(4 * devices_, 0.0);
  row.first.assign(experts_ + 1, 0);
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if (counts(slot)) ++row.first[static_cast<std::size_t>(slots[slot]) + 1];
  }
  for (std::size_t expert = 0; expert < experts_; ++expert) row.first[expert + 1] += row.first[expert];
  row.replicas.resize(row.first.back());
  std::vector<std::size_t> next(row.first.begin(), row.first.end() - 1);
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if (!counts(slot)) continue;
    const auto expert = static_cast<std::size_t>(slots[slot]);
    const std::size_t device = device_of_column_[slot];
    if (next[expert] > row.first[expert] && row.replicas[next[expert] - 1].device == device) {
      row.replicas[next[expert] - 1].share += shares[slot];
    } else {
      row.replicas[next[expert]++] = {device, shares[slot]};
    }
  }
  // What was joined leaves replicas without a share behind.
}

void TrafficModel::send(Row& row, std::size_t from, std::size_t to, double copies) const {
  if (from == to) return;
  const Path path = links_.between(static_cast<int>(from), static_cast<int>(to));
  for (const int link : path.links) row.copies[static_cast<std::size_t>(link)] += copies;
}

// Inside a node pair by pair; between nodes by sums. Nothing is subtracted, so that what is nothing stays 0.
void TrafficModel::count_per_replica(Row& row, const Matrix<double>& sources) const {
  for (std::size_t expert = 0; expert < experts_; ++expert) {
    for (std::size_t k = row.first[expert]; k < row.first[expert + 1]; ++k) {
      const Replica& replica = row.replicas[k];
      const std::size_t begin = node(replica.device) * devices_per_node_;
      for (std::size_t from = begin; from < begin + devices_per_node_; ++from) {
        send(row, from, replica.device, sources.at(from, expert) * replica.share);
      }
    }
  }
  if (nodes_ > 1) count_between_nodes(row, sources);
}

void TrafficModel::count_between_nodes(Row& row, const Matrix<double>& sources) const {
  Matrix<double> tokens(nodes_, experts_, 0.0);  // from the devices of a node
  Matrix<double> shares(nodes_, experts_, 0.0);  // on the devices of a node
  for (std::size_t device = 0; device < devices_; ++device) {
    const auto sum = tokens.row(node(device));
    const auto from = sources.row(device);
    for (std::size_t expert = 0; expert < experts_; ++expert) sum[expert] += from[expert];
  }
  for (std::size_t expert = 0; expert < experts_; ++expert) {
    for (std::size_t k = row.first[expert]; k < row.first[expert + 1]; ++k) {
      shares.at(node(row.replicas[k].device), expert) += row.replicas[k].share;
    }
  }
  // Of all other nodes: those before and those behind.
  const auto elsewhere = [&](const Matrix<double>& of_node) {
    Matrix<double> others(nodes_, experts_, 0.0);
    std::vector<double> before(experts_, 0.0);
    std::vector<double> behind(experts_, 0.0);
    for (std::size_t n = 0; n < nodes_; ++n) {
      const std::size_t last = nodes_ - 1 - n;
      for (std::size_t expert = 0; expert < experts_; ++expert) {
        others.at(n, expert) += before[expert];
        before[expert] += of_node.at(n, expert);
        others.at(last, expert) += behind[expert];
        behind[expert] += of_node.at(last, expert);
      }
    }
    return others;
  };
  const Matrix<double> tokens_elsewhere = elsewhere(tokens);
  const Matrix<double> shares_elsewhere = elsewhere(shares);
  for (std::size_t device = 0; device < devices_; ++device) {
    const auto from = sources.row(device);
    const auto others = shares_elsewhere.row(node(device));
    double& sent = row.copies[static_cast<std::size_t>(links_.nic_out(static_cast<int>(device)))];
    for (std::size_t expert = 0; expert < experts_; ++expert) sent += from[expert] * others[expert];
  }
  for (std::size_t expert = 0; expert < experts_; ++expert) {
    for (std::size_t k = row.first[expert]; k < row.first[expert + 1]; ++k) {
      const Replica& replica = row.replicas[k];
      row.copies[static_cast<std::size_t>(links_.nic_in(static_cast<int>(replica.device)))] +=
          replica.share * tokens_elsewhere.at(node(replica.device), expert);
    }
  }
}

// The expected number of copies of each token: one to a device (or node) unless none of its experts is served there.
void TrafficModel::count_routes(Row& row, std::size_t microstep, std::size_t layer) const {
  const StepCommunication& communication = instance_.communication;
  const auto k = static_cast<std::size_t>(communication.routes_per_token);
  const auto layers = static_cast<std::size_t>(instance_.experts.model.layers);
  const bool by_node = communication.copies == Copies::per_node;
  std::vector<double> missed(devices_, 1.0);     // the part of the token that no expert takes to the device
  std::vector<std::size_t> touched;              // devices
  std::vector<double> node_missed(nodes_, 1.0);  // the same of nodes
  std::vector<double> node_share(nodes_, 0.0);   // of one expert
  std::vector<std::size_t> touched_nodes;        // by the token
  std::vector<std::size_t> nodes_of_expert;
  for (std::size_t index = first_token_[microstep]; index < first_token_[microstep + 1]; ++index) {
    const std::size_t token = token_[index];
    const auto source = static_cast<std::size_t>(communication.route_source[token]);
    touched.clear();
    touched_nodes.clear();
    for (std::size_t choice = 0; choice < k; ++choice) {
      const int routed = communication.routes[(token * layers + layer) * k + choice];
      if (routed < 0) continue;
      const auto expert = static_cast<std::size_t>(routed);
      nodes_of_expert.clear();
      for (std::size_t r = row.first[expert]; r < row.first[expert + 1]; ++r) {
        const Replica& replica = row.replicas[r];
        if (replica.share <= 0) continue;
        if (missed[replica.device] == 1.0) touched.push_back(replica.device);
        missed[replica.device] *= std::max(0.0, 1.0 - replica.share);
        if (!by_node) continue;
        if (node_share[node(replica.device)] == 0.0) nodes_of_expert.push_back(node(replica.device));
        node_share[node(replica.device)] += replica.share;
      }
      for (const std::size_t n : nodes_of_expert) {
        if (node_missed[n] == 1.0) touched_nodes.push_back(n);
        node_missed[n] *= std::max(0.0, 1.0 - node_share[n]);
        node_share[n] = 0.0;
      }
    }
    for (const std::size_t device : touched) {
      // Where a token goes once to a node, the device of the source's rank there hands it on.
      const std::size_t relay = node(device) * devices_per_node_ + source % devices_per_node_;
      const bool relayed = by_node && node(device) != node(source);
      send(row, relayed ? relay : source, device, 1.0 - missed[device]);
      missed[device] = 1.0;
    }
    for (const std::size_t n : touched_nodes) {
      if (n != node(source)) {
        send(row, source, n * devices_per_node_ + source % devices_per_node_, 1.0 - node_missed[n]);
      }
      node_missed[n] = 1.0;
    }
  }
}

double TrafficModel::phase(const Row& row, double token_bytes, bool back, std::vector<double>& link_seconds) const {
  link_seconds.assign(4 * devices_, 0.0);
  if (!links_.given() || !(token_bytes > 0)) return 0.0;
  const Link& link = *instance_.experts.cluster.link;
  double longest = 0.0;
  for (std::size_t index = 0; index < link_seconds.size(); ++index) {
    // On the way back what was sent is received.
    const double copies = row.copies[back ? index ^ 1U : index];
    if (!(copies > 0)) continue;
    const double rate = index % 4 < 2 ? link.intra_bytes_per_second : link.nic_bytes_per_second;
    link_seconds[index] = rate > 0 ? copies * token_bytes / rate : std::numeric_limits<double>::infinity();
    longest = std::max(longest, link_seconds[index]);
  }
  return longest > 0 ? longest + link.latency_seconds : 0.0;
}

Traffic traffic(const StepInstance& instance, int microstep, int layer, std::span<const int> slots,
                std::span<const double> shares) {
  return TrafficModel(instance).of(microstep, layer, slots, shares);
}

double window_seconds(const StepInstance& instance, double compute_seconds, const Traffic& traffic, Pass pass) {
  const double ratio = pass == Pass::forward ? 1.0 : instance.backward_ratio;
  const double compute = ratio * (compute_seconds + instance.experts.cost.other_seconds);
  if (instance.communication.overlap == Overlap::none) return traffic.dispatch + compute + traffic.combine;
  double longest = 0.0;
  for (std::size_t link = 0; link < traffic.dispatch_seconds.size(); ++link) {
    longest = std::max(longest, traffic.dispatch_seconds[link] + traffic.combine_seconds[link]);
  }
  if (longest > 0 && instance.experts.cluster.link) longest += instance.experts.cluster.link->latency_seconds;
  return std::max(compute, longest);
}

}  // namespace plimsoll::experts::step
