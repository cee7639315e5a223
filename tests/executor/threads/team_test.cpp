#include "executor/threads/team.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>

#include "executor/threads/affinity.hpp"
#include "plimsoll/error.hpp"

// Sanitizers hold signals back and need much more address space than they use.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define PLIMSOLL_SANITIZED
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define PLIMSOLL_SANITIZED
#endif
#endif

namespace plimsoll::executor {
namespace {

using namespace std::chrono_literals;

std::vector<int> anywhere(int threads) { return std::vector<int>(static_cast<std::size_t>(threads), -1); }

// Every chunk once, whatever the numbers of threads and chunks.
void count_chunks(Team& team, int chunks) {
  std::vector<int> times(static_cast<std::size_t>(std::max(chunks, 0)));
  std::atomic<bool> strange_thread = false;
  team.run(chunks, [&](int chunk, int thread) {
    ++times[static_cast<std::size_t>(chunk)];
    if (thread < 0 || thread >= team.size()) strange_thread = true;
  });
  EXPECT_EQ(std::count(times.begin(), times.end(), 1), std::max(chunks, 0)) << chunks << " chunks";
  EXPECT_FALSE(strange_thread);
}

TEST(Team, EveryChunkRunsOnce) {
  for (const int threads : {1, 2, 3, 8}) {
    Team team(anywhere(threads));
    EXPECT_EQ(team.size(), threads);
    for (const int chunks : {-1, 0, 1, 2, 3, 7, 100, 10'000}) count_chunks(team, chunks);
  }
}

TEST(Team, RunsFollowOneAnotherFast) {
  // Contexts live on the stack and die with their run: a late thread would write into the next one.
  for (const auto spin : {0us, 50us}) {
    Team team(anywhere(4), spin);
    for (int round = 0; round < 3'000; ++round) {
      std::array<std::atomic<int>, 7> times{};
      const int chunks = round % 8;
      team.run(chunks, [&times](int chunk, int) { ++times[static_cast<std::size_t>(chunk)]; });
      for (int chunk = 0; chunk < 7; ++chunk) {
        ASSERT_EQ(times[static_cast<std::size_t>(chunk)], chunk < chunks ? 1 : 0) << round;
      }
    }
  }
}

TEST(Team, AlwaysClaimsInOrder) {
  Team team(anywhere(3));
  std::vector<std::vector<int>> claimed(3);
  team.run(1'000, [&](int chunk, int thread) { claimed[static_cast<std::size_t>(thread)].push_back(chunk); });
  for (const auto& chunks : claimed) EXPECT_TRUE(std::is_sorted(chunks.begin(), chunks.end()));
}

TEST(Team, AlwaysEndsWhereTheCallerMustSleepForAChunk) {
  Team team(anywhere(2), 0us);
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> arrived = 0;
    team.run(2, [&](int, int thread) {
      // Both threads hold one chunk; the worker's is long.
      ++arrived;
      while (arrived.load() < 2) std::this_thread::yield();
      if (thread == 1) std::this_thread::sleep_for(200us);
    });
    ASSERT_EQ(arrived, 2);
  }
}

TEST(Team, OneThreadTakesAllInOrderOnTheCaller) {
  Team team(anywhere(1));
  EXPECT_TRUE(team.pinned());
  std::vector<int> order;
  const auto caller = std::this_thread::get_id();
  team.run(5, [&](int chunk, int thread) {
    EXPECT_EQ(thread, 0);
    EXPECT_EQ(std::this_thread::get_id(), caller);
    order.push_back(chunk);
  });
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(Team, RethrowsTheLowestFailureAfterAllHaveEnded) {
  for (const int threads : {1, 4}) {
    Team team(anywhere(threads));
    for (int round = 0; round < 20; ++round) {
      std::atomic<int> ran = 0;
      try {
        team.run(64, [&](int chunk, int) {
          ++ran;
          if (chunk % 10 == 7) throw std::runtime_error(std::to_string(chunk));
        });
        FAIL();
      } catch (const std::runtime_error& failure) {
        EXPECT_STREQ(failure.what(), "7");
      }
      EXPECT_EQ(ran, 64);
    }
    count_chunks(team, 100);
  }
}

TEST(Team, RefusesARunWithinARun) {
  for (const int threads : {1, 3}) {
    Team team(anywhere(threads));
    EXPECT_THROW(team.run(4, [&](int, int) { team.run(4, [](int, int) {}); }), Error);
    count_chunks(team, 10);
  }
}

TEST(Team, RefusesToBeNobody) { EXPECT_THROW(Team({}), Error); }

TEST(Team, SaysWhereAThreadSitsOnNoCoreOfItsOwn) {
  const std::array<int, 2> cores{-1, 1 << 20};
  Team team(cores);
  EXPECT_FALSE(team.pinned());
  count_chunks(team, 100);
}

TEST(Team, ACoreThatIsBusyElsewhereOnlyLosesItsShare) {
  const int core = sched_getcpu();
  std::atomic<bool> stop = false;
  std::atomic<bool> started = false;
  std::thread busy([&] {
    pin_this_thread(core);
    started = true;
    while (!stop) pause_briefly();
  });
  while (!started) std::this_thread::yield();
  const std::array<int, 2> cores{-1, core};
  Team team(cores);
  for (int round = 0; round < 20; ++round) count_chunks(team, 1'000);
  stop = true;
  busy.join();
}

#ifndef PLIMSOLL_SANITIZED

// What SIGUSR1 does while this lives. It must outlive the threads that are sent one: a signal that comes later ends the
// program.
class Handler {
 public:
  explicit Handler(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigaction(SIGUSR1, &action, &before_);
  }
  ~Handler() { sigaction(SIGUSR1, &before_, nullptr); }
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

 private:
  struct sigaction before_ {};
};

std::atomic<int> stopped_threads = 0;
std::atomic<bool> let_go = false;

void stop_here(int) {
  ++stopped_threads;
  while (!let_go) {
    const timespec moment{0, 100'000};
    nanosleep(&moment, nullptr);
  }
  --stopped_threads;
}

// Handles of all threads of the team: each holds one chunk until all have come.
std::vector<pthread_t> handles(Team& team) {
  std::vector<pthread_t> found(static_cast<std::size_t>(team.size()));
  std::atomic<int> arrived = 0;
  team.run(team.size(), [&](int, int thread) {
    found[static_cast<std::size_t>(thread)] = pthread_self();
    ++arrived;
    while (arrived < team.size()) std::this_thread::yield();
  });
  return found;
}

// The cure of the cliff: threads that never get a core hold up nobody, and when they come back, whatever run is on
// then, they join it or none.
TEST(Team, ThreadsThatAreStoppedHoldUpNoRun) {
  const Handler handler(stop_here);
  Team team(anywhere(3), 1us);
  const auto threads = handles(team);
  for (int round = 0; round < 20; ++round) {
    let_go = false;
    pthread_kill(threads[1], SIGUSR1);
    pthread_kill(threads[2], SIGUSR1);
    while (stopped_threads < 2) std::this_thread::yield();
    for (int run = 0; run < 50; ++run) {
      int by_caller = 0;
      team.run(100, [&](int, int thread) { by_caller += thread == 0 ? 1 : 0; });
      ASSERT_EQ(by_caller, 100);
    }
    let_go = true;
    count_chunks(team, 1'000);
    while (stopped_threads > 0) std::this_thread::yield();
  }
}

std::atomic<int> hiccups = 0;

void hiccup(int) {
  ++hiccups;
  const timespec moment{0, 20'000};
  nanosleep(&moment, nullptr);
}

// Stopped anywhere at all, between reading a run's job and claiming its chunk, too.
TEST(Team, ThreadsThatAreStoppedAnywhereNeverTouchALaterRun) {
  const Handler handler(hiccup);
  Team team(anywhere(3), 1us);
  const auto threads = handles(team);
  hiccups = 0;
  std::atomic<bool> stop = false;
  std::thread disturber([&] {
    for (std::size_t turn = 0; !stop; ++turn) {
      pthread_kill(threads[1 + turn % 2], SIGUSR1);
      std::this_thread::sleep_for(5us);
    }
  });
  for (int round = 0; round < 5'000 || hiccups < 500; ++round) {
    std::array<std::atomic<int>, 5> times{};
    team.run(round % 4 + 2, [&times](int chunk, int) { ++times[static_cast<std::size_t>(chunk)]; });
    for (int chunk = 0; chunk < 5; ++chunk) ASSERT_EQ(times[static_cast<std::size_t>(chunk)], chunk < round % 4 + 2);
  }
  stop = true;
  disturber.join();
}

TEST(Team, EndsCleanlyWhereTheSystemGivesNoMoreThreads) {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  ASSERT_TRUE(statm >> pages);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit narrow = before;
  // Room for what is there and half a stack; stacks of threads that ended may serve some.
  narrow.rlim_cur = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (rlim_t{4} << 20U);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &narrow), 0);
  std::string message;
  ErrorCode code = ErrorCode::internal;
  try {
    Team team(anywhere(200));
  } catch (const Error& failure) {
    code = failure.code();
    message = failure.what();
  }
  setrlimit(RLIMIT_AS, &before);
  EXPECT_EQ(code, ErrorCode::memory);
  EXPECT_NE(message.find("of the 199 threads"), std::string::npos) << message;
}

#endif

}  // namespace
}  // namespace plimsoll::executor
