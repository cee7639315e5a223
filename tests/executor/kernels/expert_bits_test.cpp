// The contract for numbers: results have the same bits however the work is divided.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "executor/kernels/bfloat16.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "tests/executor/kernels/expert_fixture.hpp"

namespace plimsoll::executor {
namespace {

class ExpertBitsTest : public testing::TestWithParam<Form> {
 protected:
  void SetUp() override {
    if (!has_isa(GetParam().isa)) GTEST_SKIP() << "this processor lacks " << name_of(GetParam().isa);
  }
};

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// 120 tokens of one expert at once, then in replicas of every size, in another order, on 1, 2 and 4 threads.
TEST_P(ExpertBitsTest, AnySplitOfTokensAndAnyThreads) {
  const auto [type, isa] = GetParam();
  const ExpertShape shape{330, 145, Activation::swiglu, true};
  const Packed packed(normal_expert(shape, 11), shape, type, isa);
  const ExpertKernel kernel(shape, type, isa);
  constexpr int tokens = 120;
  support::Random random(12);
  const std::vector<float> input = random_floats(tokens * 330, 1, random);
  const auto rows = counting(tokens);
  std::vector<float> whole(input.size());
  const ReplicaWork all{packed.data(), rows, rows};
  Team one = team_of(1);
  Workspace workspace;
  kernel.run({&all, 1}, input.data(), whole.data(), workspace, one);

  for (const int threads : {1, 2, 4}) {
    Team team = team_of(threads);
    for (const int step : {1, 2, 3, 4, 5, 7, 9, 10, 11, 13, 31, 119, 120}) {
      std::vector<ReplicaWork> work;
      for (int first = 0; first < tokens; first += step) {
        const auto part = std::span(rows).subspan(static_cast<std::size_t>(first),
                                                  static_cast<std::size_t>(std::min(step, tokens - first)));
        work.insert(work.begin(), {packed.data(), part, part});
      }
      std::vector<float> parts(input.size());
      kernel.run(work, input.data(), parts.data(), workspace, team);
      ASSERT_TRUE(same_bits(whole, parts)) << threads << " threads, " << step << " tokens a replica";
    }
  }
}

// Replicas come in batches of some hundred rows; which of them share one leaves no trace.
TEST_P(ExpertBitsTest, ManyReplicasAtOnceAreThoseOneByOne) {
  const auto [type, isa] = GetParam();
  const ExpertShape shape{20, 37};
  const ExpertKernel kernel(shape, type, isa);
  std::vector<std::vector<std::int32_t>> rows;
  int tokens = 0;
  for (const int count : {1, 511, 0, 2, 510, 1, 700, 97, 96, 3}) {
    rows.push_back(counting(count, tokens));
    tokens += count;
  }
  const Packed packed(normal_expert(shape, 3), shape, type, isa);
  support::Random random(4);
  const std::vector<float> input = random_floats(static_cast<std::size_t>(tokens) * 20, 1, random);
  std::vector<ReplicaWork> work;
  for (const auto& some : rows) work.push_back({packed.data(), some, some});
  Team team = team_of(2);
  Workspace workspace;
  std::vector<float> together(input.size());
  kernel.run(work, input.data(), together.data(), workspace, team);
  std::vector<float> alone(input.size());
  for (const ReplicaWork& one : work) kernel.run({&one, 1}, input.data(), alone.data(), workspace, team);
  EXPECT_TRUE(same_bits(together, alone));
}

// What each instruction set does to one sum, written down as a scalar loop. dpbf16ps has no such loop here: its inner
// order is the processor's.
float scalar_sum(const Form& form, const std::vector<float>& weights, const std::vector<float>& x) {
  float sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const float w = form.type == NumberType::bf16 ? to_float(to_bfloat16(weights[k])) : weights[k];
    const float v = form.type == NumberType::bf16 ? to_float(to_bfloat16(x[k])) : x[k];
    if (form.isa == Isa::portable) {
      const float product = w * v;
      sum += product;
    } else {
      sum = std::fma(w, v, sum);
    }
  }
  return sum;
}

TEST_P(ExpertBitsTest, SumsAreThoseOfAScalarLoop) {
  const Form form = GetParam();
  if (form.type == NumberType::bf16 && form.isa == Isa::avx512_bf16) GTEST_SKIP() << "dpbf16ps";
  const PanelKernels& kernels = panel_kernels(form.type, form.isa);
  for (const int depth : {1, 7, 127, 128, 129, 300, 515}) {
    const ExpertShape shape{depth, 32};
    const PlainExpert expert = normal_expert(shape, static_cast<std::uint64_t>(depth));
    const Packed packed(expert, shape, form.type, form.isa);
    const int padded = packed_layout(shape, form.type).width;
    for (const int rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 23, 96}) {
      support::Random random(20);
      std::vector<std::vector<float>> plain;
      std::vector<const float*> pointers;
      for (int r = 0; r < rows; ++r) {
        plain.push_back(random_floats(static_cast<std::size_t>(depth), 1, random));
        pointers.push_back(plain.back().data());
      }
      const auto operands_bytes = static_cast<std::size_t>(rows * padded) * kernels.operand_bytes;
      const Packed operands(operands_bytes);
      kernels.pack(pointers.data(), rows, depth, padded, operands.data());
      for (const int panels : {1, 2}) {
        const Packed sums_memory(sizeof(float) * static_cast<std::size_t>(panels * rows) * panel_columns);
        auto* sums = reinterpret_cast<float*>(sums_memory.data());
        kernels.multiply({packed.data(), panels, operands.data(), rows, padded, sums});
        for (int at = 0; at < panels * rows * panel_columns; ++at) {
          const int column = at % panel_columns;
          const int hidden = at / (rows * panel_columns) * hidden_columns + column % hidden_columns;
          const int r = at / panel_columns % rows;
          const auto& matrix = column < hidden_columns ? expert.gate : expert.up;
          const auto from = matrix.begin() + static_cast<std::ptrdiff_t>(hidden) * depth;
          const float expected =
              scalar_sum(form, std::vector<float>(from, from + depth), plain[static_cast<std::size_t>(r)]);
          ASSERT_EQ(std::bit_cast<std::uint32_t>(expected), std::bit_cast<std::uint32_t>(sums[at]))
              << "depth " << depth << ", row " << r << " of " << rows << ", hidden element " << hidden;
        }
      }
    }
  }
}

TEST_P(ExpertBitsTest, NothingGrowsOnceReserved) {
  const auto [type, isa] = GetParam();
  const ExpertShape shape{65, 33};
  const Packed packed(normal_expert(shape, 1), shape, type, isa);
  const ExpertKernel kernel(shape, type, isa);
  Workspace workspace;
  Team team = team_of(2);
  kernel.reserve(workspace, 24, 3, 2);
  const int growths = workspace.growths();
  const std::vector<float> input(12 * 65, 0.25F);
  std::vector<float> parts(24 * 65);
  const auto rows = counting(8, 4);
  const auto others = counting(8, 12);
  const ReplicaWork work[] = {{packed.data(), rows, rows}, {packed.data(), rows, others}};
  for (int times = 0; times < 3; ++times) kernel.run(work, input.data(), parts.data(), workspace, team);
  EXPECT_EQ(workspace.growths(), growths);
}

INSTANTIATE_TEST_SUITE_P(Forms, ExpertBitsTest, testing::ValuesIn(all_forms()),
                         [](const auto& info) { return form_name(info.param); });

}  // namespace
}  // namespace plimsoll::executor
