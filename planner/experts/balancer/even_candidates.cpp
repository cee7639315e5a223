// What may be moved next in a layer, and what each candidate gains.
#include <algorithm>
#include <numeric>

#include "planner/experts/balancer/even_layer.hpp"
#include "planner/experts/balancer/even_norm.hpp"

namespace plimsoll::experts::balancer {
namespace {

// Devices that are tried, the weightiest first, until one of them gives a step.
constexpr std::size_t devices_tried = 3;

// Sizes of a replica, as piece_ has them.
constexpr int no_replica = -1;
constexpr int one_less = 0;
constexpr int as_it_is = 1;
constexpr int one_more = 2;

std::size_t index(int number) { return static_cast<std::size_t>(number); }

}  // namespace

std::vector<int> EvenLayer::critical_devices() const {
  std::vector<double> part(index(devices_), 0.0);
  for (int device = 0; device < devices_; ++device) {
    for (std::size_t m = 1; m < lanes_; ++m) {
      if (sum_[m] > 0) part[index(device)] += weight_[m] * norm_[m] / sum_[m] * power_[device_cell(device, m)];
    }
  }
  std::vector<int> order(index(devices_));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return part[index(a)] > part[index(b)]; });
  order.resize(std::min(order.size(), devices_tried));
  return order;
}

void EvenLayer::relief_of_swap(int slot, int other, Lanes lanes) {
  const std::size_t device = index(prepared_.device_of_slot(slot));
  const std::size_t there = index(prepared_.device_of_slot(other));
  const std::size_t mine = index(row_[index(slot)]);
  const int theirs = row_[index(other)];
  const double slowness = slowness_[device];
  const double slowness_there = slowness_[there];
  for (std::size_t m = lanes.first; m < lanes.last; ++m) {
    const double* piece = &piece_[1][expert_cell(0, m)];
    const double* time = &time_[device_cell(0, m)];
    const double* before = &power_[device_cell(0, m)];
    const double shift = piece[mine] - (theirs >= 0 ? piece[index(theirs)] : 0.0);
    relief_[m] = before[device] - power(time[device] - shift * slowness) +
                 (before[there] - power(time[there] + shift * slowness_there));
  }
  work_ += lanes.last - lanes.first;
}

void EvenLayer::touch(int device, int expert, int before, int after, Lanes lanes) {
  if (touched_mark_[index(device)] == 0) {
    touched_mark_[index(device)] = 1;
    touched_.push_back(device);
  }
  for (std::size_t m = lanes.first; m < lanes.last; ++m) {
    double& change = change_[device_cell(device, m)];
    if (after >= 0) change += piece_[index(after)][expert_cell(expert, m)];
    if (before >= 0) change -= piece_[index(before)][expert_cell(expert, m)];
  }
}

void EvenLayer::relief_of_recount(int slot, int expert, Lanes lanes) {
  touched_.clear();
  const int held = row_[index(slot)];
  if (held >= 0) {
    for (const int other : slots_of_[index(held)]) {
      touch(prepared_.device_of_slot(other), held, as_it_is, other == slot ? no_replica : one_less, lanes);
    }
  }
  for (const int other : slots_of_[index(expert)]) {
    touch(prepared_.device_of_slot(other), expert, as_it_is, one_more, lanes);
  }
  touch(prepared_.device_of_slot(slot), expert, no_replica, one_more, lanes);
  std::fill(relief_.begin(), relief_.end(), 0.0);
  for (const int where : touched_) {
    const double slowness = slowness_[index(where)];
    for (std::size_t m = lanes.first; m < lanes.last; ++m) {
      const std::size_t at = device_cell(where, m);
      relief_[m] += power_[at] - power(time_[at] + change_[at] * slowness);
      change_[at] = 0.0;
    }
    touched_mark_[index(where)] = 0;
  }
  work_ += touched_.size() * (lanes.last - lanes.first);
}

void EvenLayer::relief_of(const Step& step, Lanes lanes) {
  if (step.other >= 0) {
    relief_of_swap(step.slot, step.other, lanes);
  } else {
    relief_of_recount(step.slot, step.expert, lanes);
  }
}

double EvenLayer::exact_gain() const {
  double gain = 0;
  for (std::size_t m = 1; m < lanes_; ++m) {
    gain += weight_[m] * (norm_[m] - root(std::max(0.0, sum_[m] - relief_[m])));
  }
  return gain;
}

// Less than each of a full shortlist, unless it took moves back, which counts more: what changes only slots that stand
// as they did takes none back.
bool EvenLayer::hopeless(double estimate, int slot, int other) const {
  if (list_.size() < shortlisted || estimate > list_.front().worth) return false;
  return row_[index(slot)] == stood_row_[index(slot)] && row_[index(other)] == stood_row_[index(other)];
}

void EvenLayer::remember(const Step& step, double estimate) {
  const auto better = [](const Candidate& a, const Candidate& b) { return a.worth > b.worth; };
  const double worth = step.moves > 0 ? estimate / step.moves : 1e3 * estimate;
  if (list_.size() == shortlisted) {
    if (worth <= list_.front().worth) return;
    std::pop_heap(list_.begin(), list_.end(), better);
    list_.pop_back();
  }
  list_.push_back({step, worth});
  std::push_heap(list_.begin(), list_.end(), better);
}

