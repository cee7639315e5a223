#include "plimsoll/solve.hpp"
#include "python/bindings/bindings.hpp"

PYBIND11_MODULE(_plimsoll, module) {
  using namespace plimsoll::python;
  module.doc() = "What the Python package plimsoll is made of; use the package instead.";
  module.attr("version") = plimsoll::version();
  bind_errors(module);
  bind_certificate(module);
  bind_instance(module);
  bind_plan(module);
  bind_solve(module);
  bind_rebalance(module);
  bind_delta(module);
  bind_balancer(module);
}
