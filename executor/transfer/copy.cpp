#include "executor/transfer/copy.hpp"

#include <cstring>

#include "executor/transfer/copy_avx2.hpp"

namespace plimsoll::executor {
namespace {

void copy_plain(std::byte* to, const std::byte* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

}  // namespace

CopyBytes copy_past_caches(Isa isa) {
#if defined(__x86_64__)
  if (isa != Isa::portable && has_isa(Isa::avx2)) return copy_past_caches_avx2;
#endif
  static_cast<void>(isa);
  return copy_plain;
}

}  // namespace plimsoll::executor
