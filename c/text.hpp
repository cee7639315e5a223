// Texts into buffers of the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plimsoll::c {

// As much of the UTF-8 text as fits before the zero at the end, cut between characters.
void copy_cut(std::string_view text, char* buffer, std::size_t bytes) noexcept;

template <std::size_t Bytes>
void copy_cut(std::string_view text, char (&buffer)[Bytes]) noexcept {
  copy_cut(text, buffer, Bytes);
}

// The protocol of plimsoll_plan_json: the size that is needed, and the text where it fits. Throws Error(usage).
void give_text(std::string_view text, char* buffer, std::uint64_t bytes, std::uint64_t* needed);

}  // namespace plimsoll::c
