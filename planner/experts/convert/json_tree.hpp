// JSON trees that are changed in part: a member put in, NumPy files written out, and the text of the result.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/matrix.hpp"
#include "support/json.hpp"

namespace plimsoll::experts {

support::Json json_of(const std::vector<std::int64_t>& numbers);
support::Json json_of(const Matrix<int>& table);
support::Json json_of(const Matrix<double>& table);

// Replaces the member, or puts it at the end. `json` must be an object.
support::Json with_member(const support::Json& json, std::string_view key, support::Json value);
// The same object without the member; nothing happens where it has none.
support::Json without_member(const support::Json& json, std::string_view key);
// The member under another key, at its place.
support::Json with_renamed(const support::Json& json, std::string_view key, std::string_view other);
// Every {"npy": ...} but those under "x-" keys is replaced by the value at the same place of `plain`, or left out where
// that has none.
support::Json without_files(const support::Json& json, const support::Json& plain);

// As a file of ours: arrays of numbers on one line each.
std::string text_of(const support::Json& json);

}  // namespace plimsoll::experts
