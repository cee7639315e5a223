// How busy the machine was with other things while something was measured: what a figure of time is worth.
#pragma once

#include <cstdint>
#include <string_view>

namespace plimsoll::executor {

// Of all processors since the system started, in ticks.
struct ProcessorTicks {
  std::int64_t busy = 0;  // user, nice, system, interrupts, and stolen by the host
  std::int64_t idle = 0;  // idle, and waiting for devices
  int processors = 0;
};
// From the text of /proc/stat; processors 0 where it makes no sense.
[[nodiscard]] ProcessorTicks processor_ticks(std::string_view text);

class BusyMeter {
 public:
  BusyMeter();  // from now on
  // The share in [0, 1] of all processors' time since then that went neither to this process nor to idling. -1 where
  // the system does not say, and within the first 50 ms, of which its ticks say nothing.
  [[nodiscard]] double other() const;

 private:
  ProcessorTicks ticks_;
  std::int64_t wall_ns_;
  std::int64_t own_ns_;
};

}  // namespace plimsoll::executor
