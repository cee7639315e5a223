// Any bytes as a plan of two small instances: read it or refuse it with an Error.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "planner/common/plan_file.hpp"
#include "planner/experts/json.hpp"

namespace {

using namespace plimsoll;

ExpertInstance instance_of(const char* name) {
  return experts::read_instance(
      common::read_document(std::string(PLIMSOLL_SOURCE_DIR "/tests/golden/experts/plans/") + name));
}

// Takes the plan's own word for the instance it belongs to, so that damage elsewhere is not hidden by the hash.
std::string claimed_hash(const support::Json& json) {
  const support::Json* instance = json.find("instance");
  const support::Json* hash = instance != nullptr ? instance->find("sha256") : nullptr;
  return hash != nullptr && hash->string() != nullptr ? *hash->string() : std::string(64, '0');
}

void read_as_plan_of(const ExpertInstance& instance, const support::Json& json) {
  ExpertPlan plan;
  try {
    const Certificate certificate = common::read_envelope(json, "experts", claimed_hash(json));
    if (!certificate.objective) return;
    plan = experts::read_plan(json, instance);
  } catch (const Error&) {
    return;
  }
  const support::Json written = support::parse("{\"plan\": " + experts::write_plan_object(plan) + "}");
  if (!(experts::read_plan(written, instance) == plan)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ExpertInstance plain = instance_of("instance.json");
  static const ExpertInstance tiled = instance_of("instance_tiled.json");
  support::Json json;
  try {
    json = support::parse({reinterpret_cast<const char*>(data), size});
  } catch (const Error&) {
    return 0;
  }
  read_as_plan_of(plain, json);
  read_as_plan_of(tiled, json);
  return 0;
}
