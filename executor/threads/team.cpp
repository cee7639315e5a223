#include "executor/threads/team.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "executor/threads/affinity.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::uint64_t left_mask = 0xffffffffU;

}  // namespace

Team::Team(std::span<const int> cores, std::chrono::nanoseconds spin) : spin_(spin) {
  if (cores.empty()) throw Error(ErrorCode::usage, "a team of threads needs at least one core");
  workers_.reserve(cores.size() - 1);
  try {
    for (std::size_t index = 1; index < cores.size(); ++index) {
      workers_.emplace_back([this, index] { serve(static_cast<int>(index)); });
      pinned_ = pin_thread(workers_.back().native_handle(), cores[index]) && pinned_;
    }
  } catch (const std::system_error& failure) {
    const std::size_t made = workers_.size();
    end_workers();
    throw Error(ErrorCode::memory,
                "the system gave " + std::to_string(made) + " of the " + std::to_string(cores.size() - 1) +
                    " threads asked for (" + failure.what() + ")",
                {}, "Maybe use fewer threads, or raise the limit on processes (ulimit -u, pids.max of the cgroup).");
  }
}

Team::~Team() { end_workers(); }

void Team::end_workers() {
  ending_.store(true);
  number_.fetch_add(1);
  wake(number_, static_cast<int>(workers_.size()));
  for (auto& worker : workers_) worker.join();
  workers_.clear();
}

void Team::run_job(const Job& job, int chunks) {
  if (running_.exchange(true, std::memory_order_acquire)) {
    throw Error(ErrorCode::internal, "a team of threads was asked to run while it runs");
  }
  if (workers_.empty() || chunks == 1) {
    for (int chunk = 0; chunk < chunks; ++chunk) do_chunk(job, chunk, 0);
  } else if (chunks > 1) {
    publish(job, static_cast<std::uint32_t>(chunks));
    take_chunks(0);
    await_all(static_cast<std::uint32_t>(chunks));
  }
  // Nobody else touches the failure once all chunks are done.
  const std::exception_ptr failure = std::exchange(failure_, nullptr);
  running_.store(false, std::memory_order_release);
  if (failure) std::rethrow_exception(failure);
}

void Team::publish(const Job& job, std::uint32_t chunks) {
  // No chunk is left of the last run, so nobody can claim while these change, and nobody adds to finished_.
  finished_.store(0, std::memory_order_relaxed);
  call_.store(job.call, std::memory_order_relaxed);
  context_.store(job.context, std::memory_order_relaxed);
  chunks_.store(chunks, std::memory_order_relaxed);
  const std::uint32_t number = number_.load(std::memory_order_relaxed) + 1;
  ticket_.store(std::uint64_t{number} << 32U | chunks, std::memory_order_release);
  // Sequentially consistent, as are the counterparts in serve(): either the sleeper sees the new number, or this sees
  // the sleeper.
  number_.store(number);
  const int sleepers = sleepers_.load();
  if (sleepers > 0) wake(number_, static_cast<int>(std::min(static_cast<std::uint32_t>(sleepers), chunks - 1)));
}

void Team::take_chunks(int thread) {
  std::uint32_t done = 0;
  std::uint32_t chunks = 0;
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  while ((ticket & left_mask) != 0) {
    // Perhaps of a later run already; then the exchange fails.
    const Job job{call_.load(std::memory_order_relaxed), context_.load(std::memory_order_relaxed)};
    const std::uint32_t all = chunks_.load(std::memory_order_relaxed);
    const auto left = static_cast<std::uint32_t>(ticket & left_mask);
    if (!ticket_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
      continue;
    }
    chunks = all;
    do_chunk(job, static_cast<int>(chunks - left), thread);
    ++done;
    ticket = ticket_.load(std::memory_order_acquire);
  }
  // All at once: this counter's cache line would otherwise wander with every chunk.
  if (done == 0) return;
  if (finished_.fetch_add(done) + done == chunks && caller_sleeps_.load()) wake(finished_, 1);
}

void Team::do_chunk(const Job& job, int chunk, int thread) {
  try {
    job.call(job.context, chunk, thread);
  } catch (...) {
    const std::lock_guard lock(failure_mutex_);
    if (!failure_ || chunk < failed_chunk_) {
      failure_ = std::current_exception();
      failed_chunk_ = chunk;
    }
  }
}

void Team::await_all(std::uint32_t chunks) {
  const auto all_done = [&] { return finished_.load(std::memory_order_acquire) == chunks; };
  if (spin_until(all_done, spin_)) return;
  caller_sleeps_.store(true);
  for (std::uint32_t finished = finished_.load(); finished != chunks; finished = finished_.load()) {
    sleep_while(finished_, finished);
  }
  caller_sleeps_.store(false, std::memory_order_relaxed);
}

void Team::serve(int thread) {
  std::uint32_t seen = 0;
  for (;;) {
    if (!spin_until([&] { return number_.load(std::memory_order_acquire) != seen; }, spin_)) {
      sleepers_.fetch_add(1);
      while (number_.load() == seen) sleep_while(number_, seen);
      sleepers_.fetch_sub(1);
    }
    seen = number_.load(std::memory_order_acquire);
    if (ending_.load()) return;
    take_chunks(thread);
  }
}

}  // namespace plimsoll::executor
