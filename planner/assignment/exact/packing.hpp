// Makespan on identical bins, the exact half. From the bound upward, one height after the other is decided
// (solvers/packing/decide.hpp): where no packing is this low the bound rises, and the first height that is not refuted
// is the optimum, with its plan.
#pragma once

#include "planner/assignment/identical.hpp"
#include "planner/assignment/worker.hpp"
#include "solvers/packing/decide.hpp"

namespace plimsoll::assignment {

class PackingWorker : public Worker {
 public:
  // Error(unsupported) where can_pack is false.
  explicit PackingWorker(const Prepared& prepared);

  void turn(Context& context, std::uint64_t work) override;
  // Also where there are too many patterns to list, so that only the bounds were found.
  [[nodiscard]] bool done() const override { return stage_ == Stage::ended; }

 private:
  using Size = IdenticalItems::Size;
  enum class Stage { begin, climb, search, ended };
  void begin(Context& context, solvers::packing::Effort& effort);
  void climb(Context& context, solvers::packing::Effort& effort);
  void search(Context& context, solvers::packing::Effort& effort);
  void refute_by_prices(Context& context, Size height);
  // What is known to be the least height, from here or from the context, whose bound is rounded.
  Size bound(const Context& context);
  [[nodiscard]] Size highest(const Context& context) const;

  IdenticalItems items_;
  solvers::packing::HeightDecision decision_;
  Stage stage_ = Stage::begin;
  Size low_ = 0;     // every plan has a bin this high
  Size stride_ = 1;  // of the climb
};

// For `check`: the best bound that can be had anew, from the proof's prices or by a search with at most so much work;
// no more is looked for than what was claimed.
double packing_bound_again(const Prepared& prepared, const Proof& proof, double claimed, std::uint64_t work);

}  // namespace plimsoll::assignment
