// Replanning under a move budget: the layers compete for moves by what each gains per move.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/experts/context.hpp"
#include "planner/experts/search/layer_search.hpp"

namespace plimsoll::experts {

// What is left of limits.max_moves and limits.max_moves_per_device.
class MoveBudget {
 public:
  MoveBudget(const Prepared& prepared, const std::vector<LayerSearch>& searches);

  [[nodiscard]] std::int64_t left() const { return total_; }
  // Lets a layer make all its present moves and at most `more` others, within what is left for each device.
  void open(LayerSearch& search, std::int64_t more, std::int64_t layers) const;
  [[nodiscard]] bool limited() const { return limited_; }
  // Nothing is overspent.
  [[nodiscard]] bool within() const {
    for (const std::int64_t left : per_device_) {
      if (left < 0) return false;
    }
    return total_ >= 0;
  }

 private:
  bool limited_ = false;
  std::int64_t total_ = no_limit;
  std::vector<std::int64_t> per_device_;  // empty: none
};

// Spends the budget: repeatedly adopts the step, of all layers, that gains most per move.
void replan(const Prepared& prepared, Context& context, std::vector<LayerSearch>& searches);

}  // namespace plimsoll::experts
