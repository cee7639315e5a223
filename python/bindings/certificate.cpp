// Certificate, metrics and progress: attributes that cannot be set, names as in plan files.
#include "plimsoll/certificate.hpp"

#include <pybind11/stl.h>

#include "plimsoll/options.hpp"
#include "plimsoll/solve.hpp"
#include "python/bindings/bindings.hpp"

namespace plimsoll::python {
namespace {

const char* name_of(Status status) {
  switch (status) {
    case Status::optimal:
      return "optimal";
    case Status::feasible:
      return "feasible";
    case Status::infeasible:
      return "infeasible";
    case Status::unknown:
      break;
  }
  return "unknown";
}

const char* name_of(StoppedBy reason) {
  switch (reason) {
    case StoppedBy::optimal:
      return "optimal";
    case StoppedBy::gap:
      return "gap";
    case StoppedBy::work:
      return "work";
    case StoppedBy::time:
      return "time";
    case StoppedBy::interrupt:
      return "interrupt";
    case StoppedBy::exhausted:
      break;
  }
  return "exhausted";
}

std::string shown(const std::optional<double>& value) { return value ? py::repr(py::float_(*value)) : "None"; }

void bind_metrics(py::module_& module) {
  py::class_<ExpertMetrics>(module, "ExpertMetrics")
      .def_readonly("imbalance", &ExpertMetrics::imbalance)
      .def_readonly("worst_imbalance", &ExpertMetrics::worst_imbalance)
      .def_readonly("moves", &ExpertMetrics::moves)
      .def_readonly("moved_bytes", &ExpertMetrics::moved_bytes);
  py::class_<StepMetrics>(module, "StepMetrics")
      .def_readonly("imbalance", &StepMetrics::imbalance)
      .def_readonly("worst_imbalance", &StepMetrics::worst_imbalance)
      .def_readonly("moves", &StepMetrics::moves)
      .def_readonly("moved_bytes", &StepMetrics::moved_bytes)
      .def_readonly("transfers", &StepMetrics::transfers)
      .def_readonly("transferred_bytes", &StepMetrics::transferred_bytes)
      .def_readonly("expert_seconds", &StepMetrics::expert_seconds)
      .def_readonly("exposed_seconds", &StepMetrics::exposed_seconds)
      .def_readonly("step_seconds", &StepMetrics::step_seconds);
  py::class_<AssignmentMetrics>(module, "AssignmentMetrics")
      .def_readonly("cost", &AssignmentMetrics::cost)
      .def_readonly("makespan", &AssignmentMetrics::makespan)
      .def_readonly("mean_load", &AssignmentMetrics::mean_load)
      .def_readonly("fullest", &AssignmentMetrics::fullest)
      .def_readonly("changes", &AssignmentMetrics::changes);
}

}  // namespace

void bind_certificate(py::module_& module) {
  py::class_<Certificate>(module, "Certificate")
      .def_property_readonly("status", [](const Certificate& made) { return name_of(made.status); })
      .def_readonly("objective", &Certificate::objective)
      .def_readonly("bound", &Certificate::bound)
      .def_readonly("gap", &Certificate::gap)
      .def_readonly("bound_method", &Certificate::bound_method)
      .def_property_readonly("bound_evidence",
                             [](const Certificate& made) {
                               return made.bound_evidence == BoundEvidence::recomputed ? "recomputed" : "backend";
                             })
      .def_readonly("method", &Certificate::method)
      .def_readonly("verified", &Certificate::verified)
      .def_readonly("seed", &Certificate::seed)
      .def_property_readonly("stopped_by", [](const Certificate& made) { return name_of(made.stopped_by); })
      .def_readonly("work", &Certificate::work)
      .def_readonly("reason", &Certificate::reason)
      .def("__repr__", [](const Certificate& made) {
        return "Certificate(status='" + std::string(name_of(made.status)) + "', objective=" + shown(made.objective) +
               ", bound=" + shown(made.bound) + ", gap=" + shown(made.gap) + ", method='" + made.method +
               "', stopped_by='" + name_of(made.stopped_by) + "')";
      });
  bind_metrics(module);
  py::class_<Progress>(module, "Progress")
      .def_readonly("seconds", &Progress::seconds)
      .def_readonly("objective", &Progress::objective)
      .def_readonly("bound", &Progress::bound)
      .def_readonly("work", &Progress::work);
}

}  // namespace plimsoll::python
