#include "planner/experts/judge_row.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::experts {
namespace {

constexpr double share_tolerance = 1e-9;
constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

}  // namespace

std::string RowPlace::of(std::string_view field) const {
  std::string text = "/plan/";
  if (microstep >= 0) text += "microsteps/" + std::to_string(microstep) + "/";
  return text + std::string(field) + "/" + std::to_string(layer);
}

std::string RowPlace::of(std::string_view field, std::size_t slot) const {
  return of(field) + "/" + std::to_string(slot) + ": ";
}

RowJudge::RowJudge(const ExpertInstance& instance, const std::vector<int>& slots, int transient, Violations& violations)
    : instance_(instance),
      violations_(violations),
      curve_(instance.cost),
      experts_(static_cast<std::size_t>(instance.model.experts)),
      alive_(slots.size(), true) {
  for (const int device : instance.cluster.dead) alive_[static_cast<std::size_t>(device)] = false;
  for (std::size_t device = 0; device < slots.size(); ++device) {
    for (int slot = 0; slot < slots[device]; ++slot) {
      device_of_slot_.push_back(device);
      transient_.push_back(slot >= slots[device] - transient);
    }
  }
}

void RowJudge::judge_expert(const RowPlace& place, std::size_t slot, int expert) {
  const std::size_t device = device_of_slot_[slot];
  if (expert < -1 || expert >= static_cast<int>(experts_)) {
    violations_.add(place.of(place.slots, slot) + "expert " + std::to_string(expert) + " does not exist");
  } else if (expert == -1) {
    if (instance_.cluster.fill_slots && alive_[device] && !transient_[slot]) {
      violations_.add(place.of(place.slots, slot) + "empty, and fill_slots is set (device " + std::to_string(device) +
                      ")");
    }
  } else if (!alive_[device]) {
    violations_.add(place.of(place.slots, slot) + "device " + std::to_string(device) + " is dead and may hold nothing");
  }
}

void RowJudge::judge_slots(const RowPlace& place, std::span<const int> slots, std::span<const int> base) {
  replicas_.assign(experts_, 0);
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    const int expert = slots[slot];
    if (base.empty() || (base[slot] == -1 && transient_[slot])) {
      judge_expert(place, slot, expert);
    } else if (expert != base[slot]) {
      violations_.add(place.of(place.slots, slot) + "expert " + std::to_string(expert) + ", and base holds " +
                      std::to_string(base[slot]) + " here for the whole step");
    }
    if (expert_of(expert) >= 0 && alive_[device_of_slot_[slot]]) ++replicas_[static_cast<std::size_t>(expert)];
  }
  for (std::size_t expert = 0; expert < experts_ && base.empty(); ++expert) {
    if (replicas_[expert] == 0) {
      violations_.add(place.of(place.slots) + ": expert " + std::to_string(expert) + " has no replica");
    }
  }
  if (!instance_.cluster.duplicates) judge_duplicates(place, slots, base);
  if (instance_.keep_groups_on_a_node) judge_groups(place, slots, base);
}

// The slots of a device stand side by side, so that an expert stands twice where its slot before is on the device.
void RowJudge::judge_duplicates(const RowPlace& place, std::span<const int> slots, std::span<const int> base) {
  last_slot_.assign(experts_, nowhere);
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    const std::size_t device = device_of_slot_[slot];
    if (expert_of(slots[slot]) < 0 || !alive_[device]) continue;
    std::size_t& last = last_slot_[static_cast<std::size_t>(slots[slot])];
    const bool of_base = last != nowhere && !base.empty() && base[slot] >= 0 && base[last] >= 0;
    if (last != nowhere && device_of_slot_[last] == device && !of_base) {
      violations_.add(place.of(place.slots, slot) + "device " + std::to_string(device) + " holds expert " +
                      std::to_string(slots[slot]) + " twice, and duplicates are forbidden");
    }
    last = slot;
  }
}

void RowJudge::judge_groups(const RowPlace& place, std::span<const int> slots, std::span<const int> base) {
  const std::size_t size = experts_ / static_cast<std::size_t>(instance_.model.groups);
  home_.assign(static_cast<std::size_t>(instance_.model.groups), -1);
  const auto node_of = [&](std::size_t slot) {
    return static_cast<int>(device_of_slot_[slot]) / instance_.cluster.devices_per_node;
  };
  for (std::size_t slot = 0; slot < base.size(); ++slot) {
    if (expert_of(base[slot]) < 0) continue;
    int& home = home_[static_cast<std::size_t>(base[slot]) / size];
    if (home == -1) home = node_of(slot);
  }
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if (expert_of(slots[slot]) < 0 || (!base.empty() && base[slot] >= 0)) continue;
    const std::size_t group = static_cast<std::size_t>(slots[slot]) / size;
    int& home = home_[group];
    if (home == -1) home = node_of(slot);
    if (home != node_of(slot)) {
      violations_.add(place.of(place.slots, slot) + "expert " + std::to_string(slots[slot]) + " stands on node " +
                      std::to_string(node_of(slot)) + ", its group " + std::to_string(group) + " already on node " +
                      std::to_string(home));
    }
  }
}

