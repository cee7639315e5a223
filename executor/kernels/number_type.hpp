// What keys, values and weights are stored as. All sums are f32 in either case.
#pragma once

namespace plimsoll::executor {

enum class NumberType { f32, bf16 };

}  // namespace plimsoll::executor
