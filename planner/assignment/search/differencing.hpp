// Makespan on identical bins, the heuristic half: first packings by longest first, MULTIFIT and differencing, then
// levelling (solvers/packing/level.hpp) towards the bound, and where that is out of reach towards heights between it
// and the best plan.
#pragma once

#include "planner/assignment/identical.hpp"
#include "planner/assignment/worker.hpp"
#include "solvers/packing/level.hpp"

namespace plimsoll::assignment {

class DifferencingWorker : public Worker {
 public:
  // Error(unsupported) where can_pack is false.
  DifferencingWorker(const Prepared& prepared, std::uint64_t seed);

  void turn(Context& context, std::uint64_t work) override;
  // Local search never knows that it has ended.
  [[nodiscard]] bool done() const override { return false; }

 private:
  using Size = IdenticalItems::Size;
  void begin(Context& context, solvers::packing::Effort& effort);
  void level(Context& context, solvers::packing::Effort& effort);
  void next_start(const std::vector<int>& best, solvers::packing::Effort& effort);
  bool offer(Context& context, const std::vector<int>& bin_of);

  IdenticalItems items_;
  support::Random random_;
  solvers::packing::Levelling levelling_;
  bool begun_ = false;
  int stage_ = 0;              // of a cycle over goals
  int cycle_ = 0;              // how many have ended without a better plan
  std::uint64_t attempt_ = 0;  // steps that the present stage has had
};

}  // namespace plimsoll::assignment
