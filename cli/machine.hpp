// Where and when something was measured, for the head of a report.
#pragma once

#include <string>

namespace plimsoll::cli {

// "AMD EPYC 9R14, 2 cores, Linux x86_64": cores that this process may use.
std::string machine_in_words();
// "2026-01-31T12:00:00Z"
std::string utc_now();
// The words that this program was started with, quoted for a shell; the program itself as "plimsoll".
std::string command_line();

}  // namespace plimsoll::cli
