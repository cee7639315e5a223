#include "executor/threads/control_group.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace plimsoll::executor {

std::string read_system_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  return std::move(text).str();
}

std::vector<std::string> control_group_values(std::string_view file) {
  // The line of version 2 is "0::/path/of/the/group".
  const std::string groups = "\n" + read_system_file("/proc/self/cgroup");
  const std::size_t line = groups.find("\n0::/");
  if (line == std::string::npos) return {};
  const std::size_t from = line + 4;
  std::string path = groups.substr(from, groups.find('\n', from) - from);
  std::vector<std::string> values;
  while (true) {
    std::string value = read_system_file("/sys/fs/cgroup" + path + "/" + std::string(file));
    if (!value.empty()) values.push_back(std::move(value));
    if (path.empty() || path == "/") return values;
    path.resize(path.rfind('/'));
  }
}

long long number_after(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(word)) continue;
    line.remove_prefix(word.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    long long number = 0;
    if (std::from_chars(line.data(), line.data() + line.size(), number).ec == std::errc()) return number;
  }
  return -1;
}

}  // namespace plimsoll::executor
