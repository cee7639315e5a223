// Between NumPy arrays and the tables of the library. Arrays of any numeric dtype and any strides are read where they
// are, in one pass; results are shown as read-only views that keep their owner alive.
#pragma once

#include <pybind11/numpy.h>

#include <cstdint>
#include <string>
#include <vector>

#include "plimsoll/matrix.hpp"
#include "python/bindings/bindings.hpp"

namespace plimsoll::python {

// The numbers of an array of this shape, in row-major order. Throws Error(input) at `pointer` for another shape and for
// what is no array of numbers.
std::vector<double> numbers(const py::object& values, const std::vector<std::size_t>& shape,
                            const std::string& pointer);

// A table of any size. Throws Error(input) for other ranks; whole_table also for numbers beyond 32 bits and fractions.
Matrix<double> number_table(const py::object& values, const std::string& pointer);
Matrix<int> whole_table(const py::object& values, const std::string& pointer);

// A read-only view of `data`, which lives as long as `owner`.
template <class T>
py::array view(const T* data, const std::vector<py::ssize_t>& shape, py::handle owner) {
  py::array_t<T> array(shape, data, owner);
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

template <class T>
py::array view(const Matrix<T>& table, py::handle owner) {
  return view(table.data().data(), {static_cast<py::ssize_t>(table.rows()), static_cast<py::ssize_t>(table.columns())},
              owner);
}

// A new array that owns a copy of the table.
template <class T>
py::array_t<T> copy_of(const Matrix<T>& table) {
  return py::array_t<T>({static_cast<py::ssize_t>(table.rows()), static_cast<py::ssize_t>(table.columns())},
                        table.data().data());
}

}  // namespace plimsoll::python
