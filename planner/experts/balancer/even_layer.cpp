#include "planner/experts/balancer/even_layer.hpp"

#include <algorithm>
#include <cmath>

#include "planner/experts/balancer/even_norm.hpp"

namespace plimsoll::experts::balancer {
namespace {

std::size_t index(int number) { return static_cast<std::size_t>(number); }

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
