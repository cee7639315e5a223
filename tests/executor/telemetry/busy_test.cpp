#include "executor/telemetry/busy.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace plimsoll::executor {
namespace {

TEST(Busy, ReadsTheTicksOfAllProcessors) {
  const auto ticks =
      processor_ticks("cpu  1 2 3 4 5 6 7 8 100 200\ncpu0 1 1 1 1 1 1 1 1 0 0\ncpu1 0 1 2 3 4 5 6 7 0 0\nintr 5\n");
  EXPECT_EQ(ticks.busy, 1 + 2 + 3 + 6 + 7 + 8);
  EXPECT_EQ(ticks.idle, 4 + 5);
  EXPECT_EQ(ticks.processors, 2);
  for (const char* nonsense : {"", "cpu", "cpu  1 2 3\n", "intr 5\n", "cpu  a b c d e f g h\n"}) {
    EXPECT_EQ(processor_ticks(nonsense).processors, 0) << nonsense;
  }
}

TEST(Busy, IsAShareOrUnknown) {
  const BusyMeter meter;
  const double early = meter.other();
  EXPECT_TRUE(early == -1 || (early >= 0 && early <= 1));
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  const double other = meter.other();
  EXPECT_TRUE(other == -1 || (other >= 0 && other <= 1)) << other;
}

}  // namespace
}  // namespace plimsoll::executor
