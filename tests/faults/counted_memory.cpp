#include "tests/faults/counted_memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

std::atomic<std::int64_t> living{0};
std::atomic<std::uint64_t> asked{0};
std::atomic<std::uint64_t> fails_at{never};
std::atomic<bool> lasts{false};
std::atomic<bool> has_refused{false};

// Sanitizers have an operator new of their own, which cannot be replaced (sanitizers.hpp).
#ifdef PLIMSOLL_COUNTS_MEMORY

void* counted(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  ++living;
  return block;
}

void count_request() {
  const std::uint64_t number = asked++;
  const std::uint64_t first = fails_at;
  if (number == first || (number > first && lasts)) {
    has_refused = true;
    throw std::bad_alloc();
  }
}

void give_back(void* block) {
  if (block == nullptr) return;
  --living;
  std::free(block);
}

#endif

}  // namespace

#ifdef PLIMSOLL_COUNTS_MEMORY

void* operator new(std::size_t bytes) {
  count_request();
  return counted(std::malloc(bytes == 0 ? 1 : bytes));
}

void* operator new(std::size_t bytes, std::align_val_t alignment) {
  count_request();
  const auto unit = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit));
}

void operator delete(void* block) noexcept { give_back(block); }
void operator delete(void* block, std::size_t) noexcept { give_back(block); }
void operator delete(void* block, std::align_val_t) noexcept { give_back(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { give_back(block); }

#endif

namespace plimsoll::testing {

std::int64_t CountedMemory::live() { return living; }
std::uint64_t CountedMemory::allocations() { return asked; }

void CountedMemory::fail(std::uint64_t after, bool lasting) {
  has_refused = false;
  lasts = lasting;
  fails_at = asked + after;
}

void CountedMemory::heal() { fails_at = never; }
bool CountedMemory::refused() { return has_refused; }

}  // namespace plimsoll::testing
