// How values and places are spelled; shared by the parser, the reader and the writer of JSON.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::support {

// One step of an RFC 6901 pointer, with its leading slash. Control characters are escaped as in a JSON string, so that
// a pointer always stands on one line.
std::string child_pointer(std::string_view key);
std::string child_pointer(std::size_t index);

// The fewest digits that read back to the same value; whole numbers below 1e15 without an exponent. Not for NaN or
// infinity in a document, but they are spelled for error messages.
std::string number_text(double number);

}  // namespace plimsoll::support
