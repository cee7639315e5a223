// Text to tree. nlohmann's parser does the lexing; this handler refuses what that library lets pass.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "support/json.hpp"
#include "support/json_text.hpp"
#include "support/text.hpp"

namespace plimsoll::support {

namespace {

constexpr std::size_t kDeepest = 64;

// "line 3, column 7" of the byte at `offset`, both from 1.
std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - start + 1);
}

// The letters and digits that end with the byte before `end`, and that byte whatever it is.
std::string_view word_before(std::string_view text, std::size_t end) {
  end = std::min(end, text.size());
  std::size_t start = end == 0 ? 0 : end - 1;
  const auto in_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  while (start > 0 && in_word(text[start - 1])) --start;
  return text.substr(start, end - start);
}

class TreeBuilder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  explicit TreeBuilder(std::string_view text) : text_(text) {}

  Json take() { return std::move(root_); }

  bool null() { return add(Json::Value(nullptr)); }
  bool boolean(bool flag) { return add(Json::Value(flag)); }
  bool number_integer(number_integer_t number) { return add(Json::Value(std::int64_t{number})); }
  bool number_unsigned(number_unsigned_t number) {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return add(Json::Value(static_cast<double>(number)));
    }
    return add(Json::Value(static_cast<std::int64_t>(number)));
  }
  bool number_float(number_float_t number, const string_t& /*text*/) { return add(Json::Value(number)); }
  bool string(string_t& text) { return add(Json::Value(std::move(text))); }
  bool binary(binary_t& /*bytes*/) { return false; }

  bool start_object(std::size_t /*size*/) { return open(true); }
  bool start_array(std::size_t /*size*/) { return open(false); }
  bool key(string_t& name) {
    frames_.back().object.emplace_back(std::move(name), Json());
    return true;
  }
  bool end_object() {
    refuse_duplicates();
    Json::Object object = std::move(frames_.back().object);
    frames_.pop_back();
    return add(Json::Value(std::move(object)));
  }
  bool end_array() {
    Json::Array array = std::move(frames_.back().array);
    frames_.pop_back();
    return add(Json::Value(std::move(array)));
  }

  [[noreturn]] bool parse_error(std::size_t position, const std::string& token,
                                const nlohmann::detail::exception& error) {
    const std::string place = place_of(text_, position == 0 ? 0 : position - 1);
    if (error.id == 406) {
      throw Error(ErrorCode::input, place + ": no finite number can hold " + in_quotes(token, 40), pointer());
    }
    std::string detail = error.what();
    if (const std::size_t dash = detail.find(" - "); dash != std::string::npos) detail.erase(0, dash + 3);
    if (const std::size_t last = detail.find("; last read: "); last != std::string::npos) {
      detail.erase(last);
      // nlohmann's token starts at the last string or number, which may be one that was read well.
      const bool in_token = detail.find("string") != std::string::npos || detail.find("number") != std::string::npos;
      detail += " at " + in_quotes(in_token ? std::string_view(token) : word_before(text_, position), 40);
    }
    throw Error(ErrorCode::input, place + ": broken JSON: " + detail);
  }

 private:
  struct Frame {
    bool is_object;
    Json::Object object;
    Json::Array array;
  };

  bool open(bool is_object) {
    if (frames_.size() == kDeepest) {
      throw Error(ErrorCode::input, "nested deeper than " + std::to_string(kDeepest) + " levels", pointer());
    }
    frames_.push_back({is_object, {}, {}});
    return true;
  }

  bool add(Json::Value value) {
    if (frames_.empty()) {
      root_ = Json(std::move(value));
    } else if (frames_.back().is_object) {
      frames_.back().object.back().second = Json(std::move(value));
    } else {
      frames_.back().array.emplace_back(std::move(value));
    }
    return true;
  }

  void refuse_duplicates() {
    const Json::Object& object = frames_.back().object;
    std::vector<std::string_view> keys;
    keys.reserve(object.size());
    for (const auto& [name, value] : object) keys.push_back(name);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice == keys.end()) return;
    const std::string name(*twice);
    frames_.back().object.emplace_back(name, Json());
    throw Error(ErrorCode::input, "the key " + in_quotes(name) + " stands twice in the same object", pointer());
  }

  // Of the value that is being read.
  [[nodiscard]] std::string pointer() const {
    std::string result;
    for (const Frame& frame : frames_) {
      if (frame.is_object && frame.object.empty()) break;
      result += frame.is_object ? child_pointer(frame.object.back().first) : child_pointer(frame.array.size());
    }
    return result;
  }

  std::string_view text_;
  std::vector<Frame> frames_;
  Json root_;
};

}  // namespace

Json parse(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw Error(ErrorCode::input, "expected a JSON document, got nothing but white space or an empty input");
  }
  // nlohmann takes a zero byte for the end of the text and would not look at what follows.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw Error(ErrorCode::input, place_of(text, zero) + ": broken JSON: a byte of value 0");
  }
  TreeBuilder builder(text);
  nlohmann::json::sax_parse(text.data(), text.data() + text.size(), &builder);
  return builder.take();
}

}  // namespace plimsoll::support
