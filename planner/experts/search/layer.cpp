#include "planner/experts/search/layer.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::experts {

LayerState::LayerState(const LayerProblem& problem)
    : problem_(&problem),
      even_(problem.prepared->even),
      duplicates_(problem.prepared->instance.cluster.duplicates),
      counts_moves_(problem.prepared->has_placement()),
      first_(1, 0) {
  const auto devices = static_cast<std::size_t>(problem.devices());
  const auto experts = static_cast<std::size_t>(problem.experts());
  for (std::size_t device = 0; device < devices; ++device) {
    for (int slot = 0; slot < problem.capacity[device]; ++slot) device_.push_back(static_cast<int>(device));
    first_.push_back(static_cast<int>(device_.size()));
  }
  expert_.assign(device_.size(), -1);
  tokens_.assign(device_.size(), 0.0);
  replica_seconds_.assign(device_.size(), 0.0);
  piece_.assign(experts, 0.0);
  seconds_.assign(devices, 0.0);
  slots_of_.resize(experts);
  copies_.assign(experts * devices, 0);
  device_moves_.assign(devices, 0);
}

double LayerState::even_seconds(int expert, int count) const {
  const CostCurve& curve = problem_->prepared->curve;
  const double tokens = problem_->load[static_cast<std::size_t>(expert)] / count;
  // The first slots get the rounded-up part; judging all of them by it errs on the safe side by one token.
  return curve.seconds(curve.tiled() ? std::ceil(tokens) : tokens);
}

bool LayerState::within_move_limits() const {
  if (!counts_moves_) return true;
  if (moves_ > problem_->move_limit) return false;
  for (std::size_t device = 0; device < problem_->device_move_limit.size(); ++device) {
    if (device_moves_[device] > problem_->device_move_limit[device]) return false;
  }
  return true;
}

double LayerState::seconds() const { return *std::max_element(seconds_.begin(), seconds_.end()); }

int LayerState::bottleneck() const {
  return static_cast<int>(std::max_element(seconds_.begin(), seconds_.end()) - seconds_.begin());
}

void LayerState::retime(int device) {
  // Summed anew each time, so that no rounding error builds up and undoing restores the same bits.
  double sum = 0.0;
  for (int slot = begin_slot(device); slot < end_slot(device); ++slot) sum += slot_seconds(slot);
  seconds_[static_cast<std::size_t>(device)] = sum / problem_->prepared->speed(device);
}

void LayerState::set(int slot, int expert, double tokens) {
  journal_.push_back({slot, expert_[static_cast<std::size_t>(slot)], tokens_[static_cast<std::size_t>(slot)]});
  apply(slot, expert, tokens);
}

void LayerState::exchange(int slot, int other) {
  const int mine = expert(slot);
  const int theirs = expert(other);
  const double held = tokens(slot);
  const double taken = tokens(other);
  set(slot, -1);
  set(other, mine, held);
  set(slot, theirs, taken);
}

int LayerState::free_slot(int device) const {
  for (int slot = begin_slot(device); slot < end_slot(device); ++slot) {
    if (expert(slot) < 0) return slot;
  }
  return -1;
}

void LayerState::apply(int slot, int expert, double tokens) {
  const auto s = static_cast<std::size_t>(slot);
  const int device = device_[s];
  const int before = expert_[s];
  const auto devices = static_cast<std::size_t>(problem_->devices());
  if (before != expert) {
    if (before >= 0) {
      auto& slots = slots_of_[static_cast<std::size_t>(before)];
      slots.erase(std::find(slots.begin(), slots.end(), slot));
      auto& copies = copies_[static_cast<std::size_t>(before) * devices + static_cast<std::size_t>(device)];
      if (--copies == 0 && counts_moves_ && !problem_->stood(before, device)) {
        --moves_;
        --device_moves_[static_cast<std::size_t>(device)];
      }
    }
    if (expert >= 0) {
      auto& slots = slots_of_[static_cast<std::size_t>(expert)];
      slots.insert(std::lower_bound(slots.begin(), slots.end(), slot), slot);
      auto& copies = copies_[static_cast<std::size_t>(expert) * devices + static_cast<std::size_t>(device)];
      if (copies++ == 0 && counts_moves_ && !problem_->stood(expert, device)) {
        ++moves_;
        ++device_moves_[static_cast<std::size_t>(device)];
      }
    }
    expert_[s] = expert;
  }
  tokens_[s] = tokens;
  if (even_) {
    if (before != expert) {
      for (const int changed : {before, expert}) {
        if (changed < 0) continue;
        const int count = replicas(changed);
        piece_[static_cast<std::size_t>(changed)] = count > 0 ? even_seconds(changed, count) : 0.0;
        for (const int other : slots_of(changed)) retime(device_[static_cast<std::size_t>(other)]);
      }
    }
  } else {
    replica_seconds_[s] = expert >= 0 ? problem_->prepared->curve.seconds(tokens) : 0.0;
  }
  retime(device);
}

void LayerState::undo_to(Mark mark) {
  while (journal_.size() > mark) {
    const Entry entry = journal_.back();
    journal_.pop_back();
    apply(entry.slot, entry.expert, entry.tokens);
  }
}

bool LayerState::complete() const {
  for (int expert = 0; expert < problem_->experts(); ++expert) {
    if (replicas(expert) == 0) return false;
  }
  return true;
}

LayerPlan LayerState::plan() const {
  LayerPlan plan;
  for (int slot = 0; slot < slot_count(); ++slot) {
    const int e = expert(slot);
    if (e < 0) continue;
    const double tokens = even_ ? problem_->load[static_cast<std::size_t>(e)] / replicas(e) : this->tokens(slot);
    plan.replicas.push_back({e, device(slot), tokens});
  }
  plan.seconds = seconds();
  plan.moves = moves_;
  plan.feasible = complete();
  return plan;
}

void LayerState::clear() {
  for (int slot = 0; slot < slot_count(); ++slot) {
    if (expert(slot) >= 0) apply(slot, -1, 0.0);
  }
  journal_.clear();
}

void LayerState::load(const LayerPlan& plan) {
  clear();
  std::vector<int> next(first_.begin(), first_.end() - 1);
  for (const Replica& replica : plan.replicas) {
    apply(next[static_cast<std::size_t>(replica.device)]++, replica.expert, even_ ? 0.0 : replica.tokens);
  }
}

}  // namespace plimsoll::experts
