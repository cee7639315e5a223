// Any bytes as an instance of assignment, in JSON and in each text format, and as a plan of a small instance: read them
// or refuse them with an Error, and what was read survives writing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "planner/assignment/convert/text.hpp"
#include "planner/assignment/json.hpp"
#include "planner/common/plan_file.hpp"

namespace {

using namespace plimsoll;

void require_round_trip(const AssignmentInstance& instance) {
  const std::string text = assignment::write_instance(instance);
  common::Document document;
  document.json = support::parse(text);
  if (assignment::write_instance(assignment::read_instance(document)) != text) std::abort();
}

void try_text(std::string_view text) {
  for (const char* format : {"gap", "gap:2", "rcmax", "pcmax"}) {
    common::Document document;
    document.source = "-";
    document.format = format;
    document.text = text;
    AssignmentInstance instance;
    try {
      instance = assignment::read_text(document);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::input) std::abort();
      continue;
    }
    require_round_trip(instance);
  }
}

void try_instance(const support::Json& json) {
  common::Document document;
  document.json = json;
  AssignmentInstance instance;
  try {
    instance = assignment::read_instance(document);
  } catch (const Error&) {
    return;
  }
  require_round_trip(instance);
}

// Takes the plan's own word for the instance it belongs to, so that damage elsewhere is not hidden by the hash.
std::string claimed_hash(const support::Json& json) {
  const support::Json* instance = json.find("instance");
  const support::Json* hash = instance != nullptr ? instance->find("sha256") : nullptr;
  return hash != nullptr && hash->string() != nullptr ? *hash->string() : std::string(64, '0');
}

void try_plan(const support::Json& json) {
  static const AssignmentInstance instance = assignment::read_instance(
      common::read_document(PLIMSOLL_SOURCE_DIR "/tests/golden/assignment/plans/instance.json"));
  static const assignment::Prepared prepared(instance);
  try {
    const Certificate certificate = common::read_envelope(json, "assignment", claimed_hash(json));
    if (!certificate.objective) return;
    const AssignmentPlan plan = assignment::read_plan(json, instance);
    const assignment::Proof proof = assignment::read_proof(json, prepared);
    static_cast<void>(check(instance, plan, &certificate, proof));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::internal) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_text(text);
  support::Json json;
  try {
    json = support::parse(text);
  } catch (const Error&) {
    return 0;
  }
  try_instance(json);
  try_plan(json);
  return 0;
}
