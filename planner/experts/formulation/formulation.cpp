#include "planner/experts/formulation/formulation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "planner/experts/bounds/refute.hpp"
#include "planner/experts/search/assemble.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {

using solvers::mip::Entry;
using solvers::mip::infinity;

Scope Scope::whole(const Prepared& prepared) {
  Scope scope;
  const auto layers = static_cast<std::size_t>(prepared.layers);
  scope.layers.resize(layers);
  std::iota(scope.layers.begin(), scope.layers.end(), 0);
  scope.lower.assign(layers, 0.0);
  scope.upper.assign(layers, infinity);
  scope.other_seconds = true;
  return scope;
}

Formulation::Formulation(const Prepared& prepared, Scope scope) : prepared_(prepared), scope_(std::move(scope)) {
  for (int device = 0; device < prepared.devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    capacity_.push_back(static_cast<int>(std::min<std::int64_t>(prepared.slots[d], prepared.memory_replicas[d])));
  }
  refuse_size();
  choose_unit();
  try {
    build();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    throw Error(ErrorCode::unsupported,
                std::string("the numbers of this instance lie too far apart for an integer program: ") + error.what(),
                {}, "Maybe give loads, speeds and costs in other units.");
  }
}

// The bytes of a model are some hundred times its variables.
void Formulation::refuse_size() const {
  constexpr double most = 2e6;
  const double slots = std::accumulate(capacity_.begin(), capacity_.end(), 0);
  const double pairs = static_cast<double>(prepared_.experts) * prepared_.devices;
  double each = pairs * 3;
  if (prepared_.even) {
    const bool open = std::any_of(scope_.layers.begin(), scope_.layers.end(),
                                  [&](int layer) { return std::isinf(scope_.upper[static_cast<std::size_t>(layer)]); });
    each = pairs * (open ? std::max(1.0, slots - prepared_.experts + 1) : 4.0);
  } else if (prepared_.curve.table()) {
    each = 2 * static_cast<double>(prepared_.instance.cost.expert_seconds.size()) * prepared_.experts *
           (prepared_.instance.cluster.duplicates ? slots : prepared_.devices);
  }
  const double variables = each * static_cast<double>(scope_.layers.size());
  if (variables <= most) return;
  throw Error(ErrorCode::unsupported,
              "the integer program would have about " + std::to_string(std::llround(variables)) +
                  " variables, more than the " + std::to_string(std::llround(most)) + " that are supported",
              {}, "Maybe take fewer layers, or solve it with local or auto.");
}

// By the mean work of a device: the same for an export and its solution, whatever else is known by then.
void Formulation::choose_unit() {
  double largest = 0;
  for (const int layer : scope_.layers) {
    largest = std::max(largest, Refutation(prepared_, prepared_.load(layer)).area_seconds());
  }
  unit_ = largest > 0 ? std::ldexp(1.0, std::ilogb(largest * (1 + 1e-9)) - 7) : 1.0;
}

void Formulation::build() {
  // Memory ties a device to its own past in the other layers: then devices change places in all layers or in none.
  const bool together = prepared_.memory_binds && scope_.layers.size() > 1;
  for (std::size_t rank = 0; rank < scope_.layers.size(); ++rank) {
    add_layer(scope_.layers[rank]);
    add_groups(rank);
  }
  const bool ordered = std::any_of(rows_.begin(), rows_.end(), [](const auto& rows) { return rows->ordered(); });
  for (std::size_t rank = 0; rank < rows_.size(); ++rank) {
    const bool keep = together ? rank == 0 && !ordered : !rows_[rank]->ordered();
    symmetry_.push_back(keep ? Symmetry(prepared_, scope_.layers[rank], capacity_) : Symmetry());
    symmetry_[rank].add_rows(model_, *rows_[rank],
                             [this, rank](int group, int node) { return home(rank, group, node); });
  }
  add_moves();
  add_memory();
  // What counting proves need not follow from the rows: replicas that only fill slots do not appear in all of them.
  if (!prepared_.impossible.empty()) model_.add_row(1, 1, {}, "impossible");
  if (scope_.other_seconds && prepared_.instance.cost.other_seconds > 0) {
    const double sum = prepared_.instance.cost.other_seconds * static_cast<double>(scope_.layers.size());
    constant_ = model_.add_variable(1, 1, sum, false, "other_seconds");
  }
}

void Formulation::add_layer(int layer) {
  const auto l = static_cast<std::size_t>(layer);
  LayerFrame frame{prepared_, model_, layer, unit_, scope_.upper[l], capacity_, 0};
  const double lower = std::max(0.0, scope_.lower[l]) / unit_;
  const double upper = scope_.upper[l] / unit_;
  time_.push_back(model_.add_variable(std::min(lower, upper), upper, unit_, false, "T_" + std::to_string(layer)));
  frame.time = time_.back();
  rows_.push_back(prepared_.even            ? even_rows(std::move(frame))
                  : prepared_.curve.table() ? table_rows(std::move(frame))
                                            : weighted_rows(std::move(frame)));
}

