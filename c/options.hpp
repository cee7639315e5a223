// plimsoll_options for one call: checked, with the flag that stops it.
#pragma once

#include "c/stop.hpp"
#include "plimsoll/options.hpp"
#include "plimsoll/plimsoll.h"

namespace plimsoll::c {

class CallOptions {
 public:
  // NULL: all defaults. Throws Error(usage) for what makes no sense.
  explicit CallOptions(const plimsoll_options* given);

  [[nodiscard]] const plimsoll_options& given() const { return given_; }
  [[nodiscard]] std::optional<std::uint64_t> work_limit() const;
  [[nodiscard]] std::optional<double> time_limit_seconds() const;
  [[nodiscard]] const std::atomic<bool>* stop() { return &flag_.flag(); }
  // They refer to this object.
  [[nodiscard]] SolveOptions solve_options();

 private:
  plimsoll_options given_;
  StopFlag flag_;
};

}  // namespace plimsoll::c
