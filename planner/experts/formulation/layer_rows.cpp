#include "planner/experts/formulation/layer_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace plimsoll::experts {

using solvers::mip::Entry;
using solvers::mip::infinity;

LayerRows::LayerRows(LayerFrame frame)
    : frame_(std::move(frame)),
      count_(static_cast<std::size_t>(frame_.prepared.experts) * static_cast<std::size_t>(frame_.prepared.devices)),
      most_(count_.size(), 0),
      charges_(static_cast<std::size_t>(frame_.prepared.devices)),
      time_rows_(static_cast<std::size_t>(frame_.prepared.devices), -1) {}

int LayerRows::slots_of_all() const { return std::accumulate(frame_.capacity.begin(), frame_.capacity.end(), 0); }

double LayerRows::budget(int device) const { return frame_.upper * frame_.prepared.speed(device) * (1 + 1e-9); }

double LayerRows::largest_budget() const {
  double largest = 0;
  for (int device = 0; device < frame_.prepared.devices; ++device) {
    if (slots(device) > 0) largest = std::max(largest, budget(device));
  }
  return largest;
}

std::string LayerRows::name(const char* kind, std::initializer_list<int> indices) const {
  std::string text = std::string(kind) + "_" + std::to_string(frame_.layer);
  for (const int number : indices) text += "_" + std::to_string(number);
  return text;
}

void LayerRows::may_stand(int expert, int device, int variable, int most) {
  count_[index(expert, device)].push_back(variable);
  int& known = most_[index(expert, device)];
  known = std::max(known, most);
}

void LayerRows::charge(int device, int variable, double seconds) {
  const double units = coefficient(seconds / frame_.prepared.speed(device) / frame_.unit);
  if (units != 0) charges_[static_cast<std::size_t>(device)].push_back({variable, units});
}

void LayerRows::close_devices(bool refill) {
  const bool fill = frame_.prepared.instance.cluster.fill_slots;
  for (int device = 0; device < frame_.prepared.devices; ++device) {
    if (slots(device) == 0) continue;
    std::vector<Entry> standing;
    for (int expert = 0; expert < frame_.prepared.experts; ++expert) {
      for (const int variable : count(expert, device)) standing.push_back({variable, 1.0});
    }
    const double most = slots(device);
    frame_.model.add_row(!fill    ? -infinity
                         : refill ? std::min(1.0, most)
                                  : most,
                         most, standing, name("slots", {device}));
    auto& charges = charges_[static_cast<std::size_t>(device)];
    charges.push_back({frame_.time, -1.0});
    time_rows_[static_cast<std::size_t>(device)] =
        frame_.model.add_row(-infinity, 0.0, charges, name("ends", {device}));
  }
}

LayerPlan layer_of(const Prepared& prepared, const ExpertPlan& plan, int layer) {
  LayerPlan found;
  const auto l = static_cast<std::size_t>(layer);
  const auto load = prepared.load(layer);
  for (int slot = 0; slot < prepared.total_slots(); ++slot) {
    const auto s = static_cast<std::size_t>(slot);
    const int expert = plan.slots.at(l, s);
    if (expert < 0) continue;
    const double tokens = prepared.whole_tokens ? static_cast<double>(plan.tokens.at(l, s))
                                                : plan.shares.at(l, s) * load[static_cast<std::size_t>(expert)];
    found.replicas.push_back({expert, prepared.device_of_slot(slot), tokens});
  }
  found.feasible = true;
  return found;
}

}  // namespace plimsoll::experts
