// Text for error messages: short, on one line, and with a guess at what was meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::support {

// The text in double quotes with control characters escaped as in JSON; cut (with "...") after `limit` bytes.
std::string in_quotes(std::string_view text, std::size_t limit = 60);

// The candidate that is most like `text`, or empty where none is near (a typing error or two). Ties: the first.
std::string nearest(std::string_view text, const std::vector<std::string>& candidates);

// The first byte that is not part of well-formed UTF-8, or npos.
std::size_t find_broken_utf8(std::string_view text);

}  // namespace plimsoll::support
