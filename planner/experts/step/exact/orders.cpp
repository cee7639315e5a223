#include "planner/experts/step/exact/orders.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace plimsoll::experts::step {
namespace {

using Order = std::vector<int>;  // [devices] where each device goes

// All permutations of devices of the same speed and slots; devices without columns stay.
std::vector<Order> orders_of(const Prepared& prepared) {
  std::vector<int> live;
  for (int d = 0; d < prepared.devices; ++d) {
    if (prepared.columns.slots[static_cast<std::size_t>(d)] > 0) live.push_back(d);
  }
  const auto alike = [&](int a, int b) {
    return prepared.columns.speed(a) == prepared.columns.speed(b) &&
           prepared.base_slots[static_cast<std::size_t>(a)] == prepared.base_slots[static_cast<std::size_t>(b)];
  };
  std::vector<Order> orders;
  std::vector<int> target = live;
  do {
    Order order(static_cast<std::size_t>(prepared.devices));
    std::iota(order.begin(), order.end(), 0);
    bool fits = true;
    for (std::size_t k = 0; k < live.size(); ++k) {
      order[static_cast<std::size_t>(live[k])] = target[k];
      fits = fits && alike(live[k], target[k]);
    }
    if (fits) orders.push_back(order);
  } while (std::next_permutation(target.begin(), target.end()));
  return orders;
}

// Nodes and NICs look the same afterwards. Gradients go to the lowest device: then numbers matter.
bool keeps_links(const Prepared& prepared, const Order& order) {
  if (prepared.instance.gradient_return) return std::is_sorted(order.begin(), order.end());
  const std::vector<int>& nics = prepared.instance.experts.cluster.nic_of_device;
  for (std::size_t a = 0; a < order.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto to_a = static_cast<std::size_t>(order[a]);
      const auto to_b = static_cast<std::size_t>(order[b]);
      if ((prepared.columns.node[a] == prepared.columns.node[b]) !=
          (prepared.columns.node[to_a] == prepared.columns.node[to_b])) {
        return false;
      }
      if (!nics.empty() && (nics[a] == nics[b]) != (nics[to_a] == nics[to_b])) return false;
    }
  }
  return true;
}

std::vector<ExpertSet> renamed_sets(const std::vector<ExpertSet>& sets, const Order& order) {
  std::vector<ExpertSet> result(sets.size());
  for (std::size_t d = 0; d < sets.size(); ++d) result[static_cast<std::size_t>(order[d])] = sets[d];
  return result;
}

}  // namespace

std::vector<BaseOption> all_orders(const Prepared& prepared, const std::vector<BaseOption>& options, bool renamed) {
  const std::vector<Order> orders = orders_of(prepared);
  std::vector<Order> same;
  for (const Order& order : orders) {
    if (keeps_links(prepared, order)) same.push_back(order);
  }
  std::vector<BaseOption> result;
  for (const BaseOption& option : options) {
    std::set<std::vector<ExpertSet>> seen;
    for (const Order& order : orders) {
      std::vector<ExpertSet> held = renamed_sets(option.held, order);
      if (renamed &&
          std::any_of(same.begin(), same.end(), [&](const Order& other) { return renamed_sets(held, other) < held; })) {
        continue;
      }
      if (!seen.insert(held).second) continue;
      BaseOption made{std::move(held), option.seconds, option.microsteps};
      for (auto& microstep : made.microsteps) {
        for (Option& each : microstep) each.needed = renamed_sets(each.needed, order);
      }
      result.push_back(std::move(made));
    }
  }
  return result;
}

}  // namespace plimsoll::experts::step
