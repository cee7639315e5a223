#include "support/meter.hpp"

#include <algorithm>

namespace plimsoll::support {

Meter::Meter(std::uint64_t work_limit, std::optional<double> time_limit_seconds, const std::atomic<bool>* stop,
             Clock::time_point start)
    : work_limit_(work_limit), start_(start), stop_(stop) {
  // A limit of centuries would overflow the clock's counter; it is no limit.
  if (time_limit_seconds && *time_limit_seconds < 1e9) {
    deadline_ = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*time_limit_seconds));
  }
}

std::optional<double> Meter::seconds_left() const {
  if (deadline_ == Clock::time_point::max()) return std::nullopt;
  return std::max(0.0, std::chrono::duration<double>(deadline_ - Clock::now()).count());
}

double Meter::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

bool Meter::urgent() const {
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) return true;
  return deadline_ != Clock::time_point::max() && Clock::now() >= deadline_;
}

std::optional<StoppedBy> Meter::reason() const {
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) return StoppedBy::interrupt;
  if (deadline_ != Clock::time_point::max() && Clock::now() >= deadline_) return StoppedBy::time;
  if (work_left() == 0) return StoppedBy::work;
  return std::nullopt;
}

}  // namespace plimsoll::support
