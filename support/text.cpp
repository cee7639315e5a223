#include "support/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <numeric>

namespace plimsoll::support {

namespace {

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

bool continues(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

}  // namespace

std::string in_quotes(std::string_view text, std::size_t limit) {
  const bool cut = text.size() > limit;
  if (cut) {
    while (limit > 0 && continues(static_cast<unsigned char>(text[limit]))) --limit;
    text = text.substr(0, limit);
  }
  const bool broken = find_broken_utf8(text) != std::string_view::npos;
  std::string result = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      result += '\\';
      result += character;
    } else if (byte < 0x20 || byte == 0x7F || (broken && byte >= 0x80)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(byte));
      result += escape;
    } else {
      result += character;
    }
  }
  result += '"';
  if (cut) result += "...";
  return result;
}

std::string nearest(std::string_view text, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t least = 2 + text.size() / 6;  // one more than the distance that still counts as near
  if (text.size() <= 2) least = 2;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), text.size());
    if (longer - std::min(candidate.size(), text.size()) > 16) continue;  // keeps absurd keys from costing time
    const std::size_t distance = edit_distance(text, candidate);
    // "layers" and "layer_count" are far apart in letters, but one begins like the other.
    const bool begins = text.size() >= 4 && candidate.size() >= 4 &&
                        (candidate.substr(0, text.size()) == text || text.substr(0, candidate.size()) == candidate);
    const std::size_t judged = begins ? std::min(distance, least - 1) : distance;
    if (judged < least) {
      least = judged;
      best = candidate;
    }
  }
  return best;
}

std::size_t find_broken_utf8(std::string_view text) {
  std::size_t index = 0;
  while (index < text.size()) {
    const auto lead = static_cast<unsigned char>(text[index]);
    if (lead < 0x80) {
      ++index;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - index < length) return index;
    std::uint32_t code = lead & (0x7FU >> length);
    for (std::size_t next = 1; next < length; ++next) {
      const auto byte = static_cast<unsigned char>(text[index + next]);
      if (!continues(byte)) return index;
      code = (code << 6U) | (byte & 0x3FU);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (surrogate || overlong || code > 0x10FFFF) return index;
    index += length;
  }
  return std::string_view::npos;
}

}  // namespace plimsoll::support
