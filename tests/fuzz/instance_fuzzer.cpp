// Any bytes as an instance: read it or refuse it with an Error, and what was read survives writing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "planner/experts/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  common::Document document;
  document.attachments.folder = PLIMSOLL_SOURCE_DIR "/tests/golden/experts/valid";
  ExpertInstance instance;
  try {
    document.json = support::parse({reinterpret_cast<const char*>(data), size});
    instance = experts::read_instance(document);
  } catch (const Error&) {
    return 0;
  }
  // From here on nothing may be refused.
  const std::string text = experts::write_instance(instance);
  document.json = support::parse(text);
  if (experts::write_instance(experts::read_instance(document)) != text) std::abort();
  return 0;
}
