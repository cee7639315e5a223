#include "planner/experts/search/assemble.hpp"

#include <algorithm>
#include <tuple>

#include "solvers/flow/matching.hpp"

namespace plimsoll::experts {
namespace {

class LayerAssembly {
 public:
  LayerAssembly(const Prepared& prepared, int layer, const LayerPlan& solved, ExpertPlan& plan)
      : prepared_(prepared),
        layer_(static_cast<std::size_t>(layer)),
        slots_(plan.slots.row(layer_)),
        tokens_(slots_.size(), 0.0),
        plan_(plan),
        node_of_group_(static_cast<std::size_t>(prepared.instance.model.groups), -1) {
    std::vector<std::vector<Replica>> on(static_cast<std::size_t>(prepared.devices));
    for (const Replica& replica : solved.replicas) {
      on[static_cast<std::size_t>(replica.device)].push_back(replica);
      node_of_group_[static_cast<std::size_t>(prepared.group[static_cast<std::size_t>(replica.expert)])] =
          prepared.node[static_cast<std::size_t>(replica.device)];
    }
    for (int device = 0; device < prepared.devices; ++device) {
      place(device, on[static_cast<std::size_t>(device)]);
      if (prepared.instance.cluster.fill_slots && prepared.alive[static_cast<std::size_t>(device)]) fill(device);
    }
  }

  void write_shares() {
    if (prepared_.even) {
      share_evenly(prepared_, static_cast<int>(layer_), plan_);
      return;
    }
    write_tokens(prepared_, static_cast<int>(layer_), prepared_.load(static_cast<int>(layer_)), tokens_, plan_);
  }

 private:
  void place(int device, std::vector<Replica>& replicas) {
    const auto d = static_cast<std::size_t>(device);
    std::stable_sort(replicas.begin(), replicas.end(),
                     [](const Replica& a, const Replica& b) { return a.expert < b.expert; });
    std::vector<bool> placed(replicas.size(), false);
    const int begin = prepared_.first_slot[d];
    const int end = prepared_.first_slot[d + 1];
    for (int slot = begin; slot < end && prepared_.has_placement(); ++slot) {
      const int stood = prepared_.instance.placement->at(layer_, static_cast<std::size_t>(slot));
      for (std::size_t k = 0; k < replicas.size(); ++k) {
        if (placed[k] || replicas[k].expert != stood) continue;
        put(slot, replicas[k].expert, replicas[k].tokens);
        placed[k] = true;
        break;
      }
    }
    int slot = begin;
    for (std::size_t k = 0; k < replicas.size(); ++k) {
      if (placed[k]) continue;
      while (slot < end && slots_[static_cast<std::size_t>(slot)] >= 0) ++slot;
      if (slot == end) return;  // more replicas than slots: the evaluation will say which expert is missing
      put(slot, replicas[k].expert, replicas[k].tokens);
    }
  }

  void put(int slot, int expert, double tokens) {
    slots_[static_cast<std::size_t>(slot)] = expert;
    tokens_[static_cast<std::size_t>(slot)] = tokens;
  }

  [[nodiscard]] bool holds(int device, int expert) const {
    const auto d = static_cast<std::size_t>(device);
    const auto first = slots_.begin() + prepared_.first_slot[d];
    const auto last = slots_.begin() + prepared_.first_slot[d + 1];
    return std::find(first, last, expert) != last;
  }

  // Weighted dispatch: a slot without tokens holds what stood there, then what costs no move, then the largest load.
  void fill(int device) {
    const auto d = static_cast<std::size_t>(device);
    for (int slot = prepared_.first_slot[d]; slot < prepared_.first_slot[d + 1]; ++slot) {
      if (slots_[static_cast<std::size_t>(slot)] >= 0) continue;
      int chosen = -1;
      std::tuple<int, int, double> chosen_key;
      for (int expert = 0; expert < prepared_.experts; ++expert) {
        const bool present = holds(device, expert);
        if (present && !prepared_.instance.cluster.duplicates) continue;
        if (prepared_.instance.keep_groups_on_a_node &&
            node_of_group_[static_cast<std::size_t>(prepared_.group[static_cast<std::size_t>(expert)])] !=
                prepared_.node[d]) {
          continue;
        }
        const bool free = present || prepared_.stood(static_cast<int>(layer_), expert, device);
        const std::tuple<int, int, double> key{
            prepared_.has_placement() && !free ? 1 : 0, present ? 1 : 0,
            -prepared_.load(static_cast<int>(layer_))[static_cast<std::size_t>(expert)]};
        if (chosen < 0 || key < chosen_key) {
          chosen = expert;
          chosen_key = key;
        }
      }
      if (chosen >= 0) put(slot, chosen, 0.0);
    }
  }

