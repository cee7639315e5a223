#include "support/markup.hpp"

#include "support/text.hpp"

namespace plimsoll::support {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view ellipsis = "\xe2\x80\xa6";

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// U+FFFE and U+FFFF are no characters of XML.
bool is_noncharacter(std::string_view rest) {
  return rest.substr(0, 3) == "\xef\xbf\xbe" || rest.substr(0, 3) == "\xef\xbf\xbf";
}

void append(std::string& out, std::string_view text) {
  for (std::size_t k = 0; k < text.size(); ++k) {
    const char character = text[k];
    const auto byte = static_cast<unsigned char>(character);
    if (character == '&') {
      out += "&amp;";
    } else if (character == '<') {
      out += "&lt;";
    } else if (character == '>') {
      out += "&gt;";
    } else if (character == '"') {
      out += "&quot;";
    } else if (character == '\'') {
      out += "&#39;";
    } else if ((byte < 0x20 && character != '\t' && character != '\n') || byte == 0x7f) {
      out += replacement;
    } else if (is_noncharacter(text.substr(k))) {
      out += replacement;
      k += 2;
    } else {
      out += character;
    }
  }
}

}  // namespace

std::string legible(std::string_view text) {
  std::string out;
  for (std::size_t broken = 0; (broken = find_broken_utf8(text)) != std::string_view::npos;) {
    out.append(text.substr(0, broken)).append(replacement);
    text.remove_prefix(broken + 1);
  }
  return out.append(text);
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append(out, legible(text));
  return out;
}

std::string markdown_text(const std::string& text) {
  std::string safe;
  for (const char character : text) {
    if (character == '\n' || character == '\r') {
      safe += ' ';
      continue;
    }
    if (character == '<') {
      safe += "&lt;";
      continue;
    }
    if (character == '*' || character == '_' || character == '`' || character == '\\' || character == '[') safe += '\\';
    safe += character;
  }
  return safe;
}

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += continues(byte) ? 0 : 1;
  return count;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (characters(text) <= most || most == 0) return std::string(text);
  std::size_t kept = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    if (!continues(text[end]) && kept++ == most - 1) break;
    ++end;
  }
  return std::string(text.substr(0, end)) + std::string(ellipsis);
}

}  // namespace plimsoll::support
