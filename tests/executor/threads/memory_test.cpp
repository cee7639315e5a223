#include "executor/threads/memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "executor/threads/topology.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

TEST(Memory, IsZeroAlignedAndOfTheSizeAskedFor) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{4097}, huge_page, 3 * huge_page + 5}) {
    Memory memory(bytes);
    EXPECT_EQ(memory.size(), bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.data()) % huge_page, 0U);
    const auto all = memory.as<std::byte>();
    EXPECT_TRUE(std::all_of(all.begin(), all.end(), [](std::byte value) { return value == std::byte{0}; }));
    std::memset(memory.data(), 7, bytes);
    EXPECT_EQ(memory.as<double>().size(), bytes / sizeof(double));
  }
}

TEST(Memory, MayBeEmptyAndMoves) {
  Memory empty(0);
  EXPECT_EQ(empty.data(), nullptr);
  EXPECT_EQ(empty.huge_bytes(), 0U);
  Memory first(100);
  first.data()[99] = std::byte{5};
  const std::byte* const place = first.data();
  Memory second(std::move(first));
  EXPECT_EQ(second.data(), place);
  empty = std::move(second);
  EXPECT_EQ(empty.data(), place);
  EXPECT_EQ(empty.size(), 100U);
  EXPECT_EQ(empty.data()[99], std::byte{5});
}

TEST(Memory, NeverClaimsMoreHugePagesThanItHas) {
  Memory memory(8 * huge_page);
  std::memset(memory.data(), 1, memory.size());
  EXPECT_LE(memory.huge_bytes(), memory.size());
}

TEST(Memory, BindsOnlyWhereThereAreNodes) {
  Memory memory(huge_page);
  if (numa_nodes() == 1) {
    EXPECT_FALSE(memory.bind(0));
  } else {
    memory.bind(usable_cores().front().numa_node);
  }
  std::memset(memory.data(), 1, memory.size());
  EXPECT_FALSE(Memory().bind(0));
}

TEST(Memory, RefusesMoreThanThereIs) {
  for (const std::size_t bytes : {std::size_t{1} << 50U, ~std::size_t{0} / 2, ~std::size_t{0}}) {
    try {
      Memory memory(bytes);
      FAIL() << bytes;
    } catch (const Error& failure) {
      EXPECT_EQ(failure.code(), ErrorCode::memory);
      EXPECT_NE(std::string(failure.what()).find(std::to_string(bytes)), std::string::npos) << failure.what();
      EXPECT_FALSE(failure.advice().empty());
    }
  }
}

}  // namespace
}  // namespace plimsoll::executor