  const Prepared& prepared_;
  std::size_t layer_;
  std::span<int> slots_;
  std::vector<double> tokens_;
  ExpertPlan& plan_;
  std::vector<int> node_of_group_;
};

}  // namespace

ExpertPlan empty_plan(const Prepared& prepared) {
  const auto layers = static_cast<std::size_t>(prepared.layers);
  const auto slots = static_cast<std::size_t>(prepared.total_slots());
  ExpertPlan plan;
  plan.slots = Matrix<int>(layers, slots, -1);
  plan.shares = Matrix<double>(layers, slots, 0.0);
  if (prepared.whole_tokens) plan.tokens = Matrix<std::int64_t>(layers, slots, 0);
  return plan;
}

void write_tokens(const Prepared& prepared, int layer, std::span<const double> load, std::span<const double> tokens,
                  ExpertPlan& plan) {
  const auto l = static_cast<std::size_t>(layer);
  const auto slots = plan.slots.row(l);
  std::vector<bool> given(load.size(), false);
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if (slots[slot] < 0) continue;
    const auto expert = static_cast<std::size_t>(slots[slot]);
    const double share = load[expert] > 0 ? tokens[slot] / load[expert] : given[expert] ? 0.0 : 1.0;
    given[expert] = true;
    plan.shares.at(l, slot) = std::clamp(share, 0.0, 1.0);
    if (prepared.whole_tokens) plan.tokens.at(l, slot) = static_cast<std::int64_t>(tokens[slot]);
  }
}

void share_evenly(const Prepared& prepared, int layer, ExpertPlan& plan) {
  share_evenly(prepared, layer, prepared.load(layer), plan);
}

void share_evenly(const Prepared& prepared, int layer, std::span<const double> load, ExpertPlan& plan) {
  const auto l = static_cast<std::size_t>(layer);
  const auto slots = plan.slots.row(l);
  std::vector<std::int64_t> count(load.size(), 0);
  std::vector<std::int64_t> rank(load.size(), 0);
  for (const int expert : slots) {
    if (expert >= 0) ++count[static_cast<std::size_t>(expert)];
  }
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if (slots[slot] < 0) continue;
    const auto expert = static_cast<std::size_t>(slots[slot]);
    double share = 1.0 / static_cast<double>(count[expert]);
    if (prepared.whole_tokens) {
      const auto whole = static_cast<std::int64_t>(load[expert]);
      const std::int64_t tokens = whole / count[expert] + (rank[expert]++ < whole % count[expert] ? 1 : 0);
      plan.tokens.at(l, slot) = tokens;
      if (whole > 0) share = static_cast<double>(tokens) / load[expert];
    }
    plan.shares.at(l, slot) = share;
  }
}

void assemble_layer(const Prepared& prepared, int layer, const LayerPlan& solved, ExpertPlan& plan) {
  LayerAssembly(prepared, layer, solved, plan).write_shares();
}

ExpertPlan assemble(const Prepared& prepared, const std::vector<LayerPlan>& layers) {
  ExpertPlan plan = empty_plan(prepared);
  for (int layer = 0; layer < prepared.layers; ++layer) {
    assemble_layer(prepared, layer, layers[static_cast<std::size_t>(layer)], plan);
  }
  return plan;
}

LayerPlan relabel(const Prepared& prepared, int layer, LayerPlan solved) {
  // With scarce memory each device has its own number of slots in each layer; nothing is alike then.
  if (!prepared.has_placement() || prepared.memory_binds) return solved;
  const auto devices = static_cast<std::size_t>(prepared.devices);
  std::vector<int> target(devices);
  std::vector<bool> done(devices, false);
  for (std::size_t first = 0; first < devices; ++first) {
    if (done[first]) continue;
    // Devices that differ in nothing a plan could notice.
    std::vector<int> alike;
    for (std::size_t device = first; device < devices; ++device) {
      const bool same_node = !prepared.instance.keep_groups_on_a_node || prepared.node[device] == prepared.node[first];
      if (!done[device] && same_node && prepared.slots[device] == prepared.slots[first] &&
          prepared.memory_replicas[device] == prepared.memory_replicas[first] &&
          prepared.speed(static_cast<int>(device)) == prepared.speed(static_cast<int>(first))) {
        alike.push_back(static_cast<int>(device));
        done[device] = true;
      }
    }
    const auto size = alike.size();
    std::vector<std::int64_t> moves(size * size, 0);
    for (const Replica& replica : solved.replicas) {
      const auto row = static_cast<std::size_t>(std::find(alike.begin(), alike.end(), replica.device) - alike.begin());
      if (row == size) continue;
      for (std::size_t column = 0; column < size; ++column) {
        if (!prepared.stood(layer, replica.expert, alike[column])) ++moves[row * size + column];
      }
    }
    const std::vector<int> column = solvers::flow::least_cost_matching(static_cast<int>(size), moves);
    for (std::size_t row = 0; row < size; ++row) {
      target[static_cast<std::size_t>(alike[row])] = alike[static_cast<std::size_t>(column[row])];
    }
  }
  for (Replica& replica : solved.replicas) replica.device = target[static_cast<std::size_t>(replica.device)];
  return solved;
}

}  // namespace plimsoll::experts
