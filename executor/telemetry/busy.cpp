#include "executor/telemetry/busy.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "executor/telemetry/clock.hpp"
#include "executor/threads/control_group.hpp"

namespace plimsoll::executor {
namespace {

// Of all threads of this process; -1 where the system does not say.
std::int64_t own_processor_ns() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return -1;
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

ProcessorTicks ticks_now() { return processor_ticks(read_system_file("/proc/stat")); }

}  // namespace

ProcessorTicks processor_ticks(std::string_view text) {
  // "cpu  user nice system idle iowait irq softirq steal guest guest_nice", the sum of the lines "cpu0 ..." below.
  if (!text.starts_with("cpu ")) return {};
  std::array<std::int64_t, 8> columns{};
  const char* at = text.data() + 4;
  const char* const end = text.data() + text.size();
  for (std::int64_t& column : columns) {
    while (at != end && *at == ' ') ++at;
    const auto read = std::from_chars(at, end, column);
    if (read.ec != std::errc()) return {};
    at = read.ptr;
  }
  ProcessorTicks ticks;
  ticks.busy = columns[0] + columns[1] + columns[2] + columns[5] + columns[6] + columns[7];  // guests are in user, nice
  ticks.idle = columns[3] + columns[4];
  for (std::size_t line = text.find("\ncpu"); line != std::string_view::npos; line = text.find("\ncpu", line + 1)) {
    ++ticks.processors;
  }
  return ticks;
}

BusyMeter::BusyMeter() : ticks_(ticks_now()), wall_ns_(now_ns()), own_ns_(own_processor_ns()) {}

double BusyMeter::other() const {
  const std::int64_t wall_ns = now_ns() - wall_ns_;
  const std::int64_t own_ns = own_processor_ns();
  const ProcessorTicks now = ticks_now();
  const long per_second = sysconf(_SC_CLK_TCK);
  // Sandboxes show counters that stand still.
  const bool moved = now.busy + now.idle > ticks_.busy + ticks_.idle;
  if (now.processors == 0 || own_ns_ < 0 || own_ns < 0 || per_second <= 0 || !moved || wall_ns < 50'000'000) return -1;
  const double busy = static_cast<double>(now.busy - ticks_.busy) / static_cast<double>(per_second);
  const double own = static_cast<double>(own_ns - own_ns_) * 1e-9;
  return std::clamp((busy - own) / (now.processors * static_cast<double>(wall_ns) * 1e-9), 0.0, 1.0);
}

}  // namespace plimsoll::executor
