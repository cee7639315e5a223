// The error that an action ends with; a failure of the test where there is none.
#pragma once

#include <gtest/gtest.h>

#include <utility>

#include "plimsoll/error.hpp"

namespace plimsoll {

template <class Action>
Error error_of(Action&& action) {
  try {
    static_cast<void>(std::forward<Action>(action)());
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::internal, ""};
}

}  // namespace plimsoll
