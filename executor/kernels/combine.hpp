// The experts' parts of a token, weighted and summed.
#pragma once

#include "executor/threads/team.hpp"

namespace plimsoll::executor {

struct CombineWork {
  int tokens = 0;
  int width = 0;
  int top_k = 0;
  const float* parts = nullptr;    // [tokens * top_k][width]
  const float* weights = nullptr;  // [tokens][top_k]; a weight of 0 leaves its part unread (a token with fewer experts)
  const float* shared = nullptr;   // [tokens][width] of the shared experts, or nullptr
  const float* shared_gates = nullptr;  // [tokens], or nullptr: 1
  float* output = nullptr;              // [tokens][width]
};

// output[t] += (w[t][0] parts[t top_k] + w[t][1] parts[t top_k + 1] + ...) + gate[t] shared[t], in this order, products
// and sums rounded one by one: the same bits for any number of threads and any instruction set.
void combine(const CombineWork& work, Team& team);

}  // namespace plimsoll::executor
