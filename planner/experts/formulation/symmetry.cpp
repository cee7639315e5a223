#include "planner/experts/formulation/symmetry.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace plimsoll::experts {
namespace {

using solvers::mip::Entry;
using solvers::mip::infinity;

constexpr double largest_weight = 1024;  // a whole number that is off by 1e-7 must not change an order
constexpr int most_groups = 10;

bool alike(const Prepared& prepared, const std::vector<int>& capacity, int left, int right) {
  const auto l = static_cast<std::size_t>(left);
  const auto r = static_cast<std::size_t>(right);
  return prepared.alive[l] == prepared.alive[r] && capacity[l] == capacity[r] &&
         prepared.memory_replicas[l] == prepared.memory_replicas[r] && prepared.speed(left) == prepared.speed(right);
}

}  // namespace

Symmetry::Symmetry(const Prepared& prepared, int layer, const std::vector<int>& capacity) {
  // What stood where makes every device its own kind.
  if (prepared.moves_matter()) return;
  const bool bound = prepared.instance.keep_groups_on_a_node;
  std::vector<bool> done(static_cast<std::size_t>(prepared.devices), false);
  int most = 1;
  for (int first = 0; first < prepared.devices; ++first) {
    if (done[static_cast<std::size_t>(first)] || capacity[static_cast<std::size_t>(first)] == 0) continue;
    std::vector<int> kind;
    for (int device = first; device < prepared.devices; ++device) {
      const auto d = static_cast<std::size_t>(device);
      if (done[d] || !alike(prepared, capacity, first, device)) continue;
      if (bound && prepared.node[d] != prepared.node[static_cast<std::size_t>(first)]) continue;
      kind.push_back(device);
      done[d] = true;
    }
    if (prepared.instance.cluster.duplicates) most = std::max(most, capacity[static_cast<std::size_t>(first)]);
    if (kind.size() > 1) devices_.push_back(std::move(kind));
  }
  base_ = most + 1;
  const auto load = prepared.load(layer);
  experts_.resize(static_cast<std::size_t>(prepared.experts));
  std::iota(experts_.begin(), experts_.end(), 0);
  std::stable_sort(experts_.begin(), experts_.end(),
                   [&](int a, int b) { return load[static_cast<std::size_t>(a)] > load[static_cast<std::size_t>(b)]; });
  const auto compared = static_cast<std::size_t>(std::log(largest_weight) / std::log(base_) + 1e-9) + 1;
  experts_.resize(std::min(experts_.size(), compared));

  if (!bound) return;
  groups_ = std::min(most_groups, prepared.instance.model.groups);
  const int width = prepared.instance.cluster.devices_per_node;
  std::vector<bool> taken(static_cast<std::size_t>(prepared.nodes), false);
  for (int first = 0; first < prepared.nodes; ++first) {
    if (taken[static_cast<std::size_t>(first)]) continue;
    std::vector<int> kind;
    for (int node = first; node < prepared.nodes; ++node) {
      bool same = !taken[static_cast<std::size_t>(node)];
      for (int k = 0; k < width && same; ++k) same = alike(prepared, capacity, first * width + k, node * width + k);
      if (!same) continue;
      kind.push_back(node);
      taken[static_cast<std::size_t>(node)] = true;
    }
    if (kind.size() > 1) nodes_.push_back(std::move(kind));
  }
}

void Symmetry::add_rows(solvers::mip::Model& model, const LayerRows& rows,
                        const std::function<int(int, int)>& home) const {
  for (const auto& kind : devices_) {
    for (std::size_t k = 1; k < kind.size(); ++k) {
      std::vector<Entry> entries;
      double weight = std::pow(base_, static_cast<double>(experts_.size()) - 1);
      for (const int expert : experts_) {
        for (const int variable : rows.count(expert, kind[k - 1])) entries.push_back({variable, weight});
        for (const int variable : rows.count(expert, kind[k])) entries.push_back({variable, -weight});
        weight /= base_;
      }
      model.add_row(0, infinity, entries);
    }
  }
  for (const auto& kind : nodes_) {
    for (std::size_t k = 1; k < kind.size(); ++k) {
      std::vector<Entry> entries;
      double weight = std::pow(2.0, groups_ - 1);
      for (int group = 0; group < groups_; ++group, weight /= 2) {
        entries.push_back({home(group, kind[k - 1]), weight});
        entries.push_back({home(group, kind[k]), -weight});
      }
      model.add_row(0, infinity, entries);
    }
  }
}

std::vector<int> Symmetry::order(const Prepared& prepared, const LayerPlan& plan) const {
  std::vector<int> target(static_cast<std::size_t>(prepared.devices));
  std::iota(target.begin(), target.end(), 0);
  const int width = prepared.instance.cluster.devices_per_node;
  for (const auto& kind : nodes_) {
    std::map<int, int> lowest;  // node -> lowest group
    for (const int node : kind) lowest[node] = groups_;
    for (const Replica& replica : plan.replicas) {
      const auto known = lowest.find(prepared.node[static_cast<std::size_t>(replica.device)]);
      if (known == lowest.end()) continue;
      known->second = std::min(known->second, prepared.group[static_cast<std::size_t>(replica.expert)]);
    }
    std::vector<int> sorted = kind;
    std::stable_sort(sorted.begin(), sorted.end(), [&](int a, int b) { return lowest[a] < lowest[b]; });
    for (std::size_t k = 0; k < kind.size(); ++k) {
      for (int offset = 0; offset < width; ++offset) {
        target[static_cast<std::size_t>(sorted[k] * width + offset)] = kind[k] * width + offset;
      }
    }
  }
  std::vector<std::vector<int>> key(target.size(), std::vector<int>(experts_.size(), 0));
  for (const Replica& replica : plan.replicas) {
    const auto known = std::find(experts_.begin(), experts_.end(), replica.expert);
    if (known == experts_.end()) continue;
    const auto device = static_cast<std::size_t>(target[static_cast<std::size_t>(replica.device)]);
    ++key[device][static_cast<std::size_t>(known - experts_.begin())];
  }
  std::vector<int> second(target.size());
  std::iota(second.begin(), second.end(), 0);
  for (const auto& kind : devices_) {
    std::vector<int> sorted = kind;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](int a, int b) { return key[static_cast<std::size_t>(a)] > key[static_cast<std::size_t>(b)]; });
    for (std::size_t k = 0; k < kind.size(); ++k) second[static_cast<std::size_t>(sorted[k])] = kind[k];
  }
  for (int& device : target) device = second[static_cast<std::size_t>(device)];
  return target;
}

}  // namespace plimsoll::experts
