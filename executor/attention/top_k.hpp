// The k best of a list of scores, and the bounds on scores that decide which these are.
#pragma once

#include <cstdint>
#include <span>

namespace plimsoll::executor {

struct Ranked {
  float score;
  std::int32_t index;
};

// The best of `scores`, by score, then by lowest index, into `best`, best first; as many as both hold. Returns how
// many. Scores are no NaN.
int top_k(std::span<const float> scores, std::span<Ranked> best);

}  // namespace plimsoll::executor
