#include "support/child.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include "plimsoll/error.hpp"

namespace plimsoll::support {
namespace {

const ChildEnd& wait_for(Child& child) {
  while (!child.ended()) {
    pollfd waiting{child.descriptor(), POLLIN, 0};
    ::poll(&waiting, 1, 5);
    child.read();
  }
  return child.end();
}

TEST(Child, WhatItSaysAndHowItEnds) {
  Child child("/bin/sh", {"-c", "echo out; echo err >&2; exit 3"});
  const ChildEnd& end = wait_for(child);
  EXPECT_EQ(end.output, "out\nerr\n");
  EXPECT_EQ(end.exit_code, 3);
  EXPECT_EQ(end.in_words(), "exit code 3");
}

TEST(Child, ASignalIsNamed) {
  Child child("/bin/sh", {"-c", "kill -SEGV $$"});
  const ChildEnd& end = wait_for(child);
  EXPECT_EQ(end.signal, SIGSEGV);
  EXPECT_EQ(end.in_words().rfind("signal 11", 0), 0U) << end.in_words();
}

TEST(Child, IsKilled) {
  Child child("/bin/sh", {"-c", "echo on; exec sleep 1000"});
  while (child.end().output.empty()) child.read();
  EXPECT_FALSE(child.ended());
  child.kill();
  EXPECT_TRUE(child.ended());
  EXPECT_EQ(child.end().signal, SIGKILL);
}

TEST(Child, ManyLinesDoNotStopIt) {
  Child child("/bin/sh",
              {"-c", "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done"});
  EXPECT_EQ(wait_for(child).output.size(), 3000U * 41);
}

TEST(Child, ReadsAFile) {
  Child child("/bin/sh", {"-c", "head -c 5"}, "/proc/self/status");
  EXPECT_EQ(wait_for(child).output, "Name:");
  Child nothing("/bin/sh", {"-c", "wc -c"});
  EXPECT_EQ(wait_for(nothing).output, "0\n");
}

TEST(Child, WhatCannotBeStarted) { EXPECT_THROW(Child("/nowhere/at/all", {}), Error); }

}  // namespace
}  // namespace plimsoll::support
