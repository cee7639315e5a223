// Routing that matches an instance: every expert gets exactly the tokens that the instance says it serves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "executor/routing/router.hpp"

namespace plimsoll::executor {

// Tokens that hold these loads: as many as fill top_k experts each, and no fewer than the largest load, since a token
// goes to an expert once. 0 or more.
[[nodiscard]] std::int64_t planned_tokens(std::span<const std::int64_t> loads, int top_k);

// Tokens of each expert [experts] -> a routing of planned_tokens(loads, top_k) tokens to at most top_k different
// experts each, in which every expert has exactly its load. Tokens have the same number of experts but for one. Weights
// are positive and sum to 1 within the rounding of f32. A function of its arguments; `stream` tells layers and
// micro-steps of one seed apart. Throws Error(unsupported) above 2^31 - 1 places.
[[nodiscard]] Routing planned_routing(std::span<const std::int64_t> loads, int top_k, std::uint64_t seed,
                                      std::uint64_t stream = 0);

// Real loads scaled to whole ones that sum to `total`, by largest remainder.
[[nodiscard]] std::vector<std::int64_t> whole_loads(std::span<const double> loads, std::int64_t total);

}  // namespace plimsoll::executor
