// printf into a text, for tables that people read.
#pragma once

#include <cstdio>
#include <string>

namespace plimsoll::support {

// Appends one line of at most 511 bytes.
template <class... Values>
void print(std::string& text, const char* format, Values... values) {
  char line[512];
  std::snprintf(line, sizeof line, format, values...);
  text += line;
}

}  // namespace plimsoll::support
