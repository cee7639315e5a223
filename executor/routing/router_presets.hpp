// The routers of published models, from their configurations and their published forward passes.
#pragma once

#include <span>
#include <string_view>

#include "executor/routing/router.hpp"

namespace plimsoll::executor {

struct RouterPreset {
  std::string_view name;
  RouterShape shape;
};

[[nodiscard]] std::span<const RouterPreset> router_presets();
// Throws Error(usage) with the names that there are for any other name.
[[nodiscard]] const RouterShape& router_preset(std::string_view name);

}  // namespace plimsoll::executor
