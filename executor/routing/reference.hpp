// The router once more, in f64 and as plainly as the text of router.hpp: what `route` is held against.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "executor/routing/router.hpp"

namespace plimsoll::executor::reference {

struct TokenRouting {
  std::vector<std::int32_t> experts;  // [top_k]
  std::vector<double> weights;
};

// One token: logits [experts], selection_bias [experts] or empty.
TokenRouting route(const RouterShape& shape, std::span<const double> logits, std::span<const double> selection_bias);

}  // namespace plimsoll::executor::reference
