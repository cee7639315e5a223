// The tabu search for least cost as a worker.
#pragma once

#include <memory>

#include "planner/assignment/search/cost_guide.hpp"
#include "planner/assignment/search/cost_oscillation.hpp"
#include "planner/assignment/worker.hpp"

namespace plimsoll::assignment {

class TabuWorker : public Worker {
 public:
  explicit TabuWorker(const Prepared& prepared) : prepared_(prepared) {}
  void turn(Context& context, std::uint64_t work) override;
  [[nodiscard]] bool done() const override { return false; }

 private:
  const Prepared& prepared_;
  std::unique_ptr<CostGuide> guide_;
  std::unique_ptr<CostOscillation> search_;
};

}  // namespace plimsoll::assignment
