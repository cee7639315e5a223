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

std::size_t array_length(const Reader& place) {
  if (const Json::Array* array = place.json().array()) return array->size();
  const std::string* name = npy_name(place.json());
  if (name == nullptr || place.attachments() == nullptr) place.fail("an array");
  const std::string bytes = read_attachment(*place.attachments(), *name, place.pointer());
  const NpyArray array = NpyArray::parse(bytes, *name, place.pointer());
  return array.shape().empty() ? 0 : array.shape().front();
}

}  // namespace plimsoll::support
