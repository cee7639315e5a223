#include "support/npy.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "support/text.hpp"

static_assert(std::endian::native == std::endian::little, "NumPy values are copied as they are");

namespace plimsoll::support {

namespace {

// What the header says: {'descr': '<f8', 'fortran_order': False, 'shape': (58, 256), }
struct Header {
  std::string type;
  bool fortran_order = false;
  std::vector<std::size_t> shape;
};

// Reads the Python literal that NumPy writes; everything else is refused by returning nothing.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  std::optional<Header> parse() {
    Header header;
    int seen = 0;
    if (!take('{')) return std::nullopt;
    while (!take('}')) {
      const std::optional<std::string> key = string();
      if (!key || !take(':')) return std::nullopt;
      if (!value(*key, header)) return std::nullopt;
      ++seen;
      if (!take(',') && peek() != '}') return std::nullopt;
    }
    skip_space();
    // Three values that replaced the marks of "not seen yet", so each key was there once.
    if (seen != 3 || !type_seen_ || !order_seen_ || !shape_seen_ || !text_.empty()) return std::nullopt;
    return header;
  }

 private:
  bool value(const std::string& key, Header& header) {
    if (key == "descr") {
      const std::optional<std::string> type = string();
      type_seen_ = type.has_value();
      if (type) header.type = *type;
      return type_seen_;
    }
    if (key == "fortran_order") {
      header.fortran_order = take_word("True");
      order_seen_ = header.fortran_order || take_word("False");
      return order_seen_;
    }
    shape_seen_ = key == "shape" && shape(header.shape);
    return shape_seen_;
  }

  bool shape(std::vector<std::size_t>& sizes) {
    if (!take('(')) return false;
    while (!take(')')) {
      const std::optional<std::size_t> size = whole();
      if (!size) return false;
      sizes.push_back(*size);
      if (!take(',') && peek() != ')') return false;
    }
    return true;
  }

