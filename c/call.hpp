// How the body of every C call runs: the caller's error is cleared first, no exception leaves the call, and what was
// thrown becomes a code and a filled error.
#pragma once

#include <type_traits>

#include "plimsoll/plimsoll.h"

namespace plimsoll::c {

void clear(plimsoll_error* error) noexcept;
// The code of the exception that is being handled; fills the error where there is one. Allocates nothing.
int32_t caught(plimsoll_error* error) noexcept;

// body() returns nothing.
template <class Body>
int32_t call(plimsoll_error* error, const Body& body) noexcept {
  clear(error);
  try {
    body();
    return PLIMSOLL_OK;
  } catch (...) {
    return caught(error);
  }
}

// body() returns a pointer.
template <class Body>
std::invoke_result_t<Body> make(plimsoll_error* error, const Body& body) noexcept {
  clear(error);
  try {
    return body();
  } catch (...) {
    static_cast<void>(caught(error));
    return nullptr;
  }
}

// Throws Error(usage) where the pointer is NULL. `what` names it: "plimsoll_solve: instance".
void expect(const void* pointer, const char* what);

}  // namespace plimsoll::c
