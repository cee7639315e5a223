#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <span>

#include "support/json.hpp"
#include "support/json_text.hpp"
#include "support/npy.hpp"
#include "support/text.hpp"

namespace plimsoll::support {

namespace {

template <class T>
struct Range {
  T least;
  T most;
};

std::string spelled(std::int64_t number) { return std::to_string(number); }
std::string spelled(double number) { return number_text(number); }
std::string noun(std::int64_t /*sample*/) { return "a whole number"; }
std::string noun(double /*sample*/) { return "a number"; }

// Names the end of the range that a value missed, or the lower one where the value is of another type.
template <class T>
std::string described(const Range<T>& range, bool above) {
  if (range.least == range.most) return spelled(range.least);
  if (above) return noun(T{}) + " of at most " + spelled(range.most);
  if (range.least <= std::numeric_limits<T>::lowest()) return noun(T{});
  return noun(T{}) + " of at least " + spelled(range.least);
}

bool fits(const Json& json, const Range<std::int64_t>& range, std::int64_t& value) {
  const std::int64_t* whole = std::get_if<std::int64_t>(&json.value());
  if (whole == nullptr || *whole < range.least || *whole > range.most) return false;
  value = *whole;
  return true;
}

bool fits(const Json& json, const Range<double>& range, double& value) {
  if (const std::int64_t* whole = std::get_if<std::int64_t>(&json.value())) {
    value = static_cast<double>(*whole);
  } else if (const double* number = std::get_if<double>(&json.value())) {
    value = *number;
  } else {
    return false;
  }
  return value >= range.least && value <= range.most;
}

// Said of a value that did not fit.
template <class T>
std::string expectation(const Json& json, const Range<T>& range) {
  double number = 0;
  const bool any = fits(json, {std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()}, number);
  return described(range, any && number > static_cast<double>(range.most));
}

bool fits(const NpyArray& array, std::size_t index, const Range<std::int64_t>& range, std::int64_t& value) {
  const std::optional<std::int64_t> whole = array.integer(index);
  if (!whole || *whole < range.least || *whole > range.most) return false;
  value = *whole;
  return true;
}

bool fits(const NpyArray& array, std::size_t index, const Range<double>& range, double& value) {
  value = array.number(index);
  return value >= range.least && value <= range.most;  // false for NaN
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + ")";
}

template <class T>
std::vector<T> from_npy(const Reader& place, const std::string& name, const std::vector<std::size_t>& shape,
                        const Range<T>& range) {
  Attachments& attachments = *place.attachments();
  attachments.contents.push_back(read_attachment(attachments, name, place.pointer()));
  const NpyArray array = NpyArray::parse(attachments.contents.back(), name, place.pointer());
  if (array.shape() != shape) {
    throw Error(
        ErrorCode::input,
        "expected an array of shape " + shape_text(shape) + ", got " + array.shape_text() + " in " + in_quotes(name),
        place.pointer());
  }
  std::vector<T> values(array.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (fits(array, i, range, values[i])) continue;
    std::string where;
    std::size_t rest = i;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      where.insert(0, std::string("[").append(std::to_string(rest % shape[axis])).append("]"));
      rest /= shape[axis];
    }
    throw Error(ErrorCode::input,
                "expected " + described(range, array.number(i) > static_cast<double>(range.most)) + ", got " +
                    number_text(array.number(i)) + " at " + where + " of " + in_quotes(name),
                place.pointer());
  }
  return values;
}

template <class T>
void append_row(const Json::Array& row, const std::string& pointer, const Range<T>& range, std::vector<T>& values) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    T value;
    if (!fits(row[i], range, value)) Reader(row[i], pointer + child_pointer(i)).fail(expectation(row[i], range));
    values.push_back(value);
  }
}

template <class T>
std::string kind_of() {
  return std::is_same_v<T, double> ? " numbers" : " whole numbers";
}

// "an array of 3 rows of 4 numbers each"; `shape` is what is left of it at some depth.
template <class T>
std::string described(std::span<const std::size_t> shape) {
  static constexpr std::string_view kNouns[] = {"", " rows of ", " tables of ", " lists of "};
  std::string text = "an array of " + std::to_string(shape.front());
  for (std::size_t axis = 1; axis < shape.size(); ++axis) {
    text += kNouns[std::min<std::size_t>(shape.size() - axis, 3)];
    text += std::to_string(shape[axis]);
  }
  return text + kind_of<T>() + (shape.size() > 1 ? " each" : "");
}

// Every length is checked before memory is taken, so a small file cannot ask for a large table.
template <class T>
void check_lengths(const Json& json, const std::string& pointer, std::span<const std::size_t> shape) {
  const Json::Array* array = json.array();
  if (array == nullptr || array->size() != shape.front()) Reader(json, pointer).fail(described<T>(shape));
  if (shape.size() == 1) return;
  for (std::size_t i = 0; i < array->size(); ++i) {
    check_lengths<T>((*array)[i], pointer + child_pointer(i), shape.subspan(1));
  }
}

