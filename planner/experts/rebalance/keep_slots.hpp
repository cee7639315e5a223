// Slots of a device are alike, so which of its experts stands on which of them is free: what stays should stay put.
#pragma once

#include <span>

namespace plimsoll::experts {

// Reorders one row, device after device of `width` slots: an expert that stood on the device takes the slot where it
// stood (the first replica of it that comes, old slots in ascending order), all others take the slots that are left, in
// ascending order. That is what vLLM does after its balancer (preserve_intragpu_slots). `rank` goes along with
// `expert`.
void keep_slots(std::span<const int> stood, int width, std::span<int> expert, std::span<int> rank);

}  // namespace plimsoll::experts
