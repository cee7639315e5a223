#include "executor/kernels/bfloat16.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace plimsoll::executor {
namespace {

TEST(Bfloat16, EveryValueSurvivesTheWayThroughFloat) {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto value = static_cast<bfloat16>(bits);
    const float wide = to_float(value);
    if (std::isnan(wide)) {
      EXPECT_TRUE(std::isnan(to_float(to_bfloat16(wide))));
    } else {
      EXPECT_EQ(to_bfloat16(wide), value) << bits;
    }
  }
}

TEST(Bfloat16, RoundsToNearestAndTiesToEven) {
  const float step = std::ldexp(1.0F, -7);  // between 1 and 2
  EXPECT_EQ(to_float(to_bfloat16(1 + step / 2)), 1.0F);
  EXPECT_EQ(to_float(to_bfloat16(1 + 3 * step / 2)), 1 + 2 * step);
  EXPECT_EQ(to_float(to_bfloat16(1 + 0.51F * step)), 1 + step);
  EXPECT_EQ(to_float(to_bfloat16(std::numeric_limits<float>::max())), std::numeric_limits<float>::infinity());
}

TEST(Bfloat16, ANanWhosePayloadIsCutOffStaysOne) {
  EXPECT_TRUE(std::isnan(to_float(to_bfloat16(std::bit_cast<float>(0x7f800001U)))));
}

}  // namespace
}  // namespace plimsoll::executor
