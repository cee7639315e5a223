// Any bytes as a NumPy file: what is accepted can be read to its last value.
#include <cstdint>
#include <string_view>

#include "support/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  try {
    const support::NpyArray array =
        support::NpyArray::parse({reinterpret_cast<const char*>(data), size}, "fuzz.npy", "/load");
    volatile double sum = 0;
    for (std::size_t i = 0; i < array.size(); ++i) {
      sum = sum + array.number(i) + static_cast<double>(array.integer(i).value_or(0));
    }
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