int Formulation::home(std::size_t rank, int group, int node) const {
  return home_[rank][static_cast<std::size_t>(group * prepared_.nodes + node)];
}

// g[G,node] = 1: all replicas of the group's experts stand on the node. The node must have slots and time for its
// groups.
void Formulation::add_groups(std::size_t rank) {
  home_.emplace_back();
  if (!prepared_.instance.keep_groups_on_a_node) return;
  const LayerRows& rows = *rows_[rank];
  const int groups = prepared_.instance.model.groups;
  const std::string layer = std::to_string(scope_.layers[rank]);
  for (int group = 0; group < groups; ++group) {
    std::vector<Entry> one;
    for (int node = 0; node < prepared_.nodes; ++node) {
      const std::string label = "g_" + layer + "_" + std::to_string(group) + "_" + std::to_string(node);
      home_[rank].push_back(model_.add_variable(0, 1, 0, true, label));
      one.push_back({home_[rank].back(), 1.0});
    }
    model_.add_row(1, 1, one);
  }
  for (int expert = 0; expert < prepared_.experts; ++expert) {
    const int group = prepared_.group[static_cast<std::size_t>(expert)];
    std::vector<std::vector<Entry>> on(static_cast<std::size_t>(prepared_.nodes));
    for (int device = 0; device < prepared_.devices; ++device) {
      const int node = prepared_.node[static_cast<std::size_t>(device)];
      std::vector<Entry> entries;
      for (const int variable : rows.count(expert, device)) entries.push_back({variable, 1.0});
      if (entries.empty()) continue;
      auto& all = on[static_cast<std::size_t>(node)];
      all.insert(all.end(), entries.begin(), entries.end());
      entries.push_back({home(rank, group, node), -static_cast<double>(rows.most(expert, device))});
      model_.add_row(-infinity, 0, entries);
    }
    for (int node = 0; node < prepared_.nodes; ++node) {
      auto& all = on[static_cast<std::size_t>(node)];
      all.push_back({home(rank, group, node), -static_cast<double>(rows.fewest(expert))});
      model_.add_row(0, infinity, all);
    }
  }
  std::vector<double> work(static_cast<std::size_t>(groups), 0.0);
  std::vector<double> copies(static_cast<std::size_t>(groups), 0.0);
  for (int expert = 0; expert < prepared_.experts; ++expert) {
    const auto group = static_cast<std::size_t>(prepared_.group[static_cast<std::size_t>(expert)]);
    work[group] += rows.least_work(expert) / unit_ * (1 - 1e-9);
    copies[group] += rows.fewest(expert);
  }
  for (int node = 0; node < prepared_.nodes; ++node) {
    double speed = 0;
    double slots = 0;
    for (int device = 0; device < prepared_.devices; ++device) {
      const auto d = static_cast<std::size_t>(device);
      if (prepared_.node[d] != node || capacity_[d] == 0) continue;
      speed += prepared_.speed(device);
      slots += capacity_[d];
    }
    if (slots == 0) continue;
    std::vector<Entry> time{{time_[rank], -speed}};
    std::vector<Entry> room;
    for (int group = 0; group < groups; ++group) {
      const auto g = static_cast<std::size_t>(group);
      if (work[g] >= solvers::mip::smallest_coefficient) time.push_back({home(rank, group, node), work[g]});
      room.push_back({home(rank, group, node), copies[g]});
    }
    model_.add_row(-infinity, 0, time);
    model_.add_row(-infinity, slots, room);
  }
}

