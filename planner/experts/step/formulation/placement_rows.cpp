// What stands, for the whole step and at single micro-steps:
//   sum_e x[l,e,d] + sum_e y[m,l,e,d] <= base and transient columns,   sum_e y[m,l,e,d] <= transient columns,
// which says with fewer variables that transient columns may serve as base slots. For pools and memory u[l,d] counts
// those that do.
#include <algorithm>

#include "planner/experts/step/formulation/frame.hpp"

namespace plimsoll::experts::step {

using solvers::mip::infinity;

std::string label(const char* kind, std::initializer_list<int> indices) {
  std::string text = kind;
  for (const int number : indices) text += "_" + std::to_string(number);
  return text;
}

namespace {

void add_slots(Frame& frame, int layer, int device) {
  const Prepared& prepared = frame.prepared;
  const Cluster& cluster = prepared.instance.experts.cluster;
  const Sum base = frame.base_on(layer, device);
  const int slots = frame.base_slots(device);
  double fewest = 0;
  // Slots that stay empty can be filled up with duplicates where one replica stands.
  if (cluster.fill_slots && frame.alive(device)) fewest = cluster.duplicates ? std::min(1, slots) : slots;
  if (!base.empty()) base.require(frame.model, fewest, frame.columns(device), label("slots", {layer, device}));
  for (int m = 0; m < prepared.microsteps; ++m) {
    Sum all = frame.transient_on(m, layer, device);
    if (all.empty()) continue;
    all.require(frame.model, -infinity, prepared.transient);
    all.add(base, 1.0).require(frame.model, -infinity, frame.columns(device));
  }
}

// u[l,d] where it takes a variable to say it.
void add_serving(Frame& frame, int device) {
  const Prepared& prepared = frame.prepared;
  const auto& memory = prepared.instance.experts.cluster.memory_bytes;
  const double bytes = prepared.instance.experts.model.expert_bytes;
  const bool weighed = memory && bytes > 0;
  if ((!prepared.pool && !weighed) || prepared.transient == 0 || !frame.alive(device)) return;
  Sum all;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const int serving = frame.model.add_variable(0, prepared.transient, 0, true, label("u", {layer, device}));
    frame.serving[static_cast<std::size_t>(layer * prepared.devices + device)] = serving;
    // Base replicas in base columns: as many as there are, and all of them where slots have to be filled.
    Sum proper = frame.base_on(layer, device);
    const int slots = frame.base_slots(device);
    const Cluster& cluster = prepared.instance.experts.cluster;
    const bool full = cluster.fill_slots && !cluster.duplicates;
    proper.add(serving, -1.0).require(frame.model, full ? slots : 0, slots);
    for (int m = 0; m < prepared.microsteps; ++m) {
      frame.transient_on(m, layer, device).add(serving, 1.0).require(frame.model, -infinity, prepared.transient);
    }
    all.add(serving, 1.0);
  }
  if (prepared.pool) all.require(frame.model, -infinity, prepared.transient, label("pool", {device}));
}

// Base replicas, those in transient columns not counted twice, and all transient columns.
void add_memory(Frame& frame, int device) {
  const Prepared& prepared = frame.prepared;
  const auto& memory = prepared.instance.experts.cluster.memory_bytes;
  const double bytes = prepared.instance.experts.model.expert_bytes;
  if (!memory || !(bytes > 0) || !frame.alive(device)) return;
  const int reserved = prepared.pool ? prepared.transient : prepared.transient * prepared.layers;
  Sum held;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    held.add(frame.base_on(layer, device), 1.0);
    held.add(frame.serving[static_cast<std::size_t>(layer * prepared.devices + device)], -1.0);
  }
  held.constant(reserved).require(frame.model, -infinity, *memory / bytes * (1 + 1e-12), label("memory", {device}));
}

