// The wrap-around rule for one layer (McNaughton 1959, here with slots and speeds): fill devices to the line and let
// the expert where the line falls continue on another device.
#pragma once

#include <cstdint>

#include "planner/experts/search/layer.hpp"
#include "support/random.hpp"

namespace plimsoll::experts {

// Builds a weighted plan into the empty state, aiming at `line` seconds on every device. Whole experts (those larger
// than a device already in pieces) are packed largest first; then devices beyond the line hand their excess to devices
// below it, one new replica per hand-over: whoever receives is filled to the line exactly and is done, so that each
// device needs one spare slot at most. `random`, where given, shakes the packing. Returns false where some expert found
// no slot.
bool wrap_layer(LayerState& state, double line, std::uint64_t& work, support::Random* random = nullptr);

}  // namespace plimsoll::experts
