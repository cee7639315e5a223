#include "executor/kernels/combine.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "tests/executor/kernels/expert_fixture.hpp"

namespace plimsoll::executor {
namespace {

TEST(CombineTest, AgreesWithTheReferenceAndKeepsItsBits) {
  for (const int width : {1, 15, 16, 37, 64}) {
    constexpr int tokens = 21;
    constexpr int top_k = 3;
    support::Random random(static_cast<std::uint64_t>(width));
    const auto row = static_cast<std::size_t>(width);
    std::vector<float> parts = random_floats(tokens * top_k * row, 1, random);
    std::vector<float> weights = random_floats(tokens * top_k, 1, random);
    // A token with two experts only: what stands in the third part is not read.
    weights[5 * top_k + 2] = 0;
    parts[(5 * top_k + 2) * row] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> shared = random_floats(tokens * row, 1, random);
    const std::vector<float> gates = random_floats(tokens, 1, random);
    const std::vector<float> before = random_floats(tokens * row, 1, random);
    for (const int form : {0, 1, 2}) {
      std::vector<float> output = before;
      CombineWork work{tokens,
                       width,
                       top_k,
                       parts.data(),
                       weights.data(),
                       form > 0 ? shared.data() : nullptr,
                       form > 1 ? gates.data() : nullptr,
                       output.data()};
      const std::vector<double> expected = reference_combine(work);
      Team one = team_of(1);
      combine(work, one);
      for (std::size_t i = 0; i < output.size(); ++i) ASSERT_NEAR(expected[i], static_cast<double>(output[i]), 2e-6);
      std::vector<float> again = before;
      work.output = again.data();
      Team three = team_of(3);
      combine(work, three);
      ASSERT_EQ(std::memcmp(output.data(), again.data(), output.size() * sizeof(float)), 0);
    }
  }
}

}  // namespace
}  // namespace plimsoll::executor
