// Which few replicas to move, over all layers: the layers compete, and the step that gains most per move is made next.
#pragma once

#include <cstdint>

#include "planner/experts/balancer/scenarios.hpp"
#include "planner/experts/prepare.hpp"

namespace plimsoll::experts::balancer {

struct SearchLimits {
  std::optional<std::int64_t> max_moves;
  std::optional<std::int64_t> max_moves_per_device;
  double least_gain = 0;     // of the layer's seconds, each move
  double least_seconds = 0;  // each move
  int extra_moves = 0;       // what a swap sends beyond two replicas
  std::uint64_t work_limit = 0;
};

struct Found {
  Matrix<int> slots;
  double best_refused = 0;  // seconds a move of the best step that gained too little; 0: none was seen
  std::uint64_t work = 0;
  bool work_ended = false;
};

// `slots` serve every expert.
Found search_even(const Prepared& prepared, const Scenarios& scenarios, const Matrix<int>& slots,
                  const SearchLimits& limits);
// Shares follow the load of the instance, and what they can mend takes no move.
Found search_weighted(const ExpertInstance& working, const Matrix<int>& slots, const SearchLimits& limits,
                      std::uint64_t seed);

}  // namespace plimsoll::experts::balancer
