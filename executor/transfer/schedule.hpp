// What to copy when: the transfers of an engine as a state machine over a given time. It copies nothing and asks no
// clock, so that the engine's threads can share it under a lock and tests can run it step by step.
//
// Order. A port carries one transfer at a time, in the order of submission; a transfer starts when it is the next on
// both of its ports, the job `after` which it comes has arrived, it is not held, and its time has come. Since all of
// these wait for earlier jobs or for the caller, jobs never wait for each other in a circle.
//
// Pace. A transfer that begins at t has moved at most rate * (now - t - latency) bytes at any time. It begins at the
// moment from which nothing held it up, whenever the engine gets to it: a port that is free at 5.0 and whose next
// transfer the engine takes up at 5.1 is not slower for that. So ports carry at most rate * time over any time, and
// what the engine is late with, it can catch up.
//
// All times are nanoseconds of one steady clock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "executor/transfer/link_model.hpp"

namespace plimsoll::executor {

struct TransferJob {
  const std::byte* from = nullptr;
  std::byte* to = nullptr;
  std::size_t bytes = 0;
  LinkPath path;
  std::int64_t start_ns = 0;  // not before
  int after = -1;             // an earlier job whose target is this one's source
  bool held = false;          // waits for `release`, too: the target is still in use
};

struct TransferReport {
  std::int64_t submitted_ns = 0;
  std::int64_t start_ns = 0;    // as asked for, or submitted_ns where that was 0
  std::int64_t started_ns = 0;  // of the first copy; 0: has not
  std::int64_t ended_ns = 0;    // 0: has not
  bool arrived = false;
  double late_seconds = 0;  // arrived so much later than start + latency + bytes / rate
};

class TransferSchedule {
 public:
  enum State : std::uint32_t { pending, arrived, cancelled };

  // One piece of a transfer to be copied by whoever asked; or, with job -1, nothing before `until_ns`.
  struct Piece {
    int job = -1;
    const std::byte* from = nullptr;
    std::byte* to = nullptr;
    std::size_t bytes = 0;
    std::int64_t until_ns = 0;
  };
  static constexpr std::int64_t never = INT64_MAX;
  static constexpr std::size_t most_bytes = std::size_t{256} << 10U;

  // Jobs are numbered from 0. Throws Error(usage) where `after` is not an earlier job or a port is unknown.
  explicit TransferSchedule(int ports) : ports_(static_cast<std::size_t>(ports)) {}
  int submit(const TransferJob& job, std::int64_t now_ns);
  void release(int job, std::int64_t now_ns);
  // The job and all that come after it end without having arrived; one that is being copied ends with its piece.
  // Nothing happens to a job that has ended.
  void cancel(int job, std::int64_t now_ns);

  // Pieces of several jobs may be out at a time, of each job one; each goes back to `copied`.
  Piece next(std::int64_t now_ns);
  void copied(const Piece& piece, std::int64_t now_ns);

  [[nodiscard]] int jobs() const { return static_cast<int>(jobs_.size()); }
  // Turns from pending when the job has ended; set with release order. The reference stays valid.
  [[nodiscard]] const std::atomic<std::uint32_t>& state(int job) const;
  [[nodiscard]] TransferReport report(int job) const;
  [[nodiscard]] double busy_seconds(int port) const { return ports_[static_cast<std::size_t>(port)].busy_seconds; }
  // Jobs that have ended since this was last asked; the caller empties it.
  std::vector<int>& ended() { return ended_; }

 private:
  struct Job {
    TransferJob ask;
    std::atomic<std::uint32_t> state{pending};
    int blockers = 0;  // ports, `after`, held
    bool held = false;
    bool stop = false;                   // cancelled
    bool out = false;                    // a piece is being copied
    std::array<int, 2> next = {-1, -1};  // on its ports
    int first_dependent = -1;            // jobs after this one
    int next_dependent = -1;             // another job after the same one
    std::size_t moved = 0;
    std::size_t batch_end = 0;  // bytes that may have moved at due_ns
    std::uint64_t served = 0;   // turn in which it was last served
    std::int64_t ready_ns = 0;  // from when nothing holds it up
    std::int64_t free_ns = 0;   // from when ports and `after` do not
    std::int64_t begun_ns = 0;  // ready and the latency past: bytes flow
    std::int64_t due_ns = 0;    // of the next batch
    TransferReport report;
  };
  struct PortState {
    int last = -1;
    double busy_seconds = 0;
  };
  struct Start {
    std::int64_t ready_ns;
    int job;
    bool operator<(const Start& other) const {  // for a heap with the earliest on top
      return ready_ns != other.ready_ns ? ready_ns > other.ready_ns : job > other.job;
    }
  };

  Job& at(int job);
  void unblock(int job, std::int64_t since_ns, std::int64_t now_ns);
  void activate(int job, std::int64_t now_ns);
  void set_due(Job& job);
  void finish(int job, std::int64_t now_ns);
  void pass_on(int job, std::int64_t now_ns);
  void settle(Job& job, int number, State state, std::int64_t now_ns);

  std::deque<Job> jobs_;  // never moved: `state` is watched from outside
  std::vector<PortState> ports_;
  std::vector<Start> starts_;  // heap of jobs without blockers
  std::vector<int> active_;
  std::vector<int> ended_;
  std::vector<int> finishing_;
  std::uint64_t turn_ = 0;
};

}  // namespace plimsoll::executor
