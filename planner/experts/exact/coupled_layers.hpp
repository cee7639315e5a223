// The layers of a small instance and what they share: each layer solved exactly under caps and prices on the shared
// resources. Every plan that was ever met is kept, because it is a start, and often the answer, for the next caps and
// prices.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "planner/experts/exact/exact_layer.hpp"
#include "planner/experts/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

using Amounts = std::vector<std::int64_t>;  // [resources]
using Prices = std::vector<double>;         // [resources] seconds per unit; empty: none

// Moves in all, moves to a device, replicas on a device: what the layers use together has a limit.
struct Resource {
  enum class Kind { moves, device_moves, replicas };
  Kind kind;
  std::size_t device;
  std::int64_t limit;
};
std::vector<Resource> shared_resources(const Prepared& prepared);

struct CoupledPlan {
  LayerPlan plan;
  double score = 0;  // seconds and priced moves, as the objective counts them
  Amounts use;
};

struct CoupledAnswer {
  bool complete = false;              // the bound is the optimum, or there is no plan
  double bound = 0;                   // of the score with prices
  const CoupledPlan* best = nullptr;  // least score with prices; lives as long as the layers
};

class CoupledLayers {
 public:
  CoupledLayers(const Prepared& prepared, std::vector<double> bounds, std::uint64_t seed, std::uint64_t layer_work,
                const support::Meter& meter);

  [[nodiscard]] const std::vector<Resource>& resources() const { return resources_; }
  [[nodiscard]] std::size_t count() const { return pools_.size(); }
  [[nodiscard]] std::uint64_t work() const { return work_; }

  // The layer's least score plus prices times use, within the caps.
  CoupledAnswer solve(std::size_t layer, const Amounts& caps, const Prices& prices);

 private:
  struct Pool {
    std::vector<std::unique_ptr<CoupledPlan>> plans;
    std::map<std::pair<Amounts, Prices>, CoupledAnswer> known;
  };
  [[nodiscard]] LayerProblem problem_of(std::size_t layer, const Amounts& caps, const Prices& prices) const;
  [[nodiscard]] double least_price(const LayerProblem& problem) const;
  const CoupledPlan* keep(std::size_t layer, LayerPlan plan);
  [[nodiscard]] Amounts use_of(std::size_t layer, const LayerPlan& plan) const;
  [[nodiscard]] double priced(const CoupledPlan& plan, const Prices& prices) const;
  [[nodiscard]] const CoupledPlan* cheapest(std::size_t layer, const Amounts& caps, const Prices& prices) const;

  const Prepared& prepared_;
  std::vector<double> bounds_;  // [layers]
  std::uint64_t seed_;
  std::uint64_t layer_work_;
  const support::Meter& meter_;
  std::vector<Resource> resources_;
  std::vector<Pool> pools_;  // [layers]
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::experts
