// The copy of copy.hpp for AVX2; a plain function, so that its file alone is compiled for that.
#pragma once

#include <cstddef>

namespace plimsoll::executor {

void copy_past_caches_avx2(std::byte* to, const std::byte* from, std::size_t bytes);

}  // namespace plimsoll::executor
