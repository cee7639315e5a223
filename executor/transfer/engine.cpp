#include "executor/transfer/engine.hpp"

#include <pthread.h>
#include <signal.h>

#include <ctime>
#include <string>

#include "executor/telemetry/clock.hpp"
#include "executor/threads/waiting.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::int64_t spin_ns = 50'000;

double thread_cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

}  // namespace

TransferEngine::TransferEngine(int ports, int threads, Isa isa) : copy_(copy_past_caches(isa)), schedule_(ports) {
  if (threads < 1) {
    throw Error(ErrorCode::usage, "a transfer engine needs a thread, not " + std::to_string(threads));
  }
  // Signals are for the threads of the program.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    end();
    throw Error(ErrorCode::memory, "the system refused a thread for transfers");
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TransferEngine::~TransferEngine() {
  cancel_all();
  end();
}

void TransferEngine::end() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  tell_threads();
  for (std::thread& thread : threads_) thread.join();
}

void TransferEngine::tell_threads() {
  news_.fetch_add(1, std::memory_order_release);
  wake_all(news_);
}

// Who waits for a job sleeps on its state, which has been set under the lock; telling needs none.
void TransferEngine::tell_ended(std::vector<const std::atomic<std::uint32_t>*>& ended) {
  for (const auto* state : ended) wake_all(*state);
  ended.clear();
}

int TransferEngine::submit(const TransferJob& job) {
  int number = 0;
  {
    const std::scoped_lock lock(mutex_);
    number = schedule_.submit(job, now_ns());
  }
  tell_threads();
  return number;
}

void TransferEngine::release(int job) {
  {
    const std::scoped_lock lock(mutex_);
    schedule_.release(job, now_ns());
  }
  tell_threads();
}

void TransferEngine::cancel(int job) {
  {
    const std::scoped_lock lock(mutex_);
    schedule_.cancel(job, now_ns());
  }
  tell_threads();
}

void TransferEngine::cancel_all() {
  {
    const std::scoped_lock lock(mutex_);
    const std::int64_t now = now_ns();
    for (int job = 0; job < schedule_.jobs(); ++job) schedule_.cancel(job, now);
  }
  tell_threads();
}

TransferWait TransferEngine::wait(int job) {
  const std::atomic<std::uint32_t>* state = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    state = &schedule_.state(job);
  }
  std::uint32_t now = state->load(std::memory_order_acquire);
  if (now != TransferSchedule::pending) return {now == TransferSchedule::arrived, 0};
  const std::int64_t begin = now_ns();
  while (now == TransferSchedule::pending) {
    if (now_ns() - begin < spin_ns) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    } else {
      sleep_while(*state, TransferSchedule::pending);
    }
    now = state->load(std::memory_order_acquire);
  }
  return {now == TransferSchedule::arrived, static_cast<double>(now_ns() - begin) * 1e-9};
}

bool TransferEngine::has_arrived(int job) const {
  const std::scoped_lock lock(mutex_);
  return schedule_.state(job).load(std::memory_order_acquire) == TransferSchedule::arrived;
}

TransferReport TransferEngine::report(int job) const {
  const std::scoped_lock lock(mutex_);
  return schedule_.report(job);
}

TransferTotals TransferEngine::totals() const {
  const std::scoped_lock lock(mutex_);
  return totals_;
}

double TransferEngine::busy_seconds(int port) const {
  const std::scoped_lock lock(mutex_);
  return schedule_.busy_seconds(port);
}

void TransferEngine::work() {
  sleep_precisely();
  run_in_short_slices();
  double cpu_before = 0;
  std::vector<const std::atomic<std::uint32_t>*> ended;
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const std::uint32_t news = news_.load(std::memory_order_acquire);
    const TransferSchedule::Piece piece = schedule_.next(now_ns());
    // Cancelled jobs end in the hands of others, who leave the telling to a thread.
    for (const int job : schedule_.ended()) ended.push_back(&schedule_.state(job));
    schedule_.ended().clear();
    lock.unlock();
    tell_ended(ended);
    if (piece.job < 0) {
      sleep_while(news_, news, piece.until_ns);
      lock.lock();
      ++totals_.wake_ups;
      continue;
    }
    const std::int64_t begin = now_ns();
    if (piece.bytes > 0) copy_(piece.to, piece.from, piece.bytes);
    const std::int64_t end = now_ns();
    const double cpu = thread_cpu_seconds();
    lock.lock();
    totals_.bytes += static_cast<std::int64_t>(piece.bytes);
    totals_.copy_seconds += static_cast<double>(end - begin) * 1e-9;
    totals_.cpu_seconds += cpu - cpu_before;
    cpu_before = cpu;
    schedule_.copied(piece, end);
    if (threads_.size() > 1 && !schedule_.ended().empty()) {
      // What waited for this job may be for another thread.
      news_.fetch_add(1, std::memory_order_release);
      wake_all(news_);
    }
  }
  // Nobody is left to tell of what ended last.
  for (const int job : schedule_.ended()) ended.push_back(&schedule_.state(job));
  schedule_.ended().clear();
  lock.unlock();
  tell_ended(ended);
}

}  // namespace plimsoll::executor
