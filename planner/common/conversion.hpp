// Other people's formats, as the verb `convert` sees them. A problem lists the formats that it reads and writes and the
// options that go with them; the verb knows none of them by name.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/common/problem.hpp"

namespace plimsoll::common {

struct ForeignFormat {
  std::string_view name;
  std::string_view help;  // one line
  bool reads = false;
  bool writes = false;
  // Names of the options that mean something here; any other that is given is refused.
  std::vector<std::string_view> read_options = {};
  std::vector<std::string_view> write_options = {};
};

struct ConvertOption {
  std::string_view name;   // without dashes
  std::string_view value;  // what stands for the value in the help: "N"
  std::string_view help;   // one line
};

// By the option's name, in the order given; options that were not given are not here.
using ConvertValues = std::map<std::string, std::vector<std::string>, std::less<>>;

struct Converted {
  std::string text;
  std::vector<std::string> notes;  // for people, one line each
};

struct Conversions {
  std::span<const ForeignFormat> formats;
  std::span<const ConvertOption> options;
  // The text of an instance file that the strict reader has accepted. `base`, where it is not null, is an instance
  // whose part that the foreign file speaks of is replaced.
  Converted (*read)(std::string_view format, std::string_view text, const Document* base, const ConvertValues& values);
  // The foreign text of a plan file that belongs to the instance and was checked. Throws Error(unsupported) where the
  // target cannot take it.
  Converted (*write)(std::string_view format, const Document& instance, const support::Json& plan_file,
                     const ConvertValues& values);
};

}  // namespace plimsoll::common
