#include "executor/ceilings/ceilings.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "executor/ceilings/ceiling_watch.hpp"
#include "executor/ceilings/peak.hpp"
#include "executor/threads/memory.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

class CeilingsOf : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!has_isa(GetParam())) GTEST_SKIP() << "this processor lacks " << name_of(GetParam());
  }
  [[nodiscard]] static const Peak& peak() {
    return GetParam() == Isa::portable ? peak_portable() : GetParam() == Isa::avx2 ? peak_avx2() : peak_avx512();
  }
};

INSTANTIATE_TEST_SUITE_P(Isas, CeilingsOf, testing::Values(Isa::portable, Isa::avx2, Isa::avx512_bf16),
                         [](const auto& of) {
                           return of.param == Isa::portable ? "portable"
                                  : of.param == Isa::avx2   ? "avx2"
                                                            : "avx512_bf16";
                         });

TEST_P(CeilingsOf, ArePositiveAndFinite) {
  for (const int threads : {1, 2}) {
    const std::vector<int> anywhere(static_cast<std::size_t>(threads), -1);
    Team team(anywhere);
    const Ceilings ceilings =
        measure_ceilings(team, {.bytes = (std::size_t{9} << 20U) + 77, .repeats = 1, .isa = GetParam()});
    for (const double figure : {ceilings.f64_flops, ceilings.f32_flops, ceilings.bf16_flops,
                                ceilings.read_bytes_per_second, ceilings.copy_bytes_per_second}) {
      EXPECT_TRUE(std::isfinite(figure));
      EXPECT_GT(figure, 0);
    }
    EXPECT_EQ(ceilings.threads, threads);
    EXPECT_EQ(ceilings.isa, GetParam());
    EXPECT_EQ(ceilings.bytes, std::size_t{9} << 20U);
    EXPECT_LE(ceilings.huge_bytes, std::size_t{10} << 20U);
    EXPECT_GE(ceilings.other_busy, -1);
    EXPECT_LE(ceilings.other_busy, 1);
    EXPECT_STRNE(ceilings.best_read, "");
    EXPECT_STRNE(ceilings.best_copy, "");
    if (GetParam() != Isa::avx512_bf16) {
      EXPECT_EQ(ceilings.bf16_flops, ceilings.f32_flops);
    }
  }
}

TEST_P(CeilingsOf, ArithmeticStaysFiniteHoweverLong) {
  for (const Arithmetic& arithmetic : {peak().f64, peak().f32, peak().bf16}) {
    if (arithmetic.run == nullptr) continue;
    EXPECT_EQ(arithmetic.run(0), 0);
    EXPECT_GT(arithmetic.run(10), 0);
    EXPECT_TRUE(std::isfinite(arithmetic.run(1'000'000)));
    EXPECT_GT(arithmetic.flops_per_round, 0);
  }
}

// A form that left something out would be the fastest.
TEST_P(CeilingsOf, EveryFormReadsEveryByte) {
  Memory memory(3 * stream_grain);
  const auto numbers = memory.as<std::uint64_t>();
  for (int form = 0; form < peak().reading_count; ++form) {
    const Reading& reading = peak().readings[form];
    for (std::size_t place = 0; place < numbers.size(); ++place) {
      numbers[place] = 0x5a5aULL << (place % 40);
      ASSERT_EQ(reading.run(memory.data(), memory.size()), numbers[place]) << reading.name << " at " << place;
      numbers[place] = 0;
    }
  }
}

TEST_P(CeilingsOf, EveryFormCopiesEveryByte) {
  constexpr std::size_t bytes = 3 * stream_grain;
  Memory from(bytes);
  Memory to(bytes + stream_grain);
  for (std::size_t byte = 0; byte < bytes; ++byte) from.data()[byte] = static_cast<std::byte>(byte * 7 + byte / 256);
  for (int form = 0; form < peak().copying_count; ++form) {
    std::memset(to.data(), 0xee, to.size());
    peak().copyings[form].run(to.data(), from.data(), bytes);
    EXPECT_EQ(std::memcmp(to.data(), from.data(), bytes), 0) << peak().copyings[form].name;
    EXPECT_EQ(to.data()[bytes], std::byte{0xee});
  }
}

TEST(Ceilings, OfAPeriodAreTheBestOfItsSamples) {
  const std::vector<int> anywhere(2, -1);
  Team team(anywhere);
  CeilingWatch watch(team, {.bytes = std::size_t{9} << 20U, .repeats = 1, .isa = best_isa()});
  EXPECT_GT(watch.whole().copy_bytes_per_second, 0);
  CeilingWatch::Period before;
  for (int sample = 1; sample <= 20; ++sample) {
    watch.again(sample * 1e-4);
    const CeilingWatch::Period now = watch.period();
    EXPECT_EQ(now.samples, sample);
    EXPECT_GE(now.read_bytes_per_second, before.read_bytes_per_second);
    EXPECT_GE(now.f32_flops, before.f32_flops);
    EXPECT_GE(now.bf16_flops, before.bf16_flops);
    before = now;
  }
  EXPECT_DOUBLE_EQ(before.bound(before.read_bytes_per_second, before.bf16_flops / 2), 1);
  EXPECT_DOUBLE_EQ(before.f32_bound(0, before.f32_flops / 2), 0.5);
  watch.begin();
  EXPECT_EQ(watch.period().samples, 1);
  EXPECT_TRUE(std::isfinite(watch.period().bound(1, 1)));
}

TEST(Ceilings, RefuseWhatMakesNoSense) {
  const std::vector<int> anywhere(1, -1);
  Team team(anywhere);
  EXPECT_THROW(static_cast<void>(measure_ceilings(team, {.bytes = 1000, .repeats = 1, .isa = best_isa()})), Error);
  EXPECT_THROW(
      static_cast<void>(measure_ceilings(team, {.bytes = std::size_t{1} << 20U, .repeats = 0, .isa = best_isa()})),
      Error);
  EXPECT_THROW(
      static_cast<void>(measure_ceilings(team, {.bytes = std::size_t{1} << 50U, .repeats = 1, .isa = best_isa()})),
      Error);
  for (const Isa isa : {Isa::avx2, Isa::avx512_bf16}) {
    if (!has_isa(isa)) {
      EXPECT_THROW(
          static_cast<void>(measure_ceilings(team, {.bytes = std::size_t{1} << 20U, .repeats = 1, .isa = isa})), Error);
    }
  }
}

}  // namespace
}  // namespace plimsoll::executor
