// What stands behind plimsoll_stop. Each solve watches a flag of its own, since its progress call may stop it without
// stopping the others that share the token. A request raises all flags, and must not wait: it may come from a signal
// handler.
#pragma once

#include <atomic>

#include "plimsoll/plimsoll.h"

namespace plimsoll::c {
class StopFlag;
}

struct plimsoll_stop {
 public:
  plimsoll_stop() = default;
  plimsoll_stop(const plimsoll_stop&) = delete;
  plimsoll_stop& operator=(const plimsoll_stop&) = delete;
  ~plimsoll_stop();

  void request() noexcept;

 private:
  friend class plimsoll::c::StopFlag;
  // Never unlinked before the token goes, so that request() may walk while solves come and go; used again by later
  // ones.
  struct Link {
    std::atomic<bool> flag{false};
    std::atomic<bool> taken{true};
    Link* next = nullptr;
  };
  Link* take();

  std::atomic<bool> requested_{false};
  std::atomic<Link*> first_{nullptr};
};

namespace plimsoll::c {

// The flag of one solve, for as long as it runs.
class StopFlag {
 public:
  explicit StopFlag(plimsoll_stop* token);  // may be null
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;
  ~StopFlag();

  [[nodiscard]] std::atomic<bool>& flag() { return link_->flag; }

 private:
  plimsoll_stop::Link own_;
  plimsoll_stop::Link* link_ = &own_;
};

}  // namespace plimsoll::c