  std::optional<std::size_t> whole() {
    skip_space();
    if (text_.empty() || text_.front() < '0' || text_.front() > '9') return std::nullopt;
    std::size_t number = 0;
    while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9') {
      const auto digit = static_cast<std::size_t>(text_.front() - '0');
      if (number > (std::numeric_limits<std::size_t>::max() - digit) / 10) return std::nullopt;
      number = number * 10 + digit;
      text_.remove_prefix(1);
    }
    return number;
  }

  std::optional<std::string> string() {
    skip_space();
    if (text_.empty() || (text_.front() != '\'' && text_.front() != '"')) return std::nullopt;
    const std::size_t end = text_.find(text_.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string result(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return result;
  }

  void skip_space() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n')) text_.remove_prefix(1);
  }
  char peek() {
    skip_space();
    return text_.empty() ? '\0' : text_.front();
  }
  bool take(char expected) {
    if (peek() != expected) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (text_.substr(0, word.size()) != word) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  std::string_view text_;
  bool type_seen_ = false;
  bool order_seen_ = false;
  bool shape_seen_ = false;
};

template <class T>
T load(std::string_view data, std::size_t index) {
  T value;
  std::memcpy(&value, data.data() + index * sizeof(T), sizeof(T));
  return value;
}

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

NpyArray NpyArray::parse(std::string_view bytes, const std::string& name, const std::string& pointer) {
  const auto refuse = [&](const std::string& reason, const std::string& advice = {}) {
    throw Error(ErrorCode::input, in_quotes(name) + " " + reason, pointer, advice);
  };
  constexpr std::string_view kMagic = "\x93NUMPY";
  if (bytes.substr(0, kMagic.size()) != kMagic || bytes.size() < 10) refuse("is no NumPy file");
  const int version = bytes[6];
  if (version < 1 || version > 3 || bytes[7] != 0) refuse("is of a version other than 1.0, 2.0 and 3.0");
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t start = 8 + length_bytes;
  if (bytes.size() < start) refuse("ends inside its header");
  const std::size_t header_bytes = little_endian(bytes.substr(8, length_bytes));
  if (header_bytes > bytes.size() - start) refuse("ends inside its header");
  const std::optional<Header> header = HeaderParser(bytes.substr(start, header_bytes)).parse();
  if (!header) refuse("has a broken header");

  NpyArray array;
  const std::string& type = header->type;
  const char kind = type.size() == 3 ? type[1] : '\0';
  const char digit = type.size() == 3 ? type[2] : '\0';
  const bool whole = (kind == 'i' || kind == 'u') && (digit == '1' || digit == '2' || digit == '4' || digit == '8');
  const bool floating = kind == 'f' && (digit == '4' || digit == '8');
  if (!whole && !floating) {
    refuse("holds values of type " + in_quotes(type) + ", not whole numbers or floats of 32 or 64 bits",
           "Maybe convert it with astype(numpy.float64).");
  }
  if (type[0] != '<' && !(type[0] == '|' && digit == '1')) {
    refuse("holds big-endian values", "Maybe convert it with astype('<" + type.substr(1) + "').");
  }
  if (header->fortran_order) {
    refuse("is stored in Fortran order", "Maybe save numpy.ascontiguousarray(array) instead.");
  }
  array.kind_ = floating ? Kind::floating : kind == 'i' ? Kind::with_sign : Kind::without_sign;
  array.item_bytes_ = static_cast<std::size_t>(digit - '0');
  array.shape_ = header->shape;
  array.data_ = bytes.substr(start + header_bytes);

  // Once one size is 0 the product is 0, whatever the others are.
  std::size_t expected = array.item_bytes_;
  for (const std::size_t size : array.shape_) {
    if (size == 0) expected = 0;
  }
  for (const std::size_t size : array.shape_) {
    if (expected == 0) break;
    if (size > array.data_.size() / expected) refuse("is too short for its shape " + array.shape_text());
    expected *= size;
  }
  if (expected != array.data_.size()) {
    refuse("holds " + std::to_string(array.data_.size()) + " bytes of values, its shape " + array.shape_text() +
           " needs " + std::to_string(expected));
  }
  return array;
}

double NpyArray::number(std::size_t index) const {
  if (kind_ == Kind::floating) return item_bytes_ == 4 ? load<float>(data_, index) : load<double>(data_, index);
  if (kind_ == Kind::without_sign && item_bytes_ == 8) return static_cast<double>(load<std::uint64_t>(data_, index));
  return static_cast<double>(integer(index).value_or(0));
}

std::optional<std::int64_t> NpyArray::integer(std::size_t index) const {
  if (kind_ == Kind::floating) {
    const double value = number(index);
    constexpr double kExact = 9007199254740992.0;  // 2^53
    if (!(std::abs(value) <= kExact) || std::trunc(value) != value) return std::nullopt;
    return static_cast<std::int64_t>(value);
  }
  const bool has_sign = kind_ == Kind::with_sign;
  switch (item_bytes_) {
    case 1:
      return has_sign ? std::int64_t{load<std::int8_t>(data_, index)} : load<std::uint8_t>(data_, index);
    case 2:
      return has_sign ? std::int64_t{load<std::int16_t>(data_, index)} : load<std::uint16_t>(data_, index);
    case 4:
      return has_sign ? std::int64_t{load<std::int32_t>(data_, index)} : load<std::uint32_t>(data_, index);
    default:
      break;
  }
  if (has_sign) return load<std::int64_t>(data_, index);
  const auto value = load<std::uint64_t>(data_, index);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::string NpyArray::shape_text() const {
  std::string text = "(";
  for (std::size_t i = 0; i < shape_.size(); ++i) {
    if (i == 8) return text + ", ...)";
    text.append(i == 0 ? "" : ", ").append(std::to_string(shape_[i]));
  }
  return text + ")";
}

}  // namespace plimsoll::support
