#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

#include "solvers/mip/writers.hpp"

namespace plimsoll::solvers::mip {

namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

// Words of the LP format, and of the sections of MPS, in lower case.
bool reserved(const std::string& lower) {
  constexpr std::array<std::string_view, 34> words = {
      "max",     "min",      "maximize", "minimize", "maximise", "minimise", "maximum", "minimum",  "subject",
      "such",    "st",       "s.t.",     "st.",      "bound",    "bounds",   "free",    "inf",      "infinity",
      "general", "generals", "gen",      "binary",   "binaries", "bin",      "integer", "integers", "int",
      "semi",    "semis",    "sos",      "end",      "nan",      "ranges",   "marker"};
  return std::find(words.begin(), words.end(), lower) != words.end();
}

bool safe(const std::string& name) {
  if (name.empty() || name.size() > 64 || !letter(name.front())) return false;
  if (!std::all_of(name.begin(), name.end(), [](char c) { return letter(c) || digit(c) || c == '.'; })) return false;
  // "3 e5" is a number to some readers.
  if ((name[0] == 'e' || name[0] == 'E') && name.size() > 1 && digit(name[1])) return false;
  std::string lower = name;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return !reserved(lower);
}

// Own names where they may stay; a name that comes twice, or could be taken for one of ours, stays nowhere.
template <class NameOf>
std::vector<std::string> chosen(int count, const std::string& prefix, const NameOf& name_of) {
  std::unordered_set<std::string> seen;
  bool own = true;
  for (int k = 0; k < count && own; ++k) own = safe(name_of(k)) && seen.insert(name_of(k)).second;
  std::vector<std::string> names;
  for (int k = 0; k < count; ++k) names.push_back(own ? name_of(k) : prefix + std::to_string(k));
  return names;
}

}  // namespace

SafeNames safe_names(const Model& model) {
  return {chosen(model.variables(), "x", [&](int j) -> const std::string& { return model.variable(j).name; }),
          chosen(model.rows(), "r", [&](int i) -> const std::string& { return model.row_name(i); })};
}

}  // namespace plimsoll::solvers::mip
