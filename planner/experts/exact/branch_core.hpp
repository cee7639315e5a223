// What the two searches of branch_layer.hpp share: the experts and devices at hand, the time that is still allowed
// after some moves, and the budget of work.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/experts/search/layer.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

// A claim `no plan is better than x` is proven for x * (1 - exact_margin): far below the certificate's own tolerance.
inline constexpr double exact_margin = 1e-10;

enum class Found { plan, nothing, gave_up };

class BranchBudget {
 public:
  BranchBudget(std::uint64_t limit, const support::Meter& meter) : limit_(limit), meter_(meter) {}
  // Counts steps; false once they are spent or the meter is urgent, and from then on.
  bool spend(std::uint64_t steps = 1) {
    used_ += steps;
    if (used_ >= limit_) spent_ = true;
    if (used_ >= next_look_) {
      next_look_ = used_ + 20'000;
      if (meter_.urgent()) spent_ = true;
    }
    return !spent_;
  }
  [[nodiscard]] bool spent() const { return spent_; }
  [[nodiscard]] std::uint64_t used() const { return used_; }

 private:
  std::uint64_t limit_;
  const support::Meter& meter_;
  std::uint64_t used_ = 0;
  std::uint64_t next_look_ = 0;
  bool spent_ = false;
};

// A part of a layer that is decided by itself: all of it, or the experts and devices of one node.
struct BranchPart {
  const LayerProblem* problem = nullptr;
  std::vector<int> experts;
  std::vector<int> devices;  // with capacity

  // Moves are counted where they cost or are limited.
  [[nodiscard]] bool counts_moves() const { return problem->prepared->moves_matter(); }
  [[nodiscard]] int move(int expert, int device) const {
    return counts_moves() && !problem->stood(expert, device) ? 1 : 0;
  }
  // What a move to the device and a replica on it add to the score.
  [[nodiscard]] double move_price(int device) const {
    const auto& prices = problem->move_price;
    return problem->prepared->instance.move_seconds + (prices.empty() ? 0.0 : prices[static_cast<std::size_t>(device)]);
  }
  [[nodiscard]] double replica_price(int device) const {
    const auto& prices = problem->replica_price;
    return prices.empty() ? 0.0 : prices[static_cast<std::size_t>(device)];
  }
  [[nodiscard]] std::int64_t device_limit(int device) const {
    const auto& limits = problem->device_move_limit;
    return limits.empty() ? no_limit : limits[static_cast<std::size_t>(device)];
  }
  [[nodiscard]] int capacity(int device) const { return problem->capacity[static_cast<std::size_t>(device)]; }
  [[nodiscard]] double load(int expert) const { return problem->load[static_cast<std::size_t>(expert)]; }
  [[nodiscard]] double speed(int device) const { return problem->prepared->speed(device); }
  // Experts by falling load, those without any last; ties by index.
  void sort_experts();
  // The same speed, capacity and node, and (where moves count) the same experts stood there under the same limit.
  [[nodiscard]] bool alike(int device, int other) const;
  // Indices into `devices`, cheapest replicas first; empty where replicas have no price.
  [[nodiscard]] std::vector<std::size_t> by_replica_price() const;
  // The same load and home, and no difference in where they stood.
  [[nodiscard]] bool twins(int expert, int other) const;
  // It can stand nowhere without a move.
  [[nodiscard]] bool must_move(int expert) const;
};

// The largest device time under even dispatch; whole tokens go to the first slots in order of the devices.
double even_layer_seconds(const LayerProblem& problem, std::vector<Replica> replicas);

// A plan of the part that scores below the cutoff, if there is one. Weighted: the tokens of a replica are 1 where it
// serves some and 0 where it only stands; the shares are left to solve_shares().
Found find_even(const BranchPart& part, double cutoff, BranchBudget& budget, std::vector<Replica>& replicas);
Found find_weighted(const BranchPart& part, double cutoff, BranchBudget& budget, std::vector<Replica>& replicas);
// Devices that find_weighted() can look at together.
inline constexpr std::size_t most_weighted_devices = 10;

}  // namespace plimsoll::experts
