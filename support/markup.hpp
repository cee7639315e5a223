// Text inside XML and HTML: what would be read as markup is written as a reference, what no XML document may hold is
// shown as U+FFFD, so that any bytes of a user's file stay text.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::support {

// Broken UTF-8 as U+FFFD: what may stand in a document whatever a file is called.
std::string legible(std::string_view text);

// For text between tags and for attribute values in double quotes.
std::string escaped(std::string_view text);

// What Markdown would take for markup is escaped; on one line.
std::string markdown_text(const std::string& text);

// At most `most` characters of UTF-8, the last one an ellipsis where something was cut.
std::string shortened(std::string_view text, std::size_t most);

// Characters of UTF-8, as a rough measure of width.
std::size_t characters(std::string_view text);

}  // namespace plimsoll::support
