// The .npy files beside an instance: where they may lie, and how long the arrays in them are.
#include <filesystem>
#include <system_error>

#include "support/file.hpp"
#include "support/npy.hpp"
#include "support/text.hpp"

namespace plimsoll::support {

namespace {

namespace fs = std::filesystem;

bool lies_inside(const fs::path& file, const fs::path& folder) {
  const fs::path relative = file.lexically_relative(folder);
  return !relative.empty() && relative.is_relative() && *relative.begin() != "..";
}

}  // namespace

const std::string* npy_name(const Json& json) {
  const Json::Object* object = json.object();
  if (object == nullptr || object->size() != 1 || object->front().first != "npy") return nullptr;
  return object->front().second.string();
}

std::string read_attachment(const Attachments& attachments, const std::string& name, const std::string& pointer) {
  const auto refuse = [&](const std::string& expected, const std::string& advice = {}) {
    throw Error(ErrorCode::input, "expected " + expected + ", got " + in_quotes(name), pointer, advice);
  };
  const fs::path path(name);
  if (name.empty() || path.is_absolute()) refuse("a path relative to the instance's folder");
  for (const char character : name) {
    if (static_cast<unsigned char>(character) < 0x20) refuse("a path without control characters");
  }
  for (const fs::path& part : path) {
    if (part == "..") refuse("a path without \"..\"", "Maybe copy the file into the instance's folder.");
  }
  std::error_code error;
  const fs::path start = attachments.folder.empty() ? fs::path(".") : attachments.folder;
  const fs::path folder = fs::weakly_canonical(start, error);
  const fs::path file = error ? fs::path() : fs::weakly_canonical(start / path, error);
  if (error) refuse("a file of the instance's folder");
  if (!lies_inside(file, folder)) {
    refuse("a file inside the instance's folder once links are resolved", "Maybe copy the file into that folder.");
  }
  if (!fs::is_regular_file(file, error)) refuse("an existing regular file of the instance's folder");
  try {
    return read_file(file.string());
  } catch (const Error& unreadable) {
    throw Error(unreadable.code(), unreadable.what(), pointer);
  }
}

std::size_t array_length(const Reader& place) { return array_shape(place, 1).front(); }

std::vector<std::size_t> array_shape(const Reader& place, std::size_t dimensions) {
  std::vector<std::size_t> shape;
  const std::string* name = place.attachments() != nullptr ? npy_name(place.json()) : nullptr;
  if (name != nullptr) {
    const std::string bytes = read_attachment(*place.attachments(), *name, place.pointer());
    shape = NpyArray::parse(bytes, *name, place.pointer()).shape();
  } else {
    if (place.json().array() == nullptr) place.fail("an array");
    const Json* first = &place.json();
    while (shape.size() < dimensions && first != nullptr && first->array() != nullptr) {
      shape.push_back(first->array()->size());
      first = first->array()->empty() ? nullptr : &first->array()->front();
    }
  }
  shape.resize(dimensions, 0);
  return shape;
}

}  // namespace plimsoll::support
