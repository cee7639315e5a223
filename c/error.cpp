#include "plimsoll/error.hpp"

#include <new>
#include <stdexcept>

#include "c/call.hpp"
#include "c/text.hpp"

namespace plimsoll::c {
namespace {

// PLIMSOLL_OK is 0, so that the codes of C++ come one later.
constexpr int32_t code_of(ErrorCode code) { return static_cast<int32_t>(code) + 1; }
static_assert(code_of(ErrorCode::usage) == PLIMSOLL_USAGE);
static_assert(code_of(ErrorCode::input) == PLIMSOLL_INPUT);
static_assert(code_of(ErrorCode::unsupported) == PLIMSOLL_UNSUPPORTED);
static_assert(code_of(ErrorCode::file) == PLIMSOLL_FILE);
static_assert(code_of(ErrorCode::memory) == PLIMSOLL_MEMORY);
static_assert(code_of(ErrorCode::internal) == PLIMSOLL_INTERNAL);

int32_t fill(plimsoll_error* error, int32_t code, std::string_view message, std::string_view pointer = {},
             std::string_view advice = {}) noexcept {
  if (error == nullptr) return code;
  error->code = code;
  copy_cut(message, error->message);
  copy_cut(pointer, error->pointer);
  copy_cut(advice, error->advice);
  return code;
}

constexpr std::string_view out_of_memory = "there is not enough memory for this call";
constexpr std::string_view please_report = "Maybe report this together with the instance.";

}  // namespace

void clear(plimsoll_error* error) noexcept { fill(error, PLIMSOLL_OK, {}); }

int32_t caught(plimsoll_error* error) noexcept {
  try {
    throw;
  } catch (const Error& thrown) {
    return fill(error, code_of(thrown.code()), thrown.what(), thrown.pointer(), thrown.advice());
  } catch (const std::bad_alloc&) {
    return fill(error, PLIMSOLL_MEMORY, out_of_memory);
  } catch (const std::length_error&) {  // a container that no memory could hold
    return fill(error, PLIMSOLL_MEMORY, out_of_memory);
  } catch (const std::exception& thrown) {
    return fill(error, PLIMSOLL_INTERNAL, thrown.what(), {}, please_report);
  } catch (...) {
    return fill(error, PLIMSOLL_INTERNAL, "an exception of a type that nobody knows", {}, "Maybe a callback threw it.");
  }
}

void expect(const void* pointer, const char* what) {
  if (pointer == nullptr) throw Error(ErrorCode::usage, std::string(what) + " is NULL");
}

}  // namespace plimsoll::c
