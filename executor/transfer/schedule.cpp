#include "executor/transfer/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

// A thread that sleeps for every piece of a fast link would do little else, so pieces become due together for at least
// so long; the last ones are smaller, since a transfer ends later by the time that copying its last piece takes.
constexpr double batch_seconds = 200e-6;
constexpr double least_batch = 128 << 10;
// Pieces are whole cache lines, but for the last one.
constexpr std::size_t line = 64;

// At most some decades, which no sum of times overflows.
std::int64_t nanoseconds(double seconds) { return static_cast<std::int64_t>(std::ceil(std::min(seconds, 1e9) * 1e9)); }

std::int64_t nanoseconds_of(double bytes, double rate) { return rate > 0 ? nanoseconds(bytes / rate) : 0; }

}  // namespace

TransferSchedule::Job& TransferSchedule::at(int job) { return jobs_.at(static_cast<std::size_t>(job)); }

const std::atomic<std::uint32_t>& TransferSchedule::state(int job) const {
  return jobs_.at(static_cast<std::size_t>(job)).state;
}

TransferReport TransferSchedule::report(int job) const { return jobs_.at(static_cast<std::size_t>(job)).report; }

int TransferSchedule::submit(const TransferJob& ask, std::int64_t now_ns) {
  const int number = jobs();
  if (ask.after >= number) {
    throw Error(ErrorCode::usage, "transfer " + std::to_string(number) + " comes after " + std::to_string(ask.after) +
                                      ", which is not an earlier one");
  }
  for (const int port : ask.path.ports) {
    if (port >= static_cast<int>(ports_.size())) {
      throw Error(ErrorCode::usage, "there is no port " + std::to_string(port));
    }
  }
  Job& job = jobs_.emplace_back();
  job.ask = ask;
  job.held = ask.held;
  job.blockers = 1 + (ask.held ? 1 : 0);  // one that falls when all others are counted
  job.report.submitted_ns = now_ns;
  job.report.start_ns = ask.start_ns > 0 ? ask.start_ns : now_ns;
  job.ready_ns = std::max(ask.start_ns, now_ns);
  for (std::size_t side = 0; side < ask.path.ports.size(); ++side) {
    if (ask.path.ports[side] < 0) continue;
    PortState& port = ports_[static_cast<std::size_t>(ask.path.ports[side])];
    if (port.last >= 0) {
      Job& before = at(port.last);
      before.next[before.ask.path.ports[0] == ask.path.ports[side] ? 0 : 1] = number;
      ++job.blockers;
    }
    port.last = number;
  }
  bool lost = false;
  if (ask.after >= 0) {
    Job& source = at(ask.after);
    const std::uint32_t state = source.state.load(std::memory_order_relaxed);
    lost = state == cancelled || source.stop;
    if (state == pending) {
      job.next_dependent = source.first_dependent;
      source.first_dependent = number;
      ++job.blockers;
    }
  }
  unblock(number, 0, now_ns);
  if (lost) cancel(number, now_ns);
  return number;
}

void TransferSchedule::release(int number, std::int64_t now_ns) {
  Job& job = at(number);
  if (!job.held) return;
  job.held = false;
  unblock(number, now_ns, now_ns);
}

// Cancelled jobs keep their places on ports until their turn comes, which they pass on at once.
void TransferSchedule::cancel(int number, std::int64_t now_ns) {
  Job& job = at(number);
  if (job.stop || job.state.load(std::memory_order_relaxed) != pending) return;
  job.stop = true;
  for (int next = job.first_dependent; next >= 0; next = at(next).next_dependent) cancel(next, now_ns);
  if (std::ranges::find(active_, number) != active_.end()) {
    if (!job.out) finish(number, now_ns);
    return;
  }
  settle(job, number, cancelled, now_ns);
  if (job.blockers == 0) {
    std::erase_if(starts_, [&](const Start& start) { return start.job == number; });
    std::make_heap(starts_.begin(), starts_.end());
    finish(number, now_ns);
  }
  release(number, now_ns);
}

void TransferSchedule::unblock(int number, std::int64_t since_ns, std::int64_t now_ns) {
  Job& job = at(number);
  job.ready_ns = std::max(job.ready_ns, since_ns);
  job.free_ns = std::max(job.free_ns, since_ns);
  if (--job.blockers > 0) return;
  if (job.stop) {
    finish(number, now_ns);
    return;
  }
  starts_.push_back({job.ready_ns, number});
  std::push_heap(starts_.begin(), starts_.end());
}

void TransferSchedule::activate(int number, std::int64_t now_ns) {
  Job& job = at(number);
  job.begun_ns = job.ready_ns + nanoseconds(job.ask.path.latency_seconds);
  job.report.started_ns = now_ns;
  active_.push_back(number);
  set_due(job);
}

