#include "planner/experts/balancer/even_layer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace plimsoll::experts::balancer {
namespace {

// Devices that are tried, the weightiest first, until one of them gives a step.
constexpr std::size_t devices_tried = 3;

std::size_t index(int number) { return static_cast<std::size_t>(number); }

double power(double time) {
  const double square = time * time;
  const double fourth = square * square;
  return fourth * fourth;
}

// Sizes of a replica, as piece_ has them.
constexpr int no_replica = -1;
constexpr int one_less = 0;
constexpr int as_it_is = 1;
constexpr int one_more = 2;

double root(double sum) { return std::sqrt(std::sqrt(std::sqrt(sum))); }

}  // namespace

EvenLayer::EvenLayer(const Prepared& prepared, int layer, const Scenarios& scenarios, std::span<const int> row,
                     int extra_moves)
    : prepared_(prepared),
      devices_(prepared.devices),
      extra_moves_(extra_moves),
      lanes_(scenarios.load.size() + 1),
      tokens_(index(prepared.experts) * lanes_),
      row_(row.begin(), row.end()),
      stood_row_(row_),
      slot_piece_(row_.size(), 0.0),
      slots_of_(index(prepared.experts)),
      copies_(index(prepared.experts) * index(devices_), 0),
      home_(index(prepared.experts), -1),
      time_(index(devices_) * lanes_, 0.0),
      power_(time_),
      sum_(lanes_, 0.0),
      norm_(lanes_, 0.0),
      relief_(lanes_, 0.0),
      change_(time_),
      touched_mark_(index(devices_), 0) {
  double speed = 0;
  for (int device = 0; device < devices_; ++device) slowness_.push_back(1 / prepared.speed(device));
  for (int device = 0; device < devices_; ++device) {
    if (prepared.alive[index(device)]) speed += prepared.speed(device);
  }
  weight_.push_back(0.0);
  for (std::size_t m = 1; m < lanes_; ++m) {
    const auto load = scenarios.load[m - 1].row(index(layer));
    for (int expert = 0; expert < prepared.experts; ++expert) {
      tokens_[expert_cell(expert, m)] = load[index(expert)];
      tokens_[expert_cell(expert, 0)] += scenarios.weight[m - 1] * load[index(expert)];
    }
  }
  for (std::size_t m = 0; m < lanes_; ++m) {
    double seconds = 0;
    for (int expert = 0; expert < prepared.experts; ++expert)
      seconds += prepared.curve.seconds(tokens_[expert_cell(expert, m)]);
    // Without load there is nothing to divide by, and nothing to be gained.
    unit_.push_back(seconds > 0 ? seconds / speed : 1.0);
    if (m > 0) weight_.push_back(scenarios.weight[m - 1] * unit_.back());
  }
  for (auto& piece : piece_) piece.assign(tokens_.size(), 0.0);
  for (std::size_t slot = 0; slot < row_.size(); ++slot) {
    if (row_[slot] < 0) continue;
    const int device = prepared.device_of_slot(static_cast<int>(slot));
    slots_of_[index(row_[slot])].push_back(static_cast<int>(slot));
    ++copies(row_[slot], device);
    if (!prepared.instance.keep_groups_on_a_node) continue;
    for (int expert = 0; expert < prepared.experts; ++expert) {
      if (prepared.group[index(expert)] == prepared.group[index(row_[slot])]) {
        home_[index(expert)] = prepared.node[index(device)];
      }
    }
  }
  for (const int count : copies_) stood_.push_back(count > 0 ? 1 : 0);
  for (int expert = 0; expert < prepared.experts; ++expert) count_again(expert);
  for (int device = 0; device < devices_; ++device) retime(device);
  revalue();
}

std::uint64_t EvenLayer::take_work() {
  const std::uint64_t work = work_;
  work_ = 0;
  return work;
}

void EvenLayer::count_again(int expert) {
  const auto replicas = static_cast<int>(slots_of_[index(expert)].size());
  const CostCurve& curve = prepared_.curve;
  for (int more = -1; more <= 1; ++more) {
    for (std::size_t m = 0; m < lanes_; ++m) {
      double& piece = piece_[index(more + 1)][expert_cell(expert, m)];
      piece = 0.0;
      if (replicas + more < 1) continue;
      const double tokens = tokens_[expert_cell(expert, m)] / (replicas + more);
      // The first replicas get the rounded-up part; judging all by it errs on the safe side by one token.
      piece = curve.seconds(curve.tiled() ? std::ceil(tokens) : tokens) / unit_[m];
    }
  }
  work_ += 3 * lanes_;
}

