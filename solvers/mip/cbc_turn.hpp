// One CBC solve at a time in the whole process: two at once "prove" wrong optima. A plain mutex could not be left when
// the time is up or somebody asks to stop.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "solvers/mip/search.hpp"

namespace plimsoll::solvers::mip {

class CbcTurn {
 public:
  // Returns when it is this solve's turn, or the search has to stop.
  explicit CbcTurn(Search& search) {
    std::unique_lock lock(mutex_);
    while (taken_) {
      if (search.should_stop()) return;
      freed_.wait_for(lock, std::chrono::milliseconds(5));
    }
    taken_ = mine_ = true;
  }
  CbcTurn(const CbcTurn&) = delete;
  CbcTurn& operator=(const CbcTurn&) = delete;
  ~CbcTurn() {
    if (!mine_) return;
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
    }
    freed_.notify_one();
  }
  [[nodiscard]] bool mine() const { return mine_; }

 private:
  static inline std::mutex mutex_;
  static inline std::condition_variable freed_;
  static inline bool taken_ = false;
  bool mine_ = false;
};

}  // namespace plimsoll::solvers::mip
