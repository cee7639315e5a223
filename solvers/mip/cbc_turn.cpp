#include "solvers/mip/cbc_turn.hpp"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>

#include "plimsoll/error.hpp"

namespace plimsoll::solvers::mip {
namespace {

struct Turns {
  std::mutex mutex;
  std::condition_variable freed;
  bool taken = false;
  bool abandoned = false;  // this process was forked during a turn of its parent's
};

// Never destroyed: a thread of the host may still be solving when the process ends.
alignas(Turns) unsigned char storage[sizeof(Turns)];
Turns* turns = nullptr;

void before_fork() { turns->mutex.lock(); }
void after_fork_in_parent() { turns->mutex.unlock(); }
// Whoever waited or had its turn does not exist in the child, and what POSIX lets a child do with their mutex is
// nothing; so it gets a new one.
void after_fork_in_child() {
  const bool abandoned = turns->taken || turns->abandoned;
  turns = new (storage) Turns;
  turns->abandoned = abandoned;
}

Turns& the_turns() {
  static std::once_flag once;
  std::call_once(once, [] {
    turns = new (storage) Turns;
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  });
  return *turns;
}

}  // namespace

CbcTurn::CbcTurn(Search& search) {
  Turns& all = the_turns();
  std::unique_lock lock(all.mutex);
  if (all.abandoned) {
    throw Error(ErrorCode::unsupported, "CBC was at work on another thread when this process was forked", {},
                "Maybe fork before the first solve with CBC, or choose another method.");
  }
  while (all.taken) {
    if (search.should_stop()) return;
    all.freed.wait_for(lock, std::chrono::milliseconds(5));
  }
  all.taken = mine_ = true;
}

CbcTurn::~CbcTurn() {
  if (!mine_) return;
  Turns& all = the_turns();
  {
    const std::lock_guard lock(all.mutex);
    all.taken = false;
  }
  all.freed.notify_one();
}

}  // namespace plimsoll::solvers::mip
