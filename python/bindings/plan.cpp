#include "python/bindings/plan.hpp"

#include <pybind11/stl.h>

#include "plimsoll/digest.hpp"
#include "plimsoll/documents.hpp"
#include "plimsoll/error.hpp"
#include "python/bindings/arrays.hpp"

namespace plimsoll::python {
namespace {

// A micro-step of a plan, which keeps the whole plan alive.
struct Microstep {
  std::shared_ptr<const Plan> plan;
  const ExpertPlan* part;
};

[[noreturn]] void lacks(const Plan& plan, const char* name) {
  throw py::attribute_error(std::string("a plan of ") + plan.instance->kind() + " has no " + name);
}

// The solution as one of T, or AttributeError.
template <class T>
const T& as(const Plan& plan, const char* name) {
  if (const auto* solution = std::get_if<T>(&plan.solution)) return *solution;
  lacks(plan, name);
}

template <class T>
py::object view_or_none(const Matrix<T>& table, py::handle owner) {
  if (table.empty()) return py::none();
  return view(table, owner);
}

const ExpertPlan& experts_of(const py::object& self, const char* name) {
  return as<ExpertSolution>(self.cast<const Plan&>(), name).plan;
}

// One row of the structured array Plan.transfers.
struct TransferRow {
  std::int8_t gradient;
  std::int8_t from_host;
  std::int32_t microstep;
  std::int32_t layer;
  std::int32_t expert;
  std::int32_t from;
  std::int32_t to;
  double start_seconds;
  double end_seconds;
};

py::array transfers_of(const Plan& plan) {
  const auto& transfers = as<StepSolution>(plan, "transfers").plan.transfers;
  py::array_t<TransferRow> rows(static_cast<py::ssize_t>(transfers.size()));
  TransferRow* row = rows.mutable_data();
  for (const Transfer& transfer : transfers) {
    *row++ = {static_cast<std::int8_t>(transfer.kind == TransferKind::gradient),
              static_cast<std::int8_t>(transfer.from_host),
              transfer.microstep,
              transfer.layer,
              transfer.expert,
              transfer.from,
              transfer.to,
              transfer.start_seconds,
              transfer.end_seconds};
  }
  return rows;
}

py::object metrics_of(const Plan& plan) {
  return std::visit([](const auto& solution) { return py::cast(solution.metrics); }, plan.solution);
}

std::string shown(const Plan& plan) {
  return "Plan(kind='" + std::string(plan.instance->kind()) + "', " +
         std::string(py::repr(py::cast(plan.certificate()))) + ")";
}

void bind_microstep(py::module_& module) {
  py::class_<Microstep>(module, "Microstep")
      .def_property_readonly("slots",
                             [](const py::object& self) { return view(self.cast<Microstep&>().part->slots, self); })
      .def_property_readonly("shares",
                             [](const py::object& self) { return view(self.cast<Microstep&>().part->shares, self); })
      .def_property_readonly(
          "tokens", [](const py::object& self) { return view_or_none(self.cast<Microstep&>().part->tokens, self); });
}

}  // namespace

const Certificate& Plan::certificate() const {
  return std::visit([](const auto& made) -> const Certificate& { return made.certificate; }, solution);
}

std::string Plan::digest() const {
  return std::visit([](const auto& made) { return plimsoll::digest(made.plan); }, solution);
}

std::string Plan::text() const {
  return std::visit([&](const auto& made) { return write_plan(made, instance->text(), instance->folder(), threads); },
                    solution);
}

std::vector<std::string> Plan::check(const Instance& of) const {
  if (solution.index() != of.value().index()) {
    throw Error(ErrorCode::usage,
                std::string("the plan answers an instance of ") + instance->kind() + ", not one of " + of.kind());
  }
  const py::gil_scoped_release released;
  if (!certificate().objective) return {"no plan to check: " + certificate().reason};
  if (const auto* made = std::get_if<ExpertSolution>(&solution)) {
    return plimsoll::check(std::get<ExpertInstance>(of.value()), made->plan, &made->certificate);
  }
  if (const auto* made = std::get_if<StepSolution>(&solution)) {
    return plimsoll::check(std::get<StepInstance>(of.value()), made->plan, &made->certificate);
  }
  const auto& made = std::get<AssignmentSolution>(solution);
  return plimsoll::check(std::get<AssignmentInstance>(of.value()), made.plan, &made.certificate, made.proof);
}

void bind_plan(py::module_& module) {
  PYBIND11_NUMPY_DTYPE(TransferRow, gradient, from_host, microstep, layer, expert, from, to, start_seconds,
                       end_seconds);
  bind_microstep(module);
  py::class_<Plan, std::shared_ptr<Plan>>(module, "Plan")
      .def_property_readonly("kind", [](const Plan& plan) { return plan.instance->kind(); })
      .def_property_readonly("certificate", &Plan::certificate, py::return_value_policy::reference_internal)
      .def_property_readonly("metrics", metrics_of)
      .def_property_readonly(
          "seconds",
          [](const Plan& plan) { return std::visit([](const auto& made) { return made.seconds; }, plan.solution); })
      .def_property_readonly("slots",
                             [](const py::object& self) { return view(experts_of(self, "slots").slots, self); })
      .def_property_readonly("shares",
                             [](const py::object& self) { return view(experts_of(self, "shares").shares, self); })
      .def_property_readonly(
          "tokens", [](const py::object& self) { return view_or_none(experts_of(self, "tokens").tokens, self); })
      .def_property_readonly(
          "base",
          [](const py::object& self) { return view(as<StepSolution>(self.cast<Plan&>(), "base").plan.base, self); })
      .def_property_readonly("microsteps",
                             [](const std::shared_ptr<Plan>& plan) {
                               std::vector<Microstep> parts;
                               for (const auto& part : as<StepSolution>(*plan, "microsteps").plan.microsteps) {
                                 parts.push_back({plan, &part});
                               }
                               return parts;
                             })
      .def_property_readonly("transfers", transfers_of)
      .def_property_readonly("bin_of",
                             [](const py::object& self) {
                               const auto& bins = as<AssignmentSolution>(self.cast<Plan&>(), "bin_of").plan.bin_of;
                               return view(bins.data(), {static_cast<py::ssize_t>(bins.size())}, self);
                             })
      .def("digest", &Plan::digest)
      .def("to_json", &Plan::text)
      .def(
          "save",
          [](const Plan& plan, const py::object& path) {
            py::module_::import("plimsoll._files").attr("write_whole")(path, plan.text());
          },
          py::arg("path"))
      .def(
          "check",
          [](const Plan& plan, const py::object& instance) {
            if (instance.is_none()) return plan.check(*plan.instance);
            const py::object read = py::module_::import("plimsoll._instance").attr("read")(instance);
            return plan.check(read.cast<const Instance&>());
          },
          py::arg("instance") = py::none())
      .def("__repr__", shown)
      .def("__copy__", [](const py::object& self) { return self; })
      .def("__deepcopy__", [](const py::object& self, const py::object&) { return self; });
}

}  // namespace plimsoll::python
