#include "planner/experts/step/traffic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace plimsoll::experts::step {
namespace {

// In four parts, so that no addition waits for the one before.
double product(std::span<const double> left, std::span<const double> right) {
  std::array<double, 4> sums{};
  std::size_t k = 0;
  for (; k + 4 <= left.size(); k += 4) {
    for (std::size_t part = 0; part < 4; ++part) sums[part] += left[k + part] * right[k + part];
  }
  for (; k < left.size(); ++k) sums[0] += left[k] * right[k];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void add(std::span<double> sum, std::span<const double> values) {
  for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += values[k];
}

}  // namespace

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
  // What was joined left gaps.
  std::size_t end = 0;
  for (std::size_t expert = 0; expert < experts_; ++expert) {
    const std::size_t begin = row.first[expert];
    row.first[expert] = end;
    for (std::size_t k = begin; k < next[expert]; ++k) row.replicas[end++] = row.replicas[k];
  }
  row.first[experts_] = end;
}

// Inside a node pair by pair; between nodes by sums. Nothing is subtracted, so that what is nothing stays 0.
void TrafficModel::count_per_replica(Row& row, const Matrix<double>& sources) const {
  for (std::size_t expert = 0; expert < experts_; ++expert) {
    for (std::size_t k = row.first[expert]; k < row.first[expert + 1]; ++k) {
      const Replica& replica = row.replicas[k];
      const std::size_t begin = node(replica.device) * devices_per_node_;
      double received = 0.0;
      for (std::size_t from = begin; from < begin + devices_per_node_; ++from) {
        if (from == replica.device) continue;
        const double copies = sources.at(from, expert) * replica.share;
        row.copies[4 * from] += copies;
        received += copies;
      }
      row.copies[4 * replica.device + 1] += received;
    }
  }
  if (nodes_ > 1) count_between_nodes(row, sources);
}

void TrafficModel::count_between_nodes(Row& row, const Matrix<double>& sources) const {
  Matrix<double> tokens(nodes_, experts_, 0.0);  // from the devices of a node
  Matrix<double> shares(nodes_, experts_, 0.0);  // on the devices of a node
  for (std::size_t device = 0; device < devices_; ++device) {
    add(tokens.row(node(device)), sources.row(device));
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
      add(others.row(n), before);
      add(before, of_node.row(n));
      add(others.row(last), behind);
      add(behind, of_node.row(last));
    }
    return others;
  };
  const Matrix<double> tokens_elsewhere = elsewhere(tokens);
  const Matrix<double> shares_elsewhere = elsewhere(shares);
  for (std::size_t device = 0; device < devices_; ++device) {
    const auto from = sources.row(device);
    const auto others = shares_elsewhere.row(node(device));
    row.copies[static_cast<std::size_t>(links_.nic_out(static_cast<int>(device)))] += product(from, others);
  }
  for (std::size_t expert = 0; expert < experts_; ++expert) {
    for (std::size_t k = row.first[expert]; k < row.first[expert + 1]; ++k) {
      const Replica& replica = row.replicas[k];
      row.copies[static_cast<std::size_t>(links_.nic_in(static_cast<int>(replica.device)))] +=
          replica.share * tokens_elsewhere.at(node(replica.device), expert);
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
