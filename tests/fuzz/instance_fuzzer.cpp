// Any bytes as an instance, with micro-steps or without: read it or refuse it with an Error, and what was read survives
// writing.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "planner/experts/json.hpp"
#include "planner/experts/step/json.hpp"

namespace {

using namespace plimsoll;

// Reads the document and writes it.
std::string rewritten(const common::Document& document) {
  if (experts::step::is_step(document)) return experts::step::write_instance(experts::step::read_instance(document));
  return experts::write_instance(experts::read_instance(document));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  common::Document document;
  document.attachments.folder = PLIMSOLL_SOURCE_DIR "/tests/golden/experts/valid";
  std::string text;
  try {
    document.json = support::parse({reinterpret_cast<const char*>(data), size});
    text = rewritten(document);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::internal) std::abort();
    return 0;
  }
  // From here on nothing may be refused.
  document.json = support::parse(text);
  if (rewritten(document) != text) std::abort();
  return 0;
}