// A move is an expert on a device where it did not stand; how many replicas of it come does not matter.
void Formulation::add_moves() {
  if (!prepared_.moves_matter()) return;
  const auto& limits = prepared_.instance.limits;
  const double price = prepared_.instance.move_seconds;
  std::vector<Entry> all;
  std::vector<std::vector<Entry>> to(static_cast<std::size_t>(prepared_.devices));
  const auto arrive = [&](int device, int variable) {
    all.push_back({variable, 1.0});
    to[static_cast<std::size_t>(device)].push_back({variable, 1.0});
    if (price > 0) model_.set_cost(variable, price);
  };
  for (std::size_t rank = 0; rank < rows_.size(); ++rank) {
    const LayerRows& rows = *rows_[rank];
    const std::size_t before = all.size();
    for (int expert = 0; expert < prepared_.experts; ++expert) {
      for (int device = 0; device < prepared_.devices; ++device) {
        const auto& count = rows.count(expert, device);
        if (count.empty() || prepared_.stood(scope_.layers[rank], expert, device)) continue;
        if (rows.most(expert, device) == 1) {
          for (const int variable : count) arrive(device, variable);
          continue;
        }
        const std::string label =
            "m_" + std::to_string(scope_.layers[rank]) + "_" + std::to_string(expert) + "_" + std::to_string(device);
        const int moved = model_.add_variable(0, 1, 0, true, label);
        std::vector<Entry> entries{{moved, -static_cast<double>(rows.most(expert, device))}};
        for (const int variable : count) entries.push_back({variable, 1.0});
        model_.add_row(-infinity, 0, entries);
        arrivals_.push_back({rank, expert, device, moved});
        arrive(device, moved);
      }
    }
    if (price <= 0 || scope_.value.empty()) continue;
    std::vector<Entry> worth{{time_[rank], unit_}};
    for (std::size_t k = before; k < all.size(); ++k) worth.push_back({all[k].variable, price});
    model_.add_row(scope_.value[static_cast<std::size_t>(scope_.layers[rank])] * (1 - 1e-9), infinity, worth);
  }
  if (limits.max_moves) model_.add_row(-infinity, static_cast<double>(*limits.max_moves), all, "moves");
  for (int device = 0; device < prepared_.devices && limits.max_moves_per_device; ++device) {
    const auto& mine = to[static_cast<std::size_t>(device)];
    if (mine.empty()) continue;
    model_.add_row(-infinity, static_cast<double>(*limits.max_moves_per_device), mine,
                   "moves_" + std::to_string(device));
  }
}

void Formulation::add_memory() {
  if (!prepared_.memory_binds || scope_.layers.size() < 2) return;
  for (int device = 0; device < prepared_.devices; ++device) {
    std::vector<Entry> entries;
    for (const auto& rows : rows_) {
      for (int expert = 0; expert < prepared_.experts; ++expert) {
        for (const int variable : rows->count(expert, device)) entries.push_back({variable, 1.0});
      }
    }
    if (entries.empty()) continue;
    model_.add_row(-infinity, static_cast<double>(prepared_.memory_replicas[static_cast<std::size_t>(device)]), entries,
                   "memory_" + std::to_string(device));
  }
}

std::optional<std::vector<double>> Formulation::encode(std::vector<LayerPlan> plans) const {
  std::vector<double> point(static_cast<std::size_t>(model_.variables()), 0.0);
  const bool together = prepared_.memory_binds && scope_.layers.size() > 1;
  std::vector<int> target;
  for (std::size_t rank = 0; rank < rows_.size(); ++rank) {
    plans[rank] = rows_[rank]->canonical(std::move(plans[rank]));
    if (rank == 0 || !together) target = symmetry_[rank].order(prepared_, plans[rank]);
    for (Replica& replica : plans[rank].replicas) replica.device = target[static_cast<std::size_t>(replica.device)];
    if (!rows_[rank]->encode(plans[rank], point)) return std::nullopt;
    for (const Replica& replica : plans[rank].replicas) {
      if (home_[rank].empty()) break;
      const int group = prepared_.group[static_cast<std::size_t>(replica.expert)];
      const int node = prepared_.node[static_cast<std::size_t>(replica.device)];
      point[static_cast<std::size_t>(home(rank, group, node))] = 1;
    }
    double latest = model_.variable(time_[rank]).lower;
    for (const int row : rows_[rank]->time_rows()) {
      if (row < 0) continue;
      double units = 0;
      for (const auto& [variable, coefficient] : model_.row(row)) {
        if (variable != time_[rank]) units += coefficient * point[static_cast<std::size_t>(variable)];
      }
      latest = std::max(latest, units);
    }
    point[static_cast<std::size_t>(time_[rank])] = latest;
  }
  for (const Arrival& arrival : arrivals_) {
    double standing = 0;
    for (const int variable : rows_[arrival.rank]->count(arrival.expert, arrival.device)) {
      standing += point[static_cast<std::size_t>(variable)];
    }
    point[static_cast<std::size_t>(arrival.variable)] = standing > 0.5 ? 1 : 0;
  }
  if (constant_ >= 0) point[static_cast<std::size_t>(constant_)] = 1;
  return point;
}

std::optional<std::vector<double>> Formulation::encode(const ExpertPlan& plan) const {
  std::vector<LayerPlan> plans;
  for (const int layer : scope_.layers) plans.push_back(layer_of(prepared_, plan, layer));
  return encode(std::move(plans));
}

std::vector<LayerPlan> Formulation::decode_layers(std::span<const double> point) const {
  std::vector<LayerPlan> plans;
  for (const auto& rows : rows_) plans.push_back(rows->decode(point));
  return plans;
}

ExpertPlan Formulation::decode(std::span<const double> point) const {
  return assemble(prepared_, decode_layers(point));
}

}  // namespace plimsoll::experts
