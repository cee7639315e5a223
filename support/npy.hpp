// NumPy .npy files, versions 1 to 3: little-endian whole and floating numbers in C order, of any shape. Nothing that
// the header claims is believed before it is compared with the length of the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.hpp"

namespace plimsoll::support {

// Views the bytes it was parsed from, which must live on.
class NpyArray {
 public:
  // Throws Error(input) with this pointer. `name` is how messages call the file.
  static NpyArray parse(std::string_view bytes, const std::string& name, const std::string& pointer);

  [[nodiscard]] const std::vector<std::size_t>& shape() const { return shape_; }
  [[nodiscard]] std::size_t size() const { return data_.size() / item_bytes_; }
  [[nodiscard]] double number(std::size_t index) const;
  // Nothing where the value is not whole or no std::int64_t holds it.
  [[nodiscard]] std::optional<std::int64_t> integer(std::size_t index) const;
  // "(58, 256)"
  [[nodiscard]] std::string shape_text() const;

 private:
  NpyArray() = default;

  enum class Kind { floating, with_sign, without_sign };
  Kind kind_ = Kind::floating;
  std::size_t item_bytes_ = 8;
  std::vector<std::size_t> shape_;
  std::string_view data_;
};

// The file name of {"npy": "NAME"}, or null where the value is anything else.
const std::string* npy_name(const Json& json);

// The bytes of a file of the instance's folder. `name` must be relative, without "..", and lead to a regular file that
// is inside the folder once links are resolved.
std::string read_attachment(const Attachments& attachments, const std::string& name, const std::string& pointer);

// The number of elements (rows, for a table) of an array or of the .npy file that stands for one; for arrays whose
// length the format leaves open.
std::size_t array_length(const Reader& place);
// The lengths along each of so many dimensions, as the first element at each depth has them; 0 from where nothing
// stands. Reading the array with that shape refuses every other length.
std::vector<std::size_t> array_shape(const Reader& place, std::size_t dimensions);

}  // namespace plimsoll::support
