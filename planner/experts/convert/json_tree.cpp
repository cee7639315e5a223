#include "planner/experts/convert/json_tree.hpp"

#include <algorithm>

#include "support/npy.hpp"

namespace plimsoll::experts {
namespace {

using support::Json;

template <class Number, class Wide>
Json table_of(const Matrix<Number>& table) {
  Json::Array rows;
  rows.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Json::Array numbers;
    numbers.reserve(table.columns());
    for (const Number number : table.row(row)) numbers.emplace_back(Json::Value(static_cast<Wide>(number)));
    rows.emplace_back(Json::Value(std::move(numbers)));
  }
  return Json(Json::Value(std::move(rows)));
}

void write(support::Writer& writer, const Json& json);

void write_array(support::Writer& writer, const Json::Array& array) {
  std::vector<std::int64_t> whole;
  std::vector<double> numbers;
  for (const Json& element : array) {
    if (const auto* number = std::get_if<std::int64_t>(&element.value())) whole.push_back(*number);
    if (const auto* number = std::get_if<double>(&element.value())) numbers.push_back(*number);
  }
  if (whole.size() == array.size()) {
    writer.line(whole);
  } else if (numbers.size() == array.size()) {
    writer.line(numbers);
  } else {
    writer.begin_array();
    for (const Json& element : array) write(writer, element);
    writer.end_array();
  }
}

void write(support::Writer& writer, const Json& json) {
  if (const Json::Array* array = json.array()) {
    write_array(writer, *array);
  } else if (const Json::Object* object = json.object()) {
    writer.begin_object();
    for (const auto& [key, value] : *object) {
      writer.key(key);
      write(writer, value);
    }
    writer.end_object();
  } else if (json.string() != nullptr) {
    writer.value(std::string_view(*json.string()));
  } else if (const auto* whole = std::get_if<std::int64_t>(&json.value())) {
    writer.value(*whole);
  } else if (const auto* number = std::get_if<double>(&json.value())) {
    writer.value(*number);
  } else if (const auto* flag = std::get_if<bool>(&json.value())) {
    writer.value(*flag);
  } else {
    writer.null();
  }
}

}  // namespace

Json json_of(const std::vector<std::int64_t>& numbers) {
  Json::Array array;
  for (const std::int64_t number : numbers) array.emplace_back(Json::Value(number));
  return Json(Json::Value(std::move(array)));
}

Json json_of(const Matrix<int>& table) { return table_of<int, std::int64_t>(table); }
Json json_of(const Matrix<double>& table) { return table_of<double, double>(table); }

Json without_member(const Json& json, std::string_view key) {
  Json::Object object = *json.object();
  std::erase_if(object, [&](const auto& member) { return member.first == key; });
  return Json(Json::Value(std::move(object)));
}

Json with_renamed(const Json& json, std::string_view key, std::string_view other) {
  Json::Object object = *json.object();
  for (auto& member : object) {
    if (member.first == key) member.first = other;
  }
  return Json(Json::Value(std::move(object)));
}

Json with_member(const Json& json, std::string_view key, Json value) {
  Json::Object object = *json.object();
  const auto member = std::find_if(object.begin(), object.end(), [&](const auto& pair) { return pair.first == key; });
  if (member != object.end()) {
    member->second = std::move(value);
  } else {
    object.emplace_back(std::string(key), std::move(value));
  }
  return Json(Json::Value(std::move(object)));
}

Json without_files(const Json& json, const Json& plain) {
  if (json.object() == nullptr) return json;
  Json::Object object;
  for (const auto& [key, value] : *json.object()) {
    const Json* other = plain.find(key);
    if (key.substr(0, 2) == "x-") {
      object.emplace_back(key, value);
    } else if (support::npy_name(value) == nullptr) {
      object.emplace_back(key, other == nullptr ? value : without_files(value, *other));
    } else if (other != nullptr) {
      object.emplace_back(key, *other);
    }
  }
  return Json(Json::Value(std::move(object)));
}

std::string text_of(const Json& json) {
  support::Writer writer;
  write(writer, json);
  return writer.take();
}

}  // namespace plimsoll::experts
