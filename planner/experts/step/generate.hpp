// Seeded steps: micro-steps that jump about a popularity of experts, or that hold the texts of a few domains each.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "planner/common/generate_values.hpp"

namespace plimsoll::experts::step {

// Options that mean nothing without micro-steps.
inline constexpr auto generate_options_of_steps = std::to_array<std::string_view>(
    {"volatility", "domains", "domains-model", "domains-per-microstep", "transient-slots", "transient-pool-slots",
     "intra", "nic", "host", "latency", "gradient-bytes", "backward", "sources", "dispatch-bytes", "combine-bytes",
     "overlap"});

// The text of an instance file.
std::string generate(const common::GenerateValues& values, std::uint64_t seed);

}  // namespace plimsoll::experts::step
