// How much an algorithm may still do. Steps are counted, some nanoseconds each, so that an answer depends on them and
// not on the clock; the meter's clock and stop flag end the work early where somebody asks for it.
#pragma once

#include <cstdint>
#include <limits>

#include "support/meter.hpp"

namespace plimsoll::solvers::packing {

class Effort {
 public:
  explicit Effort(std::uint64_t limit = std::numeric_limits<std::uint64_t>::max(),
                  const support::Meter* guard = nullptr)
      : limit_(limit), guard_(guard) {}

  // False once the limit is reached, or the guard is urgent; and from then on.
  bool spend(std::uint64_t steps) {
    spent_ += steps;
    if (spent_ >= limit_) return false;
    if (spent_ < next_look_) return !stopped_;
    next_look_ = spent_ + 100'000;
    stopped_ = stopped_ || (guard_ != nullptr && guard_->urgent());
    return !stopped_;
  }
  [[nodiscard]] bool over() const { return stopped_ || spent_ >= limit_; }
  [[nodiscard]] std::uint64_t spent() const { return spent_; }
  [[nodiscard]] std::uint64_t left() const { return over() ? 0 : limit_ - spent_; }
  [[nodiscard]] const support::Meter* guard() const { return guard_; }

 private:
  std::uint64_t limit_;
  std::uint64_t spent_ = 0;
  std::uint64_t next_look_ = 100'000;
  const support::Meter* guard_;
  bool stopped_ = false;
};

}  // namespace plimsoll::solvers::packing
