// Any bytes as a measured cost of three small instances: refuse it with an Error, or the instances can be read with it.
// And as an instance with a sound cost: only its own reader may refuse it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "planner/common/plan_file.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/measured_cost.hpp"
#include "planner/experts/step/json.hpp"

namespace {

using namespace plimsoll;

void read(const common::Document& document) {
  if (experts::step::is_step(document)) {
    static_cast<void>(experts::step::read_instance(document));
  } else {
    static_cast<void>(experts::read_instance(document));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string folder = PLIMSOLL_SOURCE_DIR "/tests/golden/experts/plans/";
  static const common::Document instances[] = {common::read_document(folder + "instance.json"),
                                               common::read_document(folder + "instance_tiled.json"),
                                               common::read_document(folder + "instance_step.json")};
  common::Document document;
  try {
    document.json = support::parse({reinterpret_cast<const char*>(data), size});
  } catch (const Error&) {
    return 0;
  }
  for (const common::Document& instance : instances) {
    common::Document merged;
    try {
      merged = experts::with_measured_cost(instance, document);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::input) std::abort();
      break;
    }
    try {
      read(merged);
    } catch (const Error& error) {
      // Loads of other units than the curve's are no fault of the format; anything else is.
      if (error.code() != ErrorCode::input) std::abort();
    }
  }
  static common::Document sound;
  if (sound.json.is_null()) {
    sound.json = support::parse(R"({"plimsoll": 1, "measured": "tiny", "cost": {"expert_seconds": [[0, 0], [1, 1]]},
                                    "expert_bytes": 500, "link": {"host_bytes_per_second": 1}})");
  }
  const common::Document merged = experts::with_measured_cost(document, sound);
  try {
    read(merged);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::internal) std::abort();
  }
  return 0;
}
