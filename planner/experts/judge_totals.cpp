#include "planner/experts/judge_totals.hpp"

#include <iterator>
#include <string>

namespace plimsoll::experts {
namespace {

// Who holds what in a row: device * experts + expert, ascending, once each.
void pairs_of(std::span<const int> slots, std::span<const std::size_t> device_of_slot, std::size_t experts,
              std::vector<std::size_t>& pairs) {
  pairs.clear();
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if (slots[slot] < 0 || static_cast<std::size_t>(slots[slot]) >= experts) continue;
    pairs.push_back(device_of_slot[slot] * experts + static_cast<std::size_t>(slots[slot]));
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
}

}  // namespace

std::int64_t judge_moves(const ExpertInstance& instance, const RowJudge& rows, const Matrix<int>& slots,
                         std::string_view name, Violations& violations) {
  if (!instance.placement) return 0;
  const auto devices = static_cast<std::size_t>(instance.cluster.devices());
  const auto experts = static_cast<std::size_t>(instance.model.experts);
  std::vector<std::size_t> device_of_placed;
  for (std::size_t device = 0; device < devices; ++device) {
    device_of_placed.insert(device_of_placed.end(), static_cast<std::size_t>(instance.cluster.slots[device]), device);
  }
  std::vector<std::size_t> device_of_slot(rows.columns());
  for (std::size_t slot = 0; slot < rows.columns(); ++slot) device_of_slot[slot] = rows.device_of_slot(slot);

  std::vector<std::int64_t> arrivals(devices, 0);
  std::vector<std::size_t> before;
  std::vector<std::size_t> after;
  std::vector<std::size_t> arrived;
  for (std::size_t layer = 0; layer < slots.rows(); ++layer) {
    pairs_of(instance.placement->row(layer), device_of_placed, experts, before);
    pairs_of(slots.row(layer), device_of_slot, experts, after);
    arrived.clear();
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(arrived));
    for (const std::size_t pair : arrived) ++arrivals[pair / experts];
  }
  std::int64_t moves = 0;
  for (const std::int64_t count : arrivals) moves += count;

  const auto& limits = instance.limits;
  const std::string place = "/plan/" + std::string(name) + ": ";
  if (limits.max_moves && moves > *limits.max_moves) {
    violations.add(place + std::to_string(moves) + " moves, at most " + std::to_string(*limits.max_moves) +
                   " are allowed");
  }
  for (std::size_t device = 0; device < devices && limits.max_moves_per_device; ++device) {
    if (arrivals[device] > *limits.max_moves_per_device) {
      violations.add(place + std::to_string(arrivals[device]) + " moves to device " + std::to_string(device) +
                     ", at most " + std::to_string(*limits.max_moves_per_device) + " are allowed");
    }
  }
  return moves;
}

void judge_memory(const ExpertInstance& instance, const std::vector<std::int64_t>& held, std::string_view name,
                  std::string_view what, Violations& violations) {
  if (!instance.cluster.memory_bytes) return;
  for (std::size_t device = 0; device < held.size(); ++device) {
    const double bytes = static_cast<double>(held[device]) * instance.model.expert_bytes;
    if (bytes > *instance.cluster.memory_bytes * (1 + 1e-12)) {
      violations.add("/plan/" + std::string(name) + ": device " + std::to_string(device) + " holds " +
                     std::to_string(held[device]) + " " + std::string(what) + " over all layers, " +
                     std::to_string(bytes - *instance.cluster.memory_bytes) + " bytes more than its memory");
    }
  }
}

Imbalance::Imbalance(const ExpertInstance& instance) : token_seconds_(instance.cost.token_seconds) {
  std::vector<bool> alive(static_cast<std::size_t>(instance.cluster.devices()), true);
  for (const int device : instance.cluster.dead) alive[static_cast<std::size_t>(device)] = false;
  for (std::size_t device = 0; device < alive.size(); ++device) {
    if (alive[device]) speed_ += instance.cluster.speed[device];
  }
}

void Imbalance::add(std::span<const double> load, double largest_seconds) {
  double tokens = 0;
  for (const double part : load) tokens += part;
  const double ideal = token_seconds_ * tokens / speed_;
  if (!(ideal > 0)) return;
  const double imbalance = largest_seconds / ideal;
  worst_ = rows_ == 0 ? imbalance : std::max(worst_, imbalance);
  sum_ += imbalance;
  ++rows_;
}

}  // namespace plimsoll::experts
