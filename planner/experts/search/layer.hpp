// One layer as the methods see it: the layers of an instance depend on each other only through budgets (memory, moves),
// and those are handed out before a layer is solved.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "planner/experts/prepare.hpp"

namespace plimsoll::experts {

inline constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max() / 4;

struct LayerProblem {
  const Prepared* prepared = nullptr;
  int layer = 0;
  std::span<const double> load;                 // [experts]
  std::vector<int> capacity;                    // [devices] slots that this layer may use
  std::vector<int> home;                        // [experts] the node that an expert is bound to; empty where it is free
  std::int64_t move_limit = no_limit;           // of this layer
  std::vector<std::int64_t> device_move_limit;  // [devices] of this layer; empty: none
  // Lagrangian prices of what layers share, in seconds per replica and per move; [devices] or empty. Only branch()
  // knows them.
  std::vector<double> replica_price = {};
  std::vector<double> move_price = {};

  [[nodiscard]] int devices() const { return prepared->devices; }
  [[nodiscard]] int experts() const { return prepared->experts; }
  [[nodiscard]] bool allowed(int expert, int device) const {
    return home.empty() || home[static_cast<std::size_t>(expert)] == prepared->node[static_cast<std::size_t>(device)];
  }
  [[nodiscard]] bool stood(int expert, int device) const { return prepared->stood(layer, expert, device); }
};

// A replica of a finished layer.
struct Replica {
  int expert = 0;
  int device = 0;
  double tokens = 0;
};

struct LayerPlan {
  std::vector<Replica> replicas;
  double seconds = 0;  // largest device time
  std::int64_t moves = 0;
  bool feasible = false;
};

// The replicas of one layer on their slots, with device times kept up to date. The only change is set(); a journal
// undoes any number of them, so that a search can try and step back without copying.
//
// Even dispatch: tokens follow from the number of replicas and are not stored. Weighted: the search decides them.
class LayerState {
 public:
  explicit LayerState(const LayerProblem& problem);

  [[nodiscard]] const LayerProblem& problem() const { return *problem_; }
  // The owner may move a state between problems that differ only in their limits.
  void rebind(const LayerProblem& problem) { problem_ = &problem; }

  [[nodiscard]] int slot_count() const { return static_cast<int>(expert_.size()); }
  [[nodiscard]] int begin_slot(int device) const { return first_[static_cast<std::size_t>(device)]; }
  [[nodiscard]] int end_slot(int device) const { return first_[static_cast<std::size_t>(device) + 1]; }
  [[nodiscard]] int device(int slot) const { return device_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] int expert(int slot) const { return expert_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] double tokens(int slot) const { return tokens_[static_cast<std::size_t>(slot)]; }
  // Seconds at speed 1 of what stands on the slot.
  [[nodiscard]] double slot_seconds(int slot) const {
    const int e = expert(slot);
    if (e < 0) return 0.0;
    return even_ ? piece_[static_cast<std::size_t>(e)] : replica_seconds_[static_cast<std::size_t>(slot)];
  }
  // Seconds at speed 1 of each replica of an expert under even dispatch with `count` replicas.
  [[nodiscard]] double even_seconds(int expert, int count) const;

  [[nodiscard]] double device_seconds(int device) const { return seconds_[static_cast<std::size_t>(device)]; }
  [[nodiscard]] int replicas(int expert) const {
    return static_cast<int>(slots_of_[static_cast<std::size_t>(expert)].size());
  }
  [[nodiscard]] const std::vector<int>& slots_of(int expert) const {
    return slots_of_[static_cast<std::size_t>(expert)];
  }
  [[nodiscard]] int copies(int expert, int device) const {
    return copies_[static_cast<std::size_t>(expert) * static_cast<std::size_t>(problem_->devices()) +
                   static_cast<std::size_t>(device)];
  }
  // An expert may get one more replica on this device, whatever slot it takes.
  [[nodiscard]] bool may_hold(int expert, int device) const {
    return problem_->allowed(expert, device) && (duplicates_ || copies(expert, device) == 0);
  }

  [[nodiscard]] std::int64_t moves() const { return moves_; }
  [[nodiscard]] std::int64_t device_moves(int device) const { return device_moves_[static_cast<std::size_t>(device)]; }
  [[nodiscard]] bool within_move_limits() const;
  // Moves counted if the expert gained its first copy on the device (0 where it stands there already or stood there).
  [[nodiscard]] int arrival_moves(int expert, int device) const {
    return counts_moves_ && copies(expert, device) == 0 && !problem_->stood(expert, device) ? 1 : 0;
  }

  // The largest device time, and the lowest device that has it.
  [[nodiscard]] double seconds() const;
  [[nodiscard]] int bottleneck() const;

  // Puts an expert (or -1) with so many tokens on a slot; all times follow.
  void set(int slot, int expert, double tokens = 0.0);
  void set_tokens(int slot, double tokens) { set(slot, expert(slot), tokens); }

  // Two slots change places, tokens and all; either may be empty.
  void exchange(int slot, int other);
  // An empty slot of the device, or -1.
  [[nodiscard]] int free_slot(int device) const;

  using Mark = std::size_t;
  [[nodiscard]] Mark mark() const { return journal_.size(); }
  void undo_to(Mark mark);
  void forget() { journal_.clear(); }

  // Every expert has a replica, and (weighted) all tokens are placed.
  [[nodiscard]] bool complete() const;
  [[nodiscard]] LayerPlan plan() const;
  // Replaces the contents by those of a plan of the same layer.
  void load(const LayerPlan& plan);
  void clear();

 private:
  struct Entry {
    int slot;
    int expert;
    double tokens;
  };
  void apply(int slot, int expert, double tokens);
  void retime(int device);

  const LayerProblem* problem_;
  bool even_;
  bool duplicates_;
  bool counts_moves_;
  std::vector<int> first_;                  // [devices + 1]
  std::vector<int> device_;                 // [slots]
  std::vector<int> expert_;                 // [slots]
  std::vector<double> tokens_;              // [slots]
  std::vector<double> replica_seconds_;     // [slots] weighted only
  std::vector<double> piece_;               // [experts] even only: seconds of one replica
  std::vector<double> seconds_;             // [devices]
  std::vector<std::vector<int>> slots_of_;  // [experts] ascending
  std::vector<int> copies_;                 // [experts * devices]
  std::int64_t moves_ = 0;
  std::vector<std::int64_t> device_moves_;  // [devices]
  std::vector<Entry> journal_;
};

}  // namespace plimsoll::experts