template <class T>
void append(const Json& json, const std::string& pointer, std::size_t dimensions, const Range<T>& range,
            std::vector<T>& values) {
  const Json::Array& array = *json.array();
  if (dimensions == 1) {
    append_row(array, pointer, range, values);
    return;
  }
  for (std::size_t i = 0; i < array.size(); ++i) {
    append(array[i], pointer + child_pointer(i), dimensions - 1, range, values);
  }
}

template <class T>
std::vector<T> read_array(const Reader& place, const std::vector<std::size_t>& shape, const Range<T>& range) {
  const std::string* name = place.attachments() != nullptr ? npy_name(place.json()) : nullptr;
  if (name != nullptr) return from_npy(place, *name, shape, range);
  check_lengths<T>(place.json(), place.pointer(), shape);
  std::vector<T> values;
  values.reserve(std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>()));
  append(place.json(), place.pointer(), shape.size(), range, values);
  return values;
}

}  // namespace

void Reader::fail(const std::string& expected, const std::string& advice) const {
  throw Error(ErrorCode::input, "expected " + expected + ", got " + json_->shown(), pointer_, advice);
}

bool Reader::boolean() const {
  const bool* flag = std::get_if<bool>(&json_->value());
  if (flag == nullptr) fail("true or false");
  return *flag;
}

std::string Reader::text() const {
  if (json_->string() == nullptr) fail("text in quotes");
  return *json_->string();
}

std::int64_t Reader::integer(std::int64_t least, std::int64_t most) const {
  const Range<std::int64_t> range{least, most};
  std::int64_t value = 0;
  if (!fits(*json_, range, value)) fail(expectation(*json_, range));
  return value;
}

double Reader::number(double least, double most) const {
  const Range<double> range{least, most};
  double value = 0;
  if (!fits(*json_, range, value)) fail(expectation(*json_, range));
  return value;
}

std::optional<Reader> Reader::optional_member(std::string_view key) {
  if (json_->object() == nullptr) fail("an object");
  asked_.emplace(key);
  const Json* value = json_->find(key);
  if (value == nullptr) return std::nullopt;
  return Reader(*value, pointer_ + child_pointer(key), attachments_);
}

Reader Reader::member(std::string_view key) {
  std::optional<Reader> value = optional_member(key);
  if (value) return std::move(*value);
  // A key that was mistyped is both missing and unknown: name it here.
  std::vector<std::string> others;
  for (const auto& [name, ignored] : *json_->object()) {
    if (asked_.find(name) == asked_.end() && name.substr(0, 2) != "x-") others.push_back(name);
  }
  const std::string guess = nearest(key, others);
  throw Error(ErrorCode::input, "the key " + in_quotes(key) + " is missing", pointer_,
              guess.empty() ? "" : "Maybe " + in_quotes(guess) + " should be " + in_quotes(key) + ".");
}

void Reader::done() const {
  if (json_->object() == nullptr) fail("an object");
  for (const auto& [name, value] : *json_->object()) {
    if (asked_.find(name) != asked_.end() || name.substr(0, 2) == "x-") continue;
    const std::vector<std::string> known(asked_.begin(), asked_.end());
    const std::string guess = nearest(name, known);
    std::string message = "unknown key " + in_quotes(name);
    if (guess.empty() && !known.empty()) {
      message += "; known here: ";
      for (std::size_t i = 0; i < known.size(); ++i) message.append(i == 0 ? "" : ", ").append(known[i]);
    }
    throw Error(ErrorCode::input, message, pointer_ + child_pointer(name),
                guess.empty() ? "" : "Maybe '" + guess + "' was meant.");
  }
}

std::vector<Reader> Reader::elements() const {
  if (json_->array() == nullptr) fail("an array");
  std::vector<Reader> result;
  result.reserve(json_->array()->size());
  for (const Json& element : *json_->array()) {
    result.emplace_back(element, pointer_ + child_pointer(result.size()), attachments_);
  }
  return result;
}

std::vector<double> Reader::numbers(std::size_t count, double least, double most) const {
  return read_array<double>(*this, {count}, {least, most});
}

std::vector<std::int64_t> Reader::integers(std::size_t count, std::int64_t least, std::int64_t most) const {
  return read_array<std::int64_t>(*this, {count}, {least, most});
}

std::vector<double> Reader::number_table(std::size_t rows, std::size_t columns, double least, double most) const {
  return read_array<double>(*this, {rows, columns}, {least, most});
}

std::vector<std::int64_t> Reader::integer_table(std::size_t rows, std::size_t columns, std::int64_t least,
                                                std::int64_t most) const {
  return read_array<std::int64_t>(*this, {rows, columns}, {least, most});
}

std::vector<double> Reader::number_array(const std::vector<std::size_t>& shape, double least, double most) const {
  return read_array<double>(*this, shape, {least, most});
}

std::vector<std::int64_t> Reader::integer_array(const std::vector<std::size_t>& shape, std::int64_t least,
                                                std::int64_t most) const {
  return read_array<std::int64_t>(*this, shape, {least, most});
}

}  // namespace plimsoll::support
