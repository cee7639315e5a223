// Structs that begin with struct_size: programs that were compiled with an older or a newer header than this library
// hand over shorter or longer ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::c {

inline constexpr std::uint32_t most_bytes_of_a_struct = 65536;

inline std::uint32_t checked_size(const void* given, const char* name, const char* advice) {
  std::uint32_t size = 0;
  std::memcpy(&size, given, sizeof size);
  if (size >= sizeof size && size <= most_bytes_of_a_struct) return size;
  throw Error(ErrorCode::usage, std::string(name) + ".struct_size is " + std::to_string(size), {}, advice);
}

// The caller's struct in this library's form: what an older one lacks has its default. Throws Error(usage) where a
// newer one has something set that this library does not know.
template <class Struct>
Struct read_sized(const Struct* given, const Struct& defaults, const char* name) {
  const std::uint32_t size = checked_size(given, name, "Maybe its _init call is missing.");
  Struct read = defaults;
  std::memcpy(&read, given, std::min<std::size_t>(size, sizeof read));
  read.struct_size = sizeof read;
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (std::size_t i = sizeof read; i < size; ++i) {
    if (bytes[i] == 0) continue;
    throw Error(
        ErrorCode::usage,
        std::string(name) + " has a field set at byte " + std::to_string(i) + " that this library does not know", {},
        "Maybe an older library is loaded than the header that the program was compiled with.");
  }
  return read;
}

// The other way: fields that the caller does not know are left out, those that this library does not know are 0.
template <class Struct>
void write_sized(const Struct& value, Struct* taker, std::uint32_t size) {
  const std::size_t known = std::min<std::size_t>(size, sizeof value);
  auto* bytes = reinterpret_cast<unsigned char*>(taker);
  std::memset(bytes, 0, size);
  std::memcpy(bytes, &value, known);
  if (size >= sizeof size) std::memcpy(bytes, &size, sizeof size);
}

template <class Struct>
void init_sized(Struct* taker, std::uint32_t size, const Struct& defaults) {
  if (taker != nullptr && size <= most_bytes_of_a_struct) write_sized(defaults, taker, size);
}

}  // namespace plimsoll::c
