#include "executor/threads/memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include "executor/threads/control_group.hpp"
#include "executor/threads/topology.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::size_t unknown = std::numeric_limits<std::size_t>::max();

[[noreturn]] void refuse(std::size_t bytes) {
  const std::size_t available = available_memory();
  throw Error(ErrorCode::memory,
              std::to_string(bytes) + " bytes of memory were asked for" +
                  (available == unknown ? std::string() : ", " + std::to_string(available) + " are available"),
              {}, "Maybe use a smaller model, fewer layers or fewer experts per device.");
}

}  // namespace

std::size_t available_memory() {
  std::size_t least = unknown;
  const long long system = number_after(read_system_file("/proc/meminfo"), "MemAvailable:");
  if (system >= 0) least = static_cast<std::size_t>(system) * 1024;
  // The files of one group come in the same order; all exist in every group but the outermost, which has no limit.
  const auto limits = control_group_values("memory.max");
  const auto used = control_group_values("memory.current");
  const auto details = control_group_values("memory.stat");
  for (std::size_t group = 0; group < std::min({limits.size(), used.size(), details.size()}); ++group) {
    const long long limit = number_after(limits[group], "");
    if (limit < 0) continue;  // "max"
    // Cached files count as used and give way.
    const long long files = std::max(number_after(details[group], "active_file"), 0LL) +
                            std::max(number_after(details[group], "inactive_file"), 0LL);
    const long long left = limit - std::max(number_after(used[group], "") - files, 0LL);
    least = std::min(least, static_cast<std::size_t>(std::max(left, 0LL)));
  }
  return least;
}

Memory::Memory(std::size_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  if (bytes > unknown / 2 || bytes > available_memory()) refuse(bytes);
  mapped_ = (bytes + huge_page - 1) / huge_page * huge_page;
  // One page more, so that a boundary lies within; what stands on either side goes back.
  const std::size_t wide = mapped_ + huge_page;
  void* const mapping = mmap(nullptr, wide, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) refuse(bytes);
  auto* const begin = static_cast<std::byte*>(mapping);
  const std::size_t before = (huge_page - reinterpret_cast<std::uintptr_t>(begin) % huge_page) % huge_page;
  data_ = begin + before;
  if (before > 0) munmap(begin, before);
  if (huge_page - before > 0) munmap(data_ + mapped_, huge_page - before);
  // Refused in some sandboxes: then these are small pages.
  madvise(data_, mapped_, MADV_HUGEPAGE);
}

Memory::~Memory() {
  if (data_ != nullptr) munmap(data_, mapped_);
}

Memory::Memory(Memory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0)) {}

Memory& Memory::operator=(Memory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

bool Memory::bind(int numa_node) { return bind_memory(data_, mapped_, numa_node); }

std::size_t Memory::huge_bytes() const {
  if (data_ == nullptr) return 0;
  const auto begin = reinterpret_cast<std::uintptr_t>(data_);
  const std::uintptr_t end = begin + mapped_;
  std::ifstream maps("/proc/self/smaps");
  std::size_t huge = 0;
  std::size_t overlap = 0;  // of the mapping whose lines are read with this block
  for (std::string line; std::getline(maps, line);) {
    unsigned long long from = 0;
    unsigned long long to = 0;
    if (std::sscanf(line.c_str(), "%llx-%llx ", &from, &to) == 2) {
      overlap = std::max<std::uintptr_t>(from, begin) < std::min<std::uintptr_t>(to, end)
                    ? std::min<std::uintptr_t>(to, end) - std::max<std::uintptr_t>(from, begin)
                    : 0;
    } else if (overlap > 0) {
      const long long kibibytes = number_after(line, "AnonHugePages:");
      // The system joins neighbouring mappings: a block counts no more than its own part.
      if (kibibytes > 0) huge += std::min(overlap, static_cast<std::size_t>(kibibytes) * 1024);
    }
  }
  return huge;
}

}  // namespace plimsoll::executor
