// Tokens by expert: a routing turned around, as kernels want it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "executor/routing/router.hpp"

namespace plimsoll::executor {

// Of expert e: places [begin[e], begin[e + 1]) of `tokens` (ascending) and `parts`, where part token * top_k + j is the
// place of the routing that sent the token here.
struct ExpertTokens {
  std::vector<std::int32_t> begin;  // [experts + 1]
  std::vector<std::int32_t> tokens;
  std::vector<std::int32_t> parts;

  [[nodiscard]] std::int64_t count(int expert) const {
    const auto e = static_cast<std::size_t>(expert);
    return begin[e + 1] - begin[e];
  }
};

// Grows `grouped` where it must; nothing is allocated where it is large enough. Places of -1 are left out.
void group_by_expert(const Routing& routing, int experts, ExpertTokens& grouped);

}  // namespace plimsoll::executor
