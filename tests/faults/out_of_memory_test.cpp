// Memory runs out anywhere inside a solve: the call throws, nothing leaks, and the next call answers as if nothing had
// happened.
#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <set>
#include <string>

#include "plimsoll/error.hpp"
#include "tests/faults/cases.hpp"
#include "tests/faults/counted_memory.hpp"
#include "tests/faults/sanitizers.hpp"

namespace plimsoll::testing {
namespace {

// In each case and kind of fault.
std::uint64_t most_faults(const SolveCase& solve) { return solve.uses_backend ? 30 : 120; }

// All where there are few; else the first ones and then some over the whole run, each distance prime to the last.
std::set<std::uint64_t> fault_places(std::uint64_t allocations, std::uint64_t half) {
  std::set<std::uint64_t> places;
  for (std::uint64_t i = 0; i < std::min(allocations, half); ++i) places.insert(i);
  for (std::uint64_t i = 0; i < half; ++i) places.insert(allocations * i / half + i % 7);
  return places;
}

enum class Outcome { same, other, memory, refused };

Outcome outcome_of(const SolveCase& solve, const std::string& expected) {
  try {
    return solve.run() == expected ? Outcome::same : Outcome::other;
  } catch (const std::bad_alloc&) {
    return Outcome::memory;
  } catch (const Error& error) {
    return error.code() == ErrorCode::memory ? Outcome::memory : Outcome::refused;
  }
}

class OutOfMemory : public ::testing::TestWithParam<SolveCase> {};

TEST_P(OutOfMemory, IsAnErrorAndTheLibraryGoesOnWorking) {
  const SolveCase& solve = GetParam();
  if (!memory_is_counted) GTEST_SKIP() << "sanitizers have an operator new of their own";
  const std::string expected = solve.run();
  const std::uint64_t before = CountedMemory::allocations();
  ASSERT_EQ(solve.run(), expected);
  const std::uint64_t allocations = CountedMemory::allocations() - before;
  int failures = 0;
  for (const bool lasting : {false, true}) {
    for (const std::uint64_t place : fault_places(allocations, most_faults(solve) / 2)) {
      const std::int64_t living = CountedMemory::live();
      CountedMemory::fail(place, lasting);
      const Outcome outcome = outcome_of(solve, expected);
      CountedMemory::heal();
      const std::int64_t leaked = CountedMemory::live() - living;
      if (!CountedMemory::refused()) continue;
      const std::string where = "allocation " + std::to_string(place) + (lasting ? " and all later ones" : "");
      // Some algorithms of the standard library do without their buffer; then the answer is the same.
      ASSERT_TRUE(outcome == Outcome::memory || outcome == Outcome::same) << where << ", " << static_cast<int>(outcome);
      if (outcome == Outcome::memory) ++failures;
      if (!solve.may_leak) {
        ASSERT_EQ(leaked, 0) << where;
      }
    }
  }
  EXPECT_GT(failures, 0);
  EXPECT_EQ(solve.run(), expected);
}

INSTANTIATE_TEST_SUITE_P(EveryMethod, OutOfMemory, ::testing::ValuesIn(solve_cases()), [](const auto& info) {
  std::string name;
  for (const char character : info.param.name) name += std::isalnum(character) != 0 ? character : '_';
  return name;
});

}  // namespace
}  // namespace plimsoll::testing
