#include "executor/threads/topology.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <set>
#include <thread>

#include "executor/threads/affinity.hpp"
#include "executor/threads/control_group.hpp"

namespace plimsoll::executor {
namespace {

TEST(Topology, ListsEachProcessorOnceAndCoresFirst) {
  const auto processors = usable_processors();
  const auto cores = usable_cores();
  ASSERT_FALSE(cores.empty());
  ASSERT_LE(cores.size(), processors.size());
  std::set<int> ids;
  for (const Core& core : processors) EXPECT_TRUE(ids.insert(core.id).second);
  for (std::size_t index = 0; index < cores.size(); ++index) {
    EXPECT_EQ(cores[index].id, processors[index].id);
    EXPECT_EQ(cores[index].sibling, 0);
    EXPECT_GE(cores[index].numa_node, 0);
  }
}

TEST(Topology, HonoursTheAffinityMask) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  const int last = usable_processors().back().id;
  ASSERT_TRUE(pin_this_thread(last));
  const auto cores = usable_cores();
  sched_setaffinity(0, sizeof before, &before);
  ASSERT_EQ(cores.size(), 1U);
  EXPECT_EQ(cores[0].id, last);
  EXPECT_EQ(cores[0].sibling, 0);
}

TEST(Topology, APinnedThreadSeesTheProcessorsOfTheProcess) {
  const auto expected = usable_cores().size();
  std::size_t found = 0;
  std::thread pinned([&] {
    pin_this_thread(usable_cores().front().id);
    found = usable_cores().size();
  });
  pinned.join();
  EXPECT_EQ(found, expected);
}

TEST(Topology, ReadsTheQuotaOfAControlGroup) {
  EXPECT_EQ(processors_of_quota("max 100000\n"), 0);
  EXPECT_EQ(processors_of_quota("200000 100000\n"), 2);
  EXPECT_EQ(processors_of_quota("150000 100000\n"), 1);
  EXPECT_EQ(processors_of_quota("50000 100000\n"), 1);
  for (const char* nonsense : {"", "abc", "100000", "100000 ", "100000 0", "-5 100", "100000\n"}) {
    EXPECT_EQ(processors_of_quota(nonsense), 0) << nonsense;
  }
}

TEST(Topology, BindsNothingWhereThereIsNoSuchNode) {
  EXPECT_GE(numa_nodes(), 1);
  std::vector<std::byte> block(4096);
  EXPECT_FALSE(bind_memory(block.data(), block.size(), -1));
  EXPECT_FALSE(bind_memory(block.data(), block.size(), 1 << 20));
}

TEST(ControlGroup, FindsNumbersByTheirWords) {
  const std::string text = "MemTotal:  12 kB\nMemAvailable:\t 34 kB\nactive_file 7\nlast x";
  EXPECT_EQ(number_after(text, "MemAvailable:"), 34);
  EXPECT_EQ(number_after(text, "active_file"), 7);
  EXPECT_EQ(number_after(text, "file"), -1);
  EXPECT_EQ(number_after(text, "last"), -1);
  EXPECT_EQ(number_after("42\n", ""), 42);
  EXPECT_EQ(number_after("max\n", ""), -1);
  EXPECT_EQ(number_after("", "a"), -1);
}

}  // namespace
}  // namespace plimsoll::executor