void EvenLayer::consider_swap(int slot, int other, double estimate) {
  const int mine = row_[index(slot)];
  const int theirs = row_[index(other)];
  if (mine == theirs || hopeless(estimate, slot, other)) return;
  const int device = prepared_.device_of_slot(slot);
  const int there = prepared_.device_of_slot(other);
  if (!may_hold(mine, there) || (theirs >= 0 && !may_hold(theirs, device))) return;
  Step step{slot, other, -1, 0, arrival(mine, there) - departure(mine, device)};
  if (theirs >= 0) step.moves += arrival(theirs, device) - departure(theirs, there);
  if (step.moves > 1) step.moves += extra_moves_;
  remember(step, estimate);
}

// In the mean lane: what all devices of an expert would gain if it had one more replica somewhere.
double EvenLayer::thinning(int expert) const {
  const double change = mean_piece(expert, 1) - mean_piece(expert);
  double gain = 0;
  for (const int slot : slots_of_[index(expert)]) {
    const int device = prepared_.device_of_slot(slot);
    gain += power_[device_cell(device, 0)] - power(time_[device_cell(device, 0)] + change * slowness_[index(device)]);
  }
  return gain;
}

void EvenLayer::consider_recount(int slot, int expert, double thinning) {
  const int held = row_[index(slot)];
  const int device = prepared_.device_of_slot(slot);
  if (held == expert || (held >= 0 && slots_of_[index(held)].size() < 2)) return;
  // Without what the other replicas of the expert that leaves have to carry then.
  const double change = mean_piece(expert, 1) - slot_piece_[index(slot)];
  const double most = thinning + power_[device_cell(device, 0)] -
                      power(time_[device_cell(device, 0)] + change * slowness_[index(device)]);
  work_ += 2;
  if (most <= 0 || hopeless(most, slot, slot) || !may_hold(expert, device)) return;
  relief_of_recount(slot, expert, mean_lane);
  const double gain = relief_[0];
  if (gain <= 0 || hopeless(gain, slot, slot)) return;
  remember({slot, -1, expert, 0, arrival(expert, device) - departure(held, device)}, gain);
}

// relief_of_swap() in the mean lane, for all partners.
void EvenLayer::consider_swaps(int device) {
  const double time = time_[device_cell(device, 0)];
  const double before = power_[device_cell(device, 0)];
  for (int slot = prepared_.first_slot[index(device)]; slot < prepared_.first_slot[index(device) + 1]; ++slot) {
    if (row_[index(slot)] < 0) continue;
    const double mine = slot_piece_[index(slot)];
    for (int there = 0; there < devices_; ++there) {
      if (there == device || !prepared_.alive[index(there)]) continue;
      const double time_there = time_[device_cell(there, 0)];
      const double both = before + power_[device_cell(there, 0)];
      for (int other = prepared_.first_slot[index(there)]; other < prepared_.first_slot[index(there) + 1]; ++other) {
        // The device must get lighter.
        const double shift = mine - slot_piece_[index(other)];
        if (shift <= 0) continue;
        const double gain =
            both - power(time - shift * slowness_[index(device)]) - power(time_there + shift * slowness_[index(there)]);
        if (gain > 0) consider_swap(slot, other, gain);
      }
    }
    work_ += row_.size();
  }
}

void EvenLayer::consider_recounts(int device) {
  const int first = prepared_.first_slot[index(device)];
  const int last = prepared_.first_slot[index(device) + 1];
  for (int slot = first; slot < last; ++slot) {
    const int expert = row_[index(slot)];
    if (expert < 0) continue;
    const double gain = thinning(expert);
    for (int other = 0; other < prepared_.total_slots(); ++other) {
      if (other < first || other >= last) consider_recount(other, expert, gain);
    }
    if (slots_of_[index(expert)].size() < 2) continue;
    for (int arriving = 0; arriving < prepared_.experts; ++arriving) {
      // The device must get lighter.
      if (mean_piece(arriving, 1) < mean_piece(expert)) consider_recount(slot, arriving, thinning(arriving));
    }
  }
}

Step EvenLayer::pick(const Allowance& allowance, double least_gain, double least_seconds) {
  Step best;
  for (Candidate& candidate : list_) {
    Step& step = candidate.step;
    if (!fits(step, allowance)) continue;
    relief_of(step, scenario_lanes());
    step.gain = exact_gain();
    const int moves = std::max(1, step.moves);
    if (step.gain <= moves * (least_gain * value_ + least_seconds)) {
      best_refused_ = std::max(best_refused_, step.gain / moves);
      continue;
    }
    if (!best.exists() || step.value() > best.value()) best = step;
  }
  return best;
}

Step EvenLayer::best_step(const Allowance& allowance, double least_gain, double least_seconds) {
  for (const int device : critical_devices()) {
    list_.clear();
    consider_swaps(device);
    consider_recounts(device);
    const Step best = pick(allowance, std::max(least_gain, 1e-12), least_seconds);
    if (best.exists()) return best;
  }
  return {};
}

Step EvenLayer::best_place(int expert, const Allowance& allowance) {
  Step best;
  for (int slot = 0; slot < prepared_.total_slots(); ++slot) {
    const int held = row_[index(slot)];
    const int device = prepared_.device_of_slot(slot);
    if ((held >= 0 && slots_of_[index(held)].size() < 2) || !may_hold(expert, device)) continue;
    if (held < 0 && !allowance.device_room.empty() && allowance.device_room[index(device)] < 1) continue;
    relief_of_recount(slot, expert, scenario_lanes());
    const double gain = exact_gain();
    if (best.exists() && gain <= best.gain) continue;
    best = {slot, -1, expert, gain, arrival(expert, device)};
  }
  return best;
}

}  // namespace plimsoll::experts::balancer
