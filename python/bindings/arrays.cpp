#include "python/bindings/arrays.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "plimsoll/error.hpp"

namespace plimsoll::python {
namespace {

template <class Number>
std::string shown(const std::vector<Number>& shape) {
  std::string text = "[";
  for (const Number length : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(length);
  return text + "]";
}

std::vector<std::size_t> shape_of(const py::array& array) { return {array.shape(), array.shape() + array.ndim()}; }

// Elements of type From along all strides; memcpy because nothing promises their alignment.
template <class From, class To>
void gather(const py::array& array, py::ssize_t dimension, const char* at, std::vector<To>& into) {
  if (dimension == array.ndim()) {
    From value;
    std::memcpy(&value, at, sizeof value);
    into.push_back(static_cast<To>(value));
    return;
  }
  for (py::ssize_t index = 0; index < array.shape(dimension); ++index) {
    gather<From>(array, dimension + 1, at + index * array.strides(dimension), into);
  }
}

template <class From, class To>
std::vector<To> gathered(const py::array& array) {
  const auto count = static_cast<std::size_t>(array.size());
  if constexpr (std::is_same_v<From, To>) {
    const bool dense = (array.flags() & py::array::c_style) != 0;
    const bool aligned = reinterpret_cast<std::uintptr_t>(array.data()) % alignof(To) == 0;
    if (dense && aligned) {
      const auto* first = static_cast<const To*>(array.data());
      return std::vector<To>(first, first + count);
    }
  }
  std::vector<To> into;
  into.reserve(count);
  gather<From>(array, 0, static_cast<const char*>(array.data()), into);
  return into;
}

template <class To>
std::vector<To> read(const py::array& array, const std::string& pointer) {
  if (py::bool_(array.dtype().attr("isnative"))) {
    const char kind = array.dtype().kind();
    const py::ssize_t size = array.itemsize();
    if (kind == 'f' && size == 8) return gathered<double, To>(array);
    if (kind == 'f' && size == 4) return gathered<float, To>(array);
    if (kind == 'i' && size == 8) return gathered<std::int64_t, To>(array);
    if (kind == 'i' && size == 4) return gathered<std::int32_t, To>(array);
    if (kind == 'i' && size == 2) return gathered<std::int16_t, To>(array);
    if (kind == 'i' && size == 1) return gathered<std::int8_t, To>(array);
    if (kind == 'u' && size == 8) return gathered<std::uint64_t, To>(array);
    if (kind == 'u' && size == 4) return gathered<std::uint32_t, To>(array);
    if (kind == 'u' && size == 2) return gathered<std::uint16_t, To>(array);
    if (kind == 'u' && size == 1) return gathered<std::uint8_t, To>(array);
  }
  const char kind = array.dtype().kind();
  if (kind == 'f' || kind == 'i' || kind == 'u') {  // half and long floats, the other order of bytes
    return gathered<double, To>(array.attr("astype")("float64").cast<py::array>());
  }
  throw Error(ErrorCode::input, "expected an array of numbers, got one of " + std::string(py::str(array.dtype())),
              pointer, "Maybe convert it with .astype(float).");
}

py::array as_array(const py::object& values, const std::string& pointer) {
  py::array array = py::array::ensure(values);
  if (array) return array;
  PyErr_Clear();
  throw Error(ErrorCode::input, "expected an array of numbers, got " + std::string(py::str(py::type::of(values))),
              pointer);
}

py::array as_table(const py::object& values, const std::string& pointer) {
  const py::array array = as_array(values, pointer);
  if (array.ndim() == 2) return array;
  throw Error(ErrorCode::input, "expected a table, [layers, ...], got an array of shape " + shown(shape_of(array)),
              pointer);
}

}  // namespace

std::vector<double> numbers(const py::object& values, const std::vector<std::size_t>& shape,
                            const std::string& pointer) {
  const py::array array = as_array(values, pointer);
  if (shape_of(array) != shape) {
    throw Error(ErrorCode::input,
                "expected an array of shape " + shown(shape) + ", got one of shape " + shown(shape_of(array)), pointer);
  }
  return read<double>(array, pointer);
}

Matrix<double> number_table(const py::object& values, const std::string& pointer) {
  const py::array array = as_table(values, pointer);
  const auto shape = shape_of(array);
  return {shape[0], shape[1], read<double>(array, pointer)};
}

Matrix<int> whole_table(const py::object& values, const std::string& pointer) {
  const py::array array = as_table(values, pointer);
  const auto shape = shape_of(array);
  if (array.dtype().kind() == 'i' && array.itemsize() <= 4) return {shape[0], shape[1], read<int>(array, pointer)};
  const std::vector<double> wide = read<double>(array, pointer);
  std::vector<int> narrow;
  narrow.reserve(wide.size());
  for (std::size_t cell = 0; cell < wide.size(); ++cell) {
    const double value = wide[cell];
    if (!(std::fabs(value) <= std::numeric_limits<int>::max()) || std::trunc(value) != value) {
      throw Error(ErrorCode::input, "expected a whole number below 2^31, got " + std::to_string(value),
                  pointer + "/" + std::to_string(cell / shape[1]) + "/" + std::to_string(cell % shape[1]));
    }
    narrow.push_back(static_cast<int>(value));
  }
  return {shape[0], shape[1], std::move(narrow)};
}

}  // namespace plimsoll::python
