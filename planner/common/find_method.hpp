// Looks a method up in a problem's table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/error.hpp"

namespace plimsoll::common {

// `of` says whose methods they are: "experts". Throws Error(usage) that lists the known names.
template <class Method>
const Method& find_method(const std::vector<Method>& table, std::string_view name, const std::string& of) {
  std::string known;
  for (const Method& method : table) {
    if (method.name == name) return method;
    known += (known.empty() ? "" : ", ") + std::string(method.name);
  }
  throw Error(ErrorCode::usage, of + " has no method '" + std::string(name) + "'", {}, "Maybe one of " + known + ".");
}

}  // namespace plimsoll::common