void TransferSchedule::set_due(Job& job) {
  if (job.moved < job.batch_end) return;  // the rest of a batch that is due
  const double rate = job.ask.path.bytes_per_second;
  const auto left = static_cast<double>(job.ask.bytes - job.moved);
  const double batch = std::min(left, std::clamp(left / 4, least_batch, std::max(least_batch, rate * batch_seconds)));
  job.batch_end = job.moved + static_cast<std::size_t>(batch);
  if (job.batch_end < job.ask.bytes) job.batch_end -= job.batch_end % line;
  job.due_ns = job.begun_ns + nanoseconds_of(static_cast<double>(job.batch_end), rate);
}

TransferSchedule::Piece TransferSchedule::next(std::int64_t now_ns) {
  while (!starts_.empty() && starts_.front().ready_ns <= now_ns) {
    const int number = starts_.front().job;
    std::pop_heap(starts_.begin(), starts_.end());
    starts_.pop_back();
    activate(number, now_ns);
  }
  // Of those that are due, whoever was served longest ago: no transfer waits for the whole of another.
  Piece piece;
  piece.until_ns = starts_.empty() ? never : starts_.front().ready_ns;
  for (const int number : active_) {
    const Job& job = at(number);
    if (job.out) continue;
    if (job.due_ns > now_ns) {
      piece.until_ns = std::min(piece.until_ns, job.due_ns);
    } else if (piece.job < 0 || job.served < at(piece.job).served) {
      piece.job = number;
    }
  }
  if (piece.job < 0) return piece;
  Job& job = at(piece.job);
  const double rate = job.ask.path.bytes_per_second;
  std::size_t end = job.ask.bytes;
  if (rate > 0 && now_ns < job.begun_ns + nanoseconds_of(static_cast<double>(end), rate)) {
    const double flown = rate * static_cast<double>(now_ns - job.begun_ns) * 1e-9;
    // What is due may go, however the products were rounded.
    end = std::clamp(static_cast<std::size_t>(flown), job.batch_end, end);
    if (end < job.ask.bytes) end -= end % line;
  }
  piece.bytes = std::min(end - job.moved, most_bytes);
  if (piece.bytes > 0) {
    piece.from = job.ask.from + job.moved;
    piece.to = job.ask.to + job.moved;
  }
  job.out = true;
  job.served = ++turn_;
  return piece;
}

void TransferSchedule::copied(const Piece& piece, std::int64_t now_ns) {
  Job& job = at(piece.job);
  job.out = false;
  job.moved += piece.bytes;
  if (job.stop || job.moved == job.ask.bytes) {
    finish(piece.job, now_ns);
  } else {
    set_due(job);
  }
}

void TransferSchedule::settle(Job& job, int number, State state, std::int64_t now_ns) {
  job.report.arrived = state == arrived;
  job.report.ended_ns = now_ns;
  job.state.store(state, std::memory_order_release);
  ended_.push_back(number);
}

// One after the other, not each from within the one before: thousands of cancelled jobs may follow each other.
void TransferSchedule::finish(int number, std::int64_t now_ns) {
  finishing_.push_back(number);
  if (finishing_.size() > 1) return;
  for (std::size_t i = 0; i < finishing_.size(); ++i) pass_on(finishing_[i], now_ns);
  finishing_.clear();
}

// Takes an active job off, or lets a cancelled one pass that never became active.
void TransferSchedule::pass_on(int number, std::int64_t now_ns) {
  Job& job = at(number);
  const bool ran = std::erase(active_, number) > 0;
  // A cancelled transfer leaves its ports now; any other leaves them when its last byte could have passed.
  std::int64_t free_ns = job.free_ns;
  if (ran) {
    free_ns = job.stop
                  ? now_ns
                  : job.begun_ns + nanoseconds_of(static_cast<double>(job.ask.bytes), job.ask.path.bytes_per_second);
    for (const int port : job.ask.path.ports) {
      if (port < 0) continue;
      ports_[static_cast<std::size_t>(port)].busy_seconds += static_cast<double>(free_ns - job.ready_ns) * 1e-9;
    }
  }
  if (job.state.load(std::memory_order_relaxed) == pending) {
    const double least = job.ask.path.seconds(static_cast<double>(job.ask.bytes));
    if (!job.stop) job.report.late_seconds = static_cast<double>(now_ns - job.report.start_ns) * 1e-9 - least;
    settle(job, number, job.stop ? cancelled : arrived, now_ns);
  }
  for (std::size_t side = 0; side < job.next.size(); ++side) {
    const int port = job.ask.path.ports[side];
    if (port < 0) continue;
    if (ports_[static_cast<std::size_t>(port)].last == number) ports_[static_cast<std::size_t>(port)].last = -1;
  }
  const std::array<int, 2> next = job.next;
  job.next = {-1, -1};
  for (const int other : next) {
    if (other >= 0) unblock(other, free_ns, now_ns);
  }
  int dependent = job.first_dependent;
  job.first_dependent = -1;
  while (dependent >= 0) {
    const int following = at(dependent).next_dependent;
    unblock(dependent, free_ns, now_ns);
    dependent = following;
  }
}

}  // namespace plimsoll::executor
