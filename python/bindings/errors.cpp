// plimsoll::Error becomes the Python exception that plimsoll/_errors.py defines; lack of memory becomes MemoryError.
#include <exception>

#include "plimsoll/error.hpp"
#include "python/bindings/bindings.hpp"

namespace plimsoll::python {
namespace {

const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::input:
      return "input";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::file:
      return "file";
    case ErrorCode::memory:
      return "memory";
    case ErrorCode::internal:
      break;
  }
  return "internal";
}

void raise(const Error& error) {
  if (error.code() == ErrorCode::memory) {
    PyErr_SetString(PyExc_MemoryError, error.what());
    return;
  }
  try {
    const py::object made = py::module_::import("plimsoll._errors")
                                .attr("make")(error.what(), name_of(error.code()), error.pointer(), error.advice());
    PyErr_SetObject(py::type::of(made).ptr(), made.ptr());
  } catch (py::error_already_set& failed) {
    failed.restore();
  }
}

}  // namespace

void bind_errors(py::module_&) {
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Error& error) {
      raise(error);
    }
  });
}

}  // namespace plimsoll::python
