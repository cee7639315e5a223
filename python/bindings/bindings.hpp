// The parts of the extension module _plimsoll; one function and one file for each.
#pragma once

#include <pybind11/pybind11.h>

namespace plimsoll::python {

namespace py = pybind11;

void bind_errors(py::module_& module);
void bind_certificate(py::module_& module);
void bind_instance(py::module_& module);
void bind_plan(py::module_& module);
void bind_solve(py::module_& module);
void bind_rebalance(py::module_& module);
void bind_delta(py::module_& module);
void bind_balancer(py::module_& module);

}  // namespace plimsoll::python
