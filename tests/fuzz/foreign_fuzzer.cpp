// Any bytes as a file of each foreign format: refuse them with an Error, or make an instance that the strict reader
// takes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "planner/experts/convert/convert.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/step/json.hpp"
#include "plimsoll/error.hpp"

namespace {

using namespace plimsoll;

// Two layers of four experts on two devices with three slots, as in the corpus.
common::Document base_document() {
  common::Document document;
  document.text = R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 2, "experts": 4},
    "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 3}, "load": [[4, 3, 2, 1], [1, 2, 3, 4]]})";
  document.json = support::parse(document.text);
  return document;
}

void try_format(std::string_view format, std::string_view text, const common::Document* base,
                const common::ConvertValues& values) {
  common::Converted converted;
  try {
    converted = experts::conversions()->read(format, text, base, values);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::internal) std::abort();
    return;
  }
  // From here on nothing may be refused.
  common::Document document;
  document.json = support::parse(converted.text);
  if (experts::step::is_step(document)) {
    static_cast<void>(experts::step::read_instance(document));
  } else {
    static_cast<void>(experts::read_instance(document));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const common::Document base = base_document();
  static const common::ConvertValues cluster{{"nodes", {"1"}}, {"devices-per-node", {"2"}}, {"slots", {"3"}}};
  static const common::ConvertValues parted{{"microstep-tokens", {"2"}}, {"transient-slots", {"1"}}};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const common::ForeignFormat& format : experts::conversions()->formats) {
    if (!format.reads) continue;
    try_format(format.name, text, &base, format.name == "token-routes" ? parted : common::ConvertValues{});
    try_format(format.name, text, nullptr, cluster);
  }
  return 0;
}
