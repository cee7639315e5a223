// Any bytes as a plan of three small instances, one of them with micro-steps: read it or refuse it with an Error.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "planner/common/plan_file.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/step/json.hpp"

namespace {

using namespace plimsoll;

common::Document document_of(const char* name) {
  return common::read_document(std::string(PLIMSOLL_SOURCE_DIR "/tests/golden/experts/plans/") + name);
}

// The "plan" of a file, written again.
std::string written(const ExpertPlan& plan, const ExpertInstance& /*instance*/) {
  return experts::write_plan_object(plan);
}
std::string written(const StepPlan& plan, const StepInstance& instance) {
  return experts::step::write_plan_object(plan, instance);
}

// Takes the plan's own word for the instance it belongs to, so that damage elsewhere is not hidden by the hash.
std::string claimed_hash(const support::Json& json) {
  const support::Json* instance = json.find("instance");
  const support::Json* hash = instance != nullptr ? instance->find("sha256") : nullptr;
  return hash != nullptr && hash->string() != nullptr ? *hash->string() : std::string(64, '0');
}

template <class Plan, class Instance, class Read>
void read_as_plan_of(const Instance& instance, const support::Json& json, const Read& read) {
  Plan plan;
  try {
    const Certificate certificate = common::read_envelope(json, "experts", claimed_hash(json));
    if (!certificate.objective) return;
    plan = read(json, instance);
  } catch (const Error&) {
    return;
  }
  const support::Json again = support::parse("{\"plan\": " + written(plan, instance) + "}");
  if (!(read(again, instance) == plan)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ExpertInstance plain = experts::read_instance(document_of("instance.json"));
  static const ExpertInstance tiled = experts::read_instance(document_of("instance_tiled.json"));
  static const StepInstance step = experts::step::read_instance(document_of("instance_step.json"));
  support::Json json;
  try {
    json = support::parse({reinterpret_cast<const char*>(data), size});
  } catch (const Error&) {
    return 0;
  }
  read_as_plan_of<ExpertPlan>(plain, json, experts::read_plan);
  read_as_plan_of<ExpertPlan>(tiled, json, experts::read_plan);
  read_as_plan_of<StepPlan>(step, json, experts::step::read_plan);
  return 0;
}
