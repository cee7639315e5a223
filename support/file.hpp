// Whole files, in and out. Every failure is an Error(file) that names the path and says why.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::support {

// "-" is standard input.
std::string read_file(const std::string& path);

// Written whole or not at all: into a temporary file of the same folder that then takes the place of `path`. "-" is
// standard output; it and whatever else is no regular file (a pipe, /dev/null) are written directly.
void write_file_whole(const std::string& path, std::string_view text);

}  // namespace plimsoll::support
