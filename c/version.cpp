#include <string>

#include "plimsoll/plimsoll.h"
#include "plimsoll/solve.hpp"

extern "C" uint32_t plimsoll_abi_version(void) { return PLIMSOLL_ABI_VERSION; }

extern "C" const char* plimsoll_version(void) {
  static const std::string version = plimsoll::version();
  return version.c_str();
}
