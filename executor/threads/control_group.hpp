// What the control groups (Linux, version 2) say that this process is in: its own and all above it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::executor {

// The contents of such a file ("cpu.max", "memory.max") in every group that has it, the innermost first. Within a
// container the groups outside are not seen; empty where there are none.
[[nodiscard]] std::vector<std::string> control_group_values(std::string_view file);

// The number that follows this word and blanks at the beginning of a line: "MemAvailable:   123 kB". -1 where there is
// none.
[[nodiscard]] long long number_after(std::string_view text, std::string_view word);

// A file of /proc or /sys, empty where it cannot be read.
[[nodiscard]] std::string read_system_file(const std::string& path);

}  // namespace plimsoll::executor