// h[l,G,n] = 1: all replicas of the group's experts stand on the node.
void add_groups(Frame& frame, int layer) {
  const Prepared& prepared = frame.prepared;
  if (!prepared.instance.experts.keep_groups_on_a_node) return;
  const int groups = prepared.instance.experts.model.groups;
  for (int group = 0; group < groups; ++group) {
    Sum one;
    const std::size_t first = frame.home.size();
    for (int node = 0; node < prepared.columns.nodes; ++node) {
      frame.home.push_back(frame.model.add_variable(0, 1, 0, true, label("h", {layer, group, node})));
      one.add(frame.home.back(), 1.0);
    }
    one.require(frame.model, 1, 1);
    for (int expert = 0; expert < prepared.experts; ++expert) {
      if (prepared.columns.group[static_cast<std::size_t>(expert)] != group) continue;
      for (int device = 0; device < prepared.devices; ++device) {
        const int node = prepared.columns.node[static_cast<std::size_t>(device)];
        const int here = frame.home[first + static_cast<std::size_t>(node)];
        const auto bind = [&](int variable) {
          if (variable < 0) return;
          const double most = frame.model.variable(variable).upper;
          Sum().add(variable, 1.0).add(here, -most).require(frame.model, -infinity, 0);
        };
        bind(frame.base[frame.at(layer, expert, device)]);
        for (int m = 0; m < prepared.microsteps; ++m) bind(frame.transient[frame.at(m, layer, expert, device)]);
      }
    }
  }
}

bool stood(const StepInstance& instance, const Prepared& prepared, int layer, int expert, int device) {
  const auto row = instance.experts.placement->row(static_cast<std::size_t>(layer));
  int first = 0;
  for (int before = 0; before < device; ++before) {
    first += instance.experts.cluster.slots[static_cast<std::size_t>(before)];
  }
  for (int slot = first; slot < first + prepared.base_slots[static_cast<std::size_t>(device)]; ++slot) {
    if (row[static_cast<std::size_t>(slot)] == expert) return true;
  }
  return false;
}

void add_moves(Frame& frame) {
  const Prepared& prepared = frame.prepared;
  const ExpertInstance& experts = prepared.instance.experts;
  const auto& limits = experts.limits;
  if (!experts.placement || (!limits.max_moves && !limits.max_moves_per_device && !(experts.move_seconds > 0))) return;
  Sum all;
  for (int device = 0; device < prepared.devices; ++device) {
    Sum here;
    for (int layer = 0; layer < prepared.layers; ++layer) {
      for (int expert = 0; expert < prepared.experts; ++expert) {
        const int base = frame.base[frame.at(layer, expert, device)];
        if (base < 0 || stood(prepared.instance, prepared, layer, expert, device)) continue;
        const double most = frame.model.variable(base).upper;
        const int move = frame.model.add_variable(0, 1, experts.move_seconds / frame.unit, true,
                                                  label("move", {layer, expert, device}));
        Sum().add(base, 1.0).add(move, -most).require(frame.model, -infinity, 0);
        frame.moves.push_back({base, move});
        here.add(move, 1.0);
      }
    }
    if (limits.max_moves_per_device && !here.empty()) {
      here.require(frame.model, -infinity, static_cast<double>(*limits.max_moves_per_device));
    }
    all.add(here, 1.0);
  }
  if (limits.max_moves && !all.empty()) all.require(frame.model, -infinity, static_cast<double>(*limits.max_moves));
}

}  // namespace

void add_placement_rows(Frame& frame) {
  const Prepared& prepared = frame.prepared;
  for (int device = 0; device < prepared.devices; ++device) {
    for (int layer = 0; layer < prepared.layers; ++layer) add_slots(frame, layer, device);
    add_serving(frame, device);
    add_memory(frame, device);
  }
  for (int layer = 0; layer < prepared.layers; ++layer) {
    for (int expert = 0; expert < prepared.experts; ++expert) {
      Sum anywhere;
      for (int device = 0; device < prepared.devices; ++device) {
        anywhere.add(frame.base[frame.at(layer, expert, device)], 1.0);
      }
      anywhere.require(frame.model, 1, infinity, label("stands", {layer, expert}));
    }
    add_groups(frame, layer);
  }
  add_moves(frame);
}

void add_window_rows(Frame& frame) {
  for (std::size_t window = 0; window < frame.prepared.windows.size(); ++window) {
    const bool last = window + 1 == frame.prepared.windows.size();
    Sum gap;
    gap.add(last ? frame.end : frame.start[window + 1], 1.0).add(frame.end_of(static_cast<int>(window)), -1.0);
    gap.require(frame.model, 0, infinity, label("after", {static_cast<int>(window)}));
  }
}

}  // namespace plimsoll::experts::step