void RowJudge::judge_shares(const RowPlace& place, const PlanRow& row, std::span<const double> load,
                            std::span<double> seconds) {
  share_sum_.assign(experts_, 0.0);
  token_sum_.assign(experts_, 0);
  seen_.assign(experts_, 0);
  for (std::size_t slot = 0; slot < row.slots.size(); ++slot) {
    if (expert_of(row.slots[slot]) < 0) {
      if (!(row.shares[slot] == 0.0)) violations_.add(place.of("shares", slot) + "an empty slot has a share");
      if (tiled() && row.tokens[slot] != 0) violations_.add(place.of("tokens", slot) + "an empty slot has tokens");
      continue;
    }
    if (!(row.shares[slot] >= 0.0) || !std::isfinite(row.shares[slot])) {
      violations_.add(place.of("shares", slot) + "a share must be at least 0");
      continue;
    }
    const auto expert = static_cast<std::size_t>(row.slots[slot]);
    share_sum_[expert] += row.shares[slot];
    if (tiled()) judge_tokens(place, row, slot, load[expert]);
    if (instance_.dispatch == Dispatch::even) judge_even(place, row, slot, load[expert]);
  }
  judge_sums(place, load);
  for (std::size_t slot = 0; slot < row.slots.size(); ++slot) {
    if (expert_of(row.slots[slot]) < 0) continue;
    const auto expert = static_cast<std::size_t>(row.slots[slot]);
    seconds[device_of_slot_[slot]] += curve_.seconds(tokens_of(row, slot, load[expert]));
  }
  for (std::size_t device = 0; device < seconds.size(); ++device) seconds[device] /= instance_.cluster.speed[device];
}

void RowJudge::judge_sums(const RowPlace& place, std::span<const double> load) {
  for (std::size_t expert = 0; expert < experts_; ++expert) {
    if (replicas_[expert] == 0) continue;
    if (!(std::abs(share_sum_[expert] - 1.0) <= share_tolerance)) {
      violations_.add(place.of("shares") + ": the shares of expert " + std::to_string(expert) + " sum to " +
                      std::to_string(share_sum_[expert]) + ", expected 1");
    }
    if (tiled() && static_cast<double>(token_sum_[expert]) != load[expert]) {
      violations_.add(place.of("tokens") + ": the tokens of expert " + std::to_string(expert) + " sum to " +
                      std::to_string(token_sum_[expert]) + ", its load is " +
                      std::to_string(static_cast<std::int64_t>(load[expert])));
    }
  }
}

// Shares may miss what they should be by 1e-9. Even parts are taken exactly, weighted ones divided by their sum, so
// that no token is lost on the way to the objective.
double RowJudge::tokens_of(const PlanRow& row, std::size_t slot, double load) const {
  if (tiled()) return static_cast<double>(row.tokens[slot]);
  const auto expert = static_cast<std::size_t>(row.slots[slot]);
  if (instance_.dispatch == Dispatch::even) return load / static_cast<double>(replicas_[expert]);
  return load * (row.shares[slot] / share_sum_[expert]);
}

void RowJudge::judge_tokens(const RowPlace& place, const PlanRow& row, std::size_t slot, double load) {
  const std::int64_t tokens = row.tokens[slot];
  if (tokens < 0 || static_cast<double>(tokens) > load) {
    violations_.add(place.of("tokens", slot) + std::to_string(tokens) + " tokens, the expert's load is " +
                    std::to_string(static_cast<std::int64_t>(load)));
    return;
  }
  token_sum_[static_cast<std::size_t>(row.slots[slot])] += tokens;
  if (load > 0 && std::abs(row.shares[slot] - static_cast<double>(tokens) / load) > share_tolerance) {
    violations_.add(place.of("shares", slot) + "the share does not agree with the tokens");
  }
}

// docs/formats.md: even dispatch gives ceil(load / n) tokens to the first slots in order and floor to the rest.
void RowJudge::judge_even(const RowPlace& place, const PlanRow& row, std::size_t slot, double load) {
  const auto expert = static_cast<std::size_t>(row.slots[slot]);
  const std::int64_t rank = seen_[expert]++;
  const std::int64_t count = replicas_[expert];
  if (count == 0) return;  // it stands on dead devices alone, which is a violation already
  if (tiled()) {
    const auto whole = static_cast<std::int64_t>(load);
    const std::int64_t expected = whole / count + (rank < whole % count ? 1 : 0);
    if (row.tokens[slot] != expected) {
      violations_.add(place.of("tokens", slot) + "even dispatch gives this slot " + std::to_string(expected) +
                      " tokens");
    }
    if (load > 0) return;
  }
  if (std::abs(row.shares[slot] - 1.0 / static_cast<double>(count)) > share_tolerance) {
    violations_.add(place.of("shares", slot) + "even dispatch gives this slot a share of 1/" + std::to_string(count));
  }
}

}  // namespace plimsoll::experts
