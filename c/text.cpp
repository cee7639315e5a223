#include "c/text.hpp"

#include <cstring>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::c {

void copy_cut(std::string_view text, char* buffer, std::size_t bytes) noexcept {
  if (bytes == 0) return;
  std::size_t length = text.size();
  if (length >= bytes) {
    length = bytes - 1;
    // Bytes 10xxxxxx go on with the character that began before them.
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  }
  if (length > 0) std::memcpy(buffer, text.data(), length);
  buffer[length] = '\0';
}

void give_text(std::string_view text, char* buffer, std::uint64_t bytes, std::uint64_t* needed) {
  const std::uint64_t size = text.size() + 1;
  if (needed != nullptr) *needed = size;
  if (bytes == 0) {
    if (needed == nullptr) throw Error(ErrorCode::usage, "neither a buffer nor a place for the size is given");
    return;
  }
  if (buffer == nullptr) {
    throw Error(ErrorCode::usage, "text is NULL, but bytes is " + std::to_string(bytes));
  }
  if (bytes < size) {
    buffer[0] = '\0';
    throw Error(ErrorCode::usage,
                "the buffer has " + std::to_string(bytes) + " bytes, the text needs " + std::to_string(size), {},
                "Maybe ask for the size first: with bytes 0.");
  }
  copy_cut(text, buffer, static_cast<std::size_t>(bytes));
}

}  // namespace plimsoll::c
