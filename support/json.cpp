#include "support/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "support/json_text.hpp"
#include "support/text.hpp"

namespace plimsoll::support {

namespace {

// A value inside a shown container.
std::string shown_inside(const Json& json) {
  if (json.array() != nullptr) return json.array()->empty() ? "[]" : "[...]";
  if (json.object() != nullptr) return json.object()->empty() ? "{}" : "{...}";
  return json.string() != nullptr ? in_quotes(*json.string(), 20) : json.shown();
}

std::string shown_array(const Json::Array& array) {
  constexpr std::size_t kMost = 3;
  std::string text = "[";
  for (std::size_t i = 0; i < std::min(kMost, array.size()); ++i) {
    if (i > 0) text += ", ";
    text += shown_inside(array[i]);
  }
  if (array.size() <= kMost) return text + "]";
  return text + ", ...] (" + std::to_string(array.size()) + " elements)";
}

std::string shown_object(const Json::Object& object) {
  constexpr std::size_t kMost = 3;
  std::string text = "{";
  for (std::size_t i = 0; i < std::min(kMost, object.size()); ++i) {
    if (i > 0) text += ", ";
    text += in_quotes(object[i].first, 20) + ": " + shown_inside(object[i].second);
  }
  if (object.size() <= kMost) return text + "}";
  return text + ", ...} (" + std::to_string(object.size()) + " keys)";
}

}  // namespace

const Json* Json::find(std::string_view key) const {
  if (object() == nullptr) return nullptr;
  for (const auto& [name, value] : *object()) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string Json::shown() const {
  if (is_null()) return "null";
  if (const bool* flag = std::get_if<bool>(&value_)) return *flag ? "true" : "false";
  if (const std::int64_t* whole = std::get_if<std::int64_t>(&value_)) return std::to_string(*whole);
  if (const double* number = std::get_if<double>(&value_)) {
    // 2.0 must not look like the whole number that was expected.
    const std::string text = number_text(*number);
    return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
  }
  if (string() != nullptr) return in_quotes(*string());
  return array() != nullptr ? shown_array(*array()) : shown_object(*object());
}

std::string child_pointer(std::string_view key) {
  std::string result = "/";
  for (const char character : key) {
    if (character == '~') {
      result += "~0";
    } else if (character == '/') {
      result += "~1";
    } else if (static_cast<unsigned char>(character) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(character));
      result += escape;
    } else {
      result += character;
    }
  }
  return result;
}

std::string child_pointer(std::size_t index) { return std::string("/").append(std::to_string(index)); }

std::string number_text(double number) {
  char buffer[40];
  constexpr double kPlain = 1e15;  // well below 2^53, where whole numbers stop being exact
  // "-0" would read back as the whole number 0.
  if (number == 0 && std::signbit(number)) return "-0.0";
  const bool plain = std::abs(number) < kPlain && std::trunc(number) == number;
  const std::to_chars_result end =
      plain ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::int64_t>(number))
            : std::to_chars(buffer, buffer + sizeof buffer, number);
  return {buffer, end.ptr};
}

}  // namespace plimsoll::support
