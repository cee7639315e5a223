// Any bytes as the shape of a model: read it or refuse it with an Error; what was read fits instances or is refused by
// an Error, too.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "executor/model/model_shape.hpp"
#include "plimsoll/error.hpp"
#include "support/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  executor::ModelShape shape;
  try {
    shape = executor::read_shape(support::parse({reinterpret_cast<const char*>(data), size}));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::input) std::abort();
    return 0;
  }
  for (const int experts : {1, 12, 256}) {
    try {
      executor::check(executor::fitted(shape, experts, 0).router);
    } catch (const Error& error) {
      // More experts for each token than there are.
      if (error.code() != ErrorCode::usage || shape.router.top_k <= experts) std::abort();
    }
  }
  return 0;
}
