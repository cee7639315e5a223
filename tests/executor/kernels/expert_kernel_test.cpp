// Experts against their f64 reference, over ragged sizes, for every form that this processor can run.
#include "executor/kernels/expert_kernel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "plimsoll/error.hpp"
#include "tests/executor/kernels/expert_fixture.hpp"

namespace plimsoll::executor {
namespace {

class ExpertKernelTest : public testing::TestWithParam<Form> {
 protected:
  void SetUp() override {
    if (!has_isa(GetParam().isa)) GTEST_SKIP() << "this processor lacks " << name_of(GetParam().isa);
  }
};

// Sums of K products of about 1 in f32 differ from f64 by about sqrt(K) 2^-24; a hidden element close to the middle of
// two bf16 values may be rounded the other way, 2^-8 of one of `inner` summands.
double tolerance(NumberType type) { return type == NumberType::f32 ? 2e-5 : 6e-3; }

void expect_near(const std::vector<double>& expected, const float* found, double allowed, const std::string& where) {
  double scale = 0;
  for (const double value : expected) scale += value * value;
  scale = 1e-3 + std::sqrt(scale / static_cast<double>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(expected[i], static_cast<double>(found[i]), allowed * scale) << where << ", element " << i;
  }
}

TEST_P(ExpertKernelTest, AgreesWithTheReferenceOverRaggedSizes) {
  const auto [type, isa] = GetParam();
  Team team = team_of(2);
  Workspace workspace;
  int seed = 0;
  for (const auto activation : {Activation::swiglu, Activation::clamped_swiglu}) {
    for (const auto& [width, inner] :
         std::initializer_list<std::pair<int, int>>{{1, 1}, {31, 17}, {64, 48}, {33, 100}, {150, 15}, {289, 161}}) {
      const ExpertShape shape{width, inner, activation, seed % 2 == 1, 1.5F, 1.702F};
      const PlainExpert expert = normal_expert(shape, static_cast<std::uint64_t>(++seed));
      const Packed packed(expert, shape, type, isa);
      const ExpertKernel kernel(shape, type, isa);
      for (const int tokens : {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17, 50, 100}) {
        support::Random random(7, static_cast<std::uint64_t>(tokens));
        const auto row = static_cast<std::size_t>(width);
        const std::vector<float> input = random_floats(static_cast<std::size_t>(tokens) * row, 1, random);
        std::vector<float> parts(static_cast<std::size_t>(tokens + 1) * row, -77.0F);
        const auto rows = counting(tokens);
        const ReplicaWork work{packed.data(), rows, rows};
        kernel.run({&work, 1}, input.data(), parts.data(), workspace, team);
        for (const int token : {0, tokens / 2, tokens - 1}) {
          const auto at = static_cast<std::size_t>(token) * row;
          expect_near(reference_expert(expert.weights(), shape, type, std::span(input).subspan(at, row)),
                      parts.data() + at, tolerance(type),
                      std::to_string(width) + " x " + std::to_string(inner) + ", token " + std::to_string(token) +
                          " of " + std::to_string(tokens));
        }
        for (std::size_t c = 0; c < row; ++c) ASSERT_EQ(parts[parts.size() - 1 - c], -77.0F);
      }
    }
  }
}

TEST_P(ExpertKernelTest, EmptyExpertsAndRowsInAnyOrder) {
  const auto [type, isa] = GetParam();
  const ExpertShape shape{40, 24};
  const PlainExpert first = normal_expert(shape, 1);
  const PlainExpert second = normal_expert(shape, 2);
  const Packed packed_first(first, shape, type, isa);
  const Packed packed_second(second, shape, type, isa);
  const ExpertKernel kernel(shape, type, isa);
  support::Random random(3);
  const std::vector<float> input = random_floats(5 * 40, 1, random);
  const std::vector<std::int32_t> tokens = {4, 0, 2};
  const std::vector<std::int32_t> parts_first = {1, 5, 3};
  const std::vector<std::int32_t> parts_second = {0, 2, 4};
  const ReplicaWork work[] = {{nullptr, {}, {}},
                              {packed_first.data(), tokens, parts_first},
                              {nullptr, {}, {}},
                              {packed_second.data(), tokens, parts_second}};
  std::vector<float> parts(6 * 40);
  Team team = team_of(1);
  Workspace workspace;
  kernel.run({work, 1}, input.data(), parts.data(), workspace, team);
  kernel.run(work, input.data(), parts.data(), workspace, team);
  for (std::size_t t = 0; t < 3; ++t) {
    const auto x = std::span(input).subspan(static_cast<std::size_t>(tokens[t]) * 40, 40);
    expect_near(reference_expert(first.weights(), shape, type, x),
                &parts[static_cast<std::size_t>(parts_first[t]) * 40], tolerance(type), "first");
    expect_near(reference_expert(second.weights(), shape, type, x),
                &parts[static_cast<std::size_t>(parts_second[t]) * 40], tolerance(type), "second");
  }
  const ReplicaWork uneven{packed_first.data(), tokens, std::span(parts_first).first(2)};
  EXPECT_THROW(kernel.run({&uneven, 1}, input.data(), parts.data(), workspace, team), Error);
}

// A token with NaN or infinity spoils what it would spoil in the reference: its own row, and no other.
TEST_P(ExpertKernelTest, NanAndInfinityStayWhereTheyBelong) {
  const auto [type, isa] = GetParam();
  for (const auto activation : {Activation::swiglu, Activation::clamped_swiglu}) {
    const ExpertShape shape{37, 19, activation};
    PlainExpert expert = normal_expert(shape, 5);
    const float infinity = std::numeric_limits<float>::infinity();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    expert.down[3 * 19 + 4] = nan;  // output 3 of every token
    const Packed packed(expert, shape, type, isa);
    const ExpertKernel kernel(shape, type, isa);
    support::Random random(6);
    std::vector<float> input = random_floats(7 * 37, 1, random);
    input[1 * 37 + 36] = nan;
    input[3 * 37 + 0] = infinity;
    input[4 * 37 + 5] = -infinity;
    for (std::size_t k = 0; k < 37; ++k) input[5 * 37 + k] = 0;
    std::vector<float> parts(7 * 37);
    const auto rows = counting(7);
    const ReplicaWork work{packed.data(), rows, rows};
    Team team = team_of(1);
    Workspace workspace;
    kernel.run({&work, 1}, input.data(), parts.data(), workspace, team);
    for (std::size_t t = 0; t < 7; ++t) {
      const auto expected = reference_expert(expert.weights(), shape, type, std::span(input).subspan(t * 37, 37));
      for (std::size_t c = 0; c < 37; ++c) {
        const float found = parts[t * 37 + c];
        ASSERT_EQ(std::isnan(expected[c]), std::isnan(found)) << "token " << t << ", element " << c;
        if (std::isinf(expected[c])) {
          ASSERT_EQ(expected[c], static_cast<double>(found));
        }
      }
    }
  }
}

// f32 keeps denormals; dpbf16ps takes them for zero, which is below the tolerance of anything but themselves.
TEST_P(ExpertKernelTest, Denormals) {
  const auto [type, isa] = GetParam();
  const ExpertShape shape{32, 16};
  PlainExpert expert = normal_expert(shape, 8);
  std::fill(expert.gate.begin(), expert.gate.end(), 4.0F);
  std::fill(expert.up.begin(), expert.up.end(), 0.5F);
  std::fill(expert.down.begin(), expert.down.end(), 0.0F);
  for (std::size_t o = 0; o < 32; ++o) expert.down[o * 16] = 0x1p-130F;
  const Packed packed(expert, shape, type, isa);
  const ExpertKernel kernel(shape, type, isa);
  const std::vector<float> input(32, 1.0F);
  std::vector<float> parts(32);
  const auto rows = counting(1);
  const ReplicaWork work{packed.data(), rows, rows};
  Team team = team_of(1);
  Workspace workspace;
  kernel.run({&work, 1}, input.data(), parts.data(), workspace, team);
  const bool flushed = type == NumberType::bf16 && isa == Isa::avx512_bf16;
  for (const float found : parts) EXPECT_EQ(found, flushed ? 0.0F : 2048 * 0x1p-130F);
}

INSTANTIATE_TEST_SUITE_P(Forms, ExpertKernelTest, testing::ValuesIn(all_forms()),
                         [](const auto& info) { return form_name(info.param); });

}  // namespace
}  // namespace plimsoll::executor