void EvenLayer::retime(int device) {
  for (std::size_t m = 0; m < lanes_; ++m) time_[device_cell(device, m)] = 0.0;
  // Summed anew each time, so that no rounding error builds up.
  for (int slot = prepared_.first_slot[index(device)]; slot < prepared_.first_slot[index(device) + 1]; ++slot) {
    const int expert = row_[index(slot)];
    slot_piece_[index(slot)] = expert >= 0 ? mean_piece(expert) : 0.0;
    if (expert < 0) continue;
    for (std::size_t m = 0; m < lanes_; ++m) time_[device_cell(device, m)] += piece_[1][expert_cell(expert, m)];
  }
  for (std::size_t m = 0; m < lanes_; ++m) {
    double& time = time_[device_cell(device, m)];
    time /= prepared_.speed(device);
    power_[device_cell(device, m)] = power(time);
  }
}

void EvenLayer::revalue() {
  std::fill(sum_.begin(), sum_.end(), 0.0);
  for (int device = 0; device < devices_; ++device) {
    for (std::size_t m = 0; m < lanes_; ++m) sum_[m] += power_[device_cell(device, m)];
  }
  value_ = 0;
  for (std::size_t m = 0; m < lanes_; ++m) {
    norm_[m] = root(sum_[m]);
    value_ += weight_[m] * norm_[m];
  }
  work_ += time_.size();
}

bool EvenLayer::may_hold(int expert, int device) {
  if (!prepared_.alive[index(device)]) return false;
  if (home_[index(expert)] >= 0 && home_[index(expert)] != prepared_.node[index(device)]) return false;
  return prepared_.instance.cluster.duplicates || copies(expert, device) == 0;
}

// One more copy on the device: is it a move?
int EvenLayer::arrival(int expert, int device) { return copies(expert, device) == 0 && !stood(expert, device) ? 1 : 0; }
// One copy less on the device: does it take a move back?
int EvenLayer::departure(int expert, int device) {
  return expert >= 0 && copies(expert, device) == 1 && !stood(expert, device) ? 1 : 0;
}

bool EvenLayer::fits(const Step& step, const Allowance& allowance) {
  if (step.moves > allowance.moves) return false;
  const int device = prepared_.device_of_slot(step.slot);
  const auto device_fits = [&](int where, int arriving, int leaving) {
    if (allowance.device_moves.empty() || arriving < 0) return true;
    const int moves = arrival(arriving, where) - departure(leaving, where);
    return moves <= 0 || moves <= allowance.device_moves[index(where)];
  };
  const auto room = [&](int where, int arriving, int leaving) {
    return allowance.device_room.empty() || arriving < 0 || leaving >= 0 || allowance.device_room[index(where)] > 0;
  };
  const int held = row_[index(step.slot)];
  if (step.other < 0) return device_fits(device, step.expert, held) && room(device, step.expert, held);
  const int there = prepared_.device_of_slot(step.other);
  const int theirs = row_[index(step.other)];
  return device_fits(device, theirs, held) && device_fits(there, held, theirs) && room(there, held, theirs) &&
         room(device, theirs, held);
}

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

void EvenLayer::put(int slot, int expert) {
  const int device = prepared_.device_of_slot(slot);
  int& held = row_[index(slot)];
  if (held >= 0) {
    std::erase(slots_of_[index(held)], slot);
    --copies(held, device);
  }
  held = expert;
  if (expert >= 0) {
    slots_of_[index(expert)].push_back(slot);
    ++copies(expert, device);
  }
}

void EvenLayer::take(const Step& step, Allowance& allowance) {
  const int held = row_[index(step.slot)];
  const int theirs = step.other >= 0 ? row_[index(step.other)] : step.expert;
  const auto use = [&](int where, int arriving, int leaving) {
    if (!allowance.device_moves.empty()) {
      allowance.device_moves[index(where)] -=
          (arriving >= 0 ? arrival(arriving, where) : 0) - departure(leaving, where);
    }
    if (!allowance.device_room.empty()) {
      allowance.device_room[index(where)] -= (arriving >= 0 ? 1 : 0) - (leaving >= 0 ? 1 : 0);
    }
  };
  use(prepared_.device_of_slot(step.slot), theirs, held);
  if (step.other >= 0) use(prepared_.device_of_slot(step.other), held, theirs);
  allowance.moves -= step.moves;
  best_refused_ = 0;
  put(step.slot, theirs);
  if (step.other >= 0) put(step.other, held);
  touched_.clear();
  for (const int expert : {held, theirs}) {
    if (expert < 0) continue;
    count_again(expert);
    for (const int slot : slots_of_[index(expert)]) touched_.push_back(prepared_.device_of_slot(slot));
  }
  touched_.push_back(prepared_.device_of_slot(step.slot));
  if (step.other >= 0) touched_.push_back(prepared_.device_of_slot(step.other));
  for (const int device : touched_) retime(device);
  touched_.clear();
  revalue();
}

}  // namespace plimsoll::experts::balancer
