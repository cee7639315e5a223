#include "planner/experts/step/search/transients.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "planner/experts/step/search/even_transients.hpp"

namespace plimsoll::experts::step {
namespace {

// Real tokens are counted in this part of the layer's total: sums stay exact, and nobody can tell the difference.
constexpr double fineness = 0x1.0p40;
// Above the least time, relatively: fine steps where plans end up, coarse ones where slots are scarce.
constexpr std::array<double, 16> steps = {0.0,  0.001, 0.003, 0.006, 0.01, 0.02, 0.03, 0.05,
                                          0.08, 0.12,  0.18,  0.27,  0.4,  0.6,  1.0,  2.0};
// A node that can fill so much of a device's room itself need not look further.
constexpr double enough = 0.98;
// A transfer that takes this part of a window or less costs nothing extra; of equal ones those inside a node win.
constexpr double fits_well = 0.5;
constexpr double cheaper_inside = 1.02;

std::size_t index(int number) { return static_cast<std::size_t>(number); }

}  // namespace

// How many transfers over a path fit into the window of a layer says how precious they are.
CopyPrice copy_price(const Prepared& prepared) {
  const auto& link = prepared.instance.experts.cluster.link;
  if (!link) return {1.0, 1.0, 1.0};
  const Cluster& cluster = prepared.instance.experts.cluster;
  double tokens = 0;
  for (const double each : prepared.whole.load.data()) tokens += each;
  double speed = 0;
  for (int device = 0; device < prepared.devices; ++device) {
    if (prepared.columns.alive[index(device)]) speed += prepared.columns.speed(device);
  }
  const double window = prepared.whole.cost.other_seconds +
                        prepared.columns.curve.least_rate() * tokens / (speed * prepared.layers * prepared.microsteps);
  const auto price = [&](double rate) {
    if (!(rate > 0)) return std::numeric_limits<double>::infinity();
    const double seconds = link->latency_seconds + prepared.instance.experts.model.expert_bytes / rate;
    return window > 0 ? std::max(1.0, seconds / (window * fits_well)) : 1.0;
  };
  CopyPrice result;
  result.node = price(link->intra_bytes_per_second);
  result.network =
      cluster.nodes > 1 ? cheaper_inside * price(link->nic_bytes_per_second) : std::numeric_limits<double>::infinity();
  result.host = cheaper_inside * price(link->host_bytes_per_second);
  return result;
}

TransientFiller::TransientFiller(const Prepared& prepared)
    : prepared_(prepared),
      price_(copy_price(prepared)),
      flow_(prepared.experts, prepared.devices),
      demand_(index(prepared.experts), 0),
      held_(index(prepared.experts) * index(prepared.devices), 0),
      of_node_(index(prepared.columns.nodes)),
      on_node_(index(prepared.columns.nodes) * index(prepared.experts), 0),
      potential_(index(prepared.experts), 0),
      order_(index(prepared.devices)) {}

void TransientFiller::hold(int expert, int device) {
  char& held = held_[index(expert) * index(prepared_.devices) + index(device)];
  if (held) return;
  held = 1;
  pairs_.emplace_back(expert, device);
  flow_.add(expert, device);
}

std::int64_t TransientFiller::units(int device, double seconds) const {
  const CostCurve& curve = prepared_.columns.curve;
  const double budget = seconds * prepared_.columns.speed(device);
  const double replicas = static_cast<double>(prepared_.columns.slots[index(device)]);
  double tokens = 0;
  if (curve.table()) {
    tokens = replicas > 0 ? replicas * curve.tokens_within(budget / replicas) : 0.0;
  } else if (curve.rate() > 0) {
    tokens = (budget - replicas * curve.fixed()) / curve.rate();
  } else {
    tokens = budget >= replicas * curve.fixed() ? fineness * unit_ : 0.0;
  }
  return tokens > 0 ? static_cast<std::int64_t>(std::min(tokens / unit_, 4 * fineness)) : 0;
}

std::vector<TransientNeed> TransientFiller::fill_evenly(const Task& task, double& seconds) {
  EvenTask even{task.load, {}, task.free_columns, task.forbidden, home_};
  for (std::size_t column = 0; column < task.base.size(); ++column) {
    if (task.base[column] < 0) continue;
    even.standing.emplace_back(task.base[column], prepared_.columns.device_of_slot(static_cast<int>(column)));
  }
  for (const TransientNeed& need : task.taken) even.standing.emplace_back(need.expert, need.device);
  std::vector<TransientNeed> needs;
  for (const auto& [expert, device] : even_transients(prepared_, even, seconds, work_)) {
    needs.push_back({expert, device, task.load[index(expert)]});
  }
  return needs;
}

// Groups that stay on a node stay where the base has them.
void TransientFiller::bind_groups(const Task& task) {
  if (!prepared_.whole.keep_groups_on_a_node) return;
  std::vector<int> node(index(prepared_.whole.model.groups), -1);
  for (std::size_t column = 0; column < task.base.size(); ++column) {
    if (task.base[column] < 0) continue;
    node[index(prepared_.columns.group[index(task.base[column])])] =
        prepared_.columns.node[index(prepared_.columns.device_of_slot(static_cast<int>(column)))];
  }
  home_.assign(index(prepared_.experts), -1);
  for (int expert = 0; expert < prepared_.experts; ++expert) {
    home_[index(expert)] = node[index(prepared_.columns.group[index(expert)])];
  }
}

std::vector<TransientNeed> TransientFiller::fill(const Task& task, double& seconds) {
  bind_groups(task);
  if (prepared_.columns.even) return fill_evenly(task, seconds);
  double total = 0;
  for (const double tokens : task.load) total += tokens;
  seconds = 0;
  if (!(total > 0)) return {};
  unit_ =
      prepared_.whole.cost.tile_tokens > 0 ? static_cast<double>(prepared_.whole.cost.tile_tokens) : total / fineness;
  for (std::size_t expert = 0; expert < task.load.size(); ++expert) {
    demand_[expert] = static_cast<std::int64_t>(std::ceil(task.load[expert] / unit_));
  }
  for (auto& list : of_node_) list.clear();
  std::fill(on_node_.begin(), on_node_.end(), 0);
  for (std::size_t column = 0; column < task.base.size(); ++column) {
    const int expert = task.base[column];
    if (expert < 0) continue;
    const auto node = index(prepared_.columns.node[index(prepared_.columns.device_of_slot(static_cast<int>(column)))]);
    char& here = on_node_[node * index(prepared_.experts) + index(expert)];
    if (!here) of_node_[node].push_back(expert);
    here = 1;
  }
  const double least = std::max(task.least_seconds, 1e-300);
  std::vector<TransientNeed> needs;
  for (const double step : steps) {
    const double target = least * (1 + step);
    if (!serve(task, target)) continue;
    for (int replica = first_added_; replica < flow_.replicas(); ++replica) {
      if (flow_.served(replica) == 0) continue;
      needs.push_back(
          {flow_.expert(replica), flow_.device(replica), static_cast<double>(flow_.served(replica)) * unit_});
    }
    std::stable_sort(needs.begin(), needs.end(),
                     [](const TransientNeed& a, const TransientNeed& b) { return a.tokens > b.tokens; });
    seconds = target;
    return needs;
  }
  return needs;
}

// Whether all tokens can be served within the time, with new replicas where they are needed.
bool TransientFiller::serve(const Task& task, double seconds) {
  for (const auto& [expert, device] : pairs_) held_[index(expert) * index(prepared_.devices) + index(device)] = 0;
  pairs_.clear();
  flow_.clear(demand_);
  for (std::size_t column = 0; column < task.base.size(); ++column) {
    if (task.base[column] >= 0) hold(task.base[column], prepared_.columns.device_of_slot(static_cast<int>(column)));
  }
  for (const TransientNeed& need : task.taken) hold(need.expert, need.device);
  first_added_ = flow_.replicas();
  for (int device = 0; device < prepared_.devices; ++device) flow_.set_capacity(device, units(device, seconds));
  columns_ = task.free_columns;
  while (flow_.saturate() > 0) {
    if (!add_batch(task)) return false;
  }
  return true;
}

// New replicas for what is left over: of the experts that have tokens left, and where those find no device of those
// that could take other experts' tokens in their place. False where none can be added.
bool TransientFiller::add_batch(const Task& task) {
  for (int expert = 0; expert < prepared_.experts; ++expert) potential_[index(expert)] = flow_.unserved(expert);
  if (add_for_potential(task)) return true;
  for (int expert = 0; expert < prepared_.experts; ++expert) {
    std::int64_t& potential = potential_[index(expert)];
    if (!flow_.reached(expert)) continue;
    for (const int replica : flow_.replicas_of(expert)) potential += flow_.served(replica);
  }
  return add_for_potential(task) || add_passing_on(task);
}

// Where devices with room have no free column: a full device with one takes tokens that are left, and hands others on
// to a device with room that holds the same expert. One at a time, because the same room may be behind several devices.
bool TransientFiller::add_passing_on(const Task& task) {
  std::int64_t most = 0;
  std::pair<int, int> best{-1, -1};
  for (int expert = 0; expert < prepared_.experts; ++expert) potential_[index(expert)] = flow_.unserved(expert);
  for (int device = 0; device < prepared_.devices; ++device) {
    if (columns_[index(device)] == 0 || flow_.reached_device(device)) continue;
    const std::int64_t room = std::min(flow_.room(device) + flow_.passable(device), flow_.unserved());
    if (room <= most) continue;
    const int expert = choose(task, device, room);
    if (expert < 0) continue;
    const std::int64_t amount = std::min(room, potential_[index(expert)]);
    if (amount <= most) continue;
    most = amount;
    best = {expert, device};
  }
  work_ += static_cast<std::uint64_t>(flow_.replicas());
  if (best.first < 0) return false;
  --columns_[index(best.second)];
  hold(best.first, best.second);
  return true;
}

// Devices with the most room first.
bool TransientFiller::add_for_potential(const Task& task) {
  std::int64_t left = flow_.unserved();
  order_.clear();
  for (int device = 0; device < prepared_.devices; ++device) {
    if (columns_[index(device)] > 0 && flow_.room(device) > 0 && !flow_.reached_device(device))
      order_.push_back(device);
  }
  std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) { return flow_.room(a) > flow_.room(b); });
  work_ += order_.size() + potential_.size();
  bool added = false;
  for (const int device : order_) {
    if (left <= 0) break;
    const std::int64_t room = std::min(flow_.room(device), left);
    const int expert = choose(task, device, room);
    if (expert < 0) continue;
    const std::int64_t amount = std::min(room, potential_[index(expert)]);
    potential_[index(expert)] -= amount;
    left -= amount;
    --columns_[index(device)];
    hold(expert, device);
    added = true;
  }
  return added;
}

// The expert of which this device takes most, copies over slow links counting less; -1 where there is none.
int TransientFiller::choose(const Task& task, int device, std::int64_t room) const {
  const auto node = index(prepared_.columns.node[index(device)]);
  int best = -1;
  std::pair<double, std::int64_t> score{0, 0};
  const auto consider = [&](int expert) {
    const std::int64_t amount = std::min(room, potential_[index(expert)]);
    if (amount <= 0 || holds(expert, device)) return;
    if (!home_.empty() && home_[index(expert)] != static_cast<int>(node)) return;
    const bool here = on_node_[node * index(prepared_.experts) + index(expert)] != 0;
    const double price = here ? price_.node : std::min(price_.network, price_.host);
    const std::pair value{static_cast<double>(amount) / price, potential_[index(expert)]};
    if (value <= score) return;
    if (std::binary_search(task.forbidden.begin(), task.forbidden.end(), std::pair(expert, device))) return;
    best = expert;
    score = value;
  };
  for (const int expert : of_node_[node]) consider(expert);
  if (score.first >= enough * static_cast<double>(room)) return best;
  for (int expert = 0; expert < prepared_.experts; ++expert) consider(expert);
  return best;
}

}  // namespace plimsoll::experts::step
