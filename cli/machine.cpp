#include "cli/machine.hpp"

#include <sched.h>
#include <sys/utsname.h>
#include <time.h>

#include <fstream>
#include <iterator>
#include <string_view>

#include "support/markup.hpp"

namespace plimsoll::cli {
namespace {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("model name", 0) != 0) continue;
    const std::size_t colon = line.find(':');
    const std::size_t first = colon == std::string::npos ? colon : line.find_first_not_of(" \t", colon + 1);
    if (first != std::string::npos) return line.substr(first);
  }
  return "unknown processor";
}

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

std::string quoted_for_shell(const std::string& word) {
  constexpr std::string_view harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:=+-@%";
  if (!word.empty() && word.find_first_not_of(harmless) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char character : word) quoted += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return quoted + "'";
}

}  // namespace

std::string machine_in_words() {
  const int cores = usable_cores();
  std::string text = processor() + ", " + std::to_string(cores) + (cores == 1 ? " core" : " cores");
  utsname system{};
  if (::uname(&system) == 0) text += std::string(", ") + system.sysname + " " + system.machine;
  return text;
}

std::string utc_now() {
  const time_t now = ::time(nullptr);
  tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, ::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::string line = "plimsoll";
  std::size_t begin = bytes.find('\0');
  while (begin != std::string::npos && begin + 1 < bytes.size()) {
    const std::size_t end = bytes.find('\0', begin + 1);
    const std::string word = bytes.substr(begin + 1, end - begin - 1);
    line += " " + quoted_for_shell(word);
    begin = end;
  }
  return support::legible(line);
}

}  // namespace plimsoll::cli
