// Copies that leave the caches to those who compute.
#pragma once

#include <cstddef>

#include "executor/kernels/isa.hpp"

namespace plimsoll::executor {

// Like std::memcpy. An expert is read long after it has arrived, so that its bytes are better off in memory: with AVX2
// they are stored past the caches, which also spares reading the target first.
using CopyBytes = void (*)(std::byte* to, const std::byte* from, std::size_t bytes);

[[nodiscard]] CopyBytes copy_past_caches(Isa isa);

}  // namespace plimsoll::executor
