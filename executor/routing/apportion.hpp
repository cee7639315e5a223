// Which of an expert's tokens each of its replicas serves, by a plan.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plimsoll/experts.hpp"

namespace plimsoll::executor {

// Tokens [begin, end) of the expert, in the order of tokens.
struct TokenRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  [[nodiscard]] std::int64_t size() const { return end - begin; }
  friend bool operator==(const TokenRange&, const TokenRange&) = default;
};

// counts [experts]: tokens that each expert has -> [columns]: the part of the replica in each column of this layer of
// the plan. Replicas of an expert follow each other in the order of columns and cover its tokens. They get the plan's
// `tokens` where these sum to the expert's count; else as many as their tokens, or without tokens their shares, are
// of the sum, by largest remainder, equal ones in the order of columns; and the same number each where all are 0. Empty
// columns get nothing. Throws Error(input) for an expert that has tokens and no replica.
[[nodiscard]] std::vector<TokenRange> apportion(const ExpertPlan& plan, int layer,
                                                std::span<const std::int64_t> counts);

}  // namespace plimsoll::executor
