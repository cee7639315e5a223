#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "plimsoll/digest.hpp"
#include "python/bindings/arrays.hpp"
#include "python/bindings/balancer.hpp"

namespace plimsoll::python {
namespace {

std::string shown(const BalancerMove& move) {
  std::string text = std::string("Move(kind='") + name_of(move.kind) + "', layer=" + std::to_string(move.layer) +
                     ", expert=" + std::to_string(move.expert);
  if (move.kind == MoveKind::exchange) text += ", other_expert=" + std::to_string(move.other_expert);
  return text + ", from_slot=" + std::to_string(move.from_slot) + ", to_slot=" + std::to_string(move.to_slot) +
         ", from_device=" + std::to_string(move.from_device) + ", to_device=" + std::to_string(move.to_device) + ")";
}

// The row is changed where it lies.
void apply_move(const BalancerMove& move, py::array_t<int> row) {
  if (row.ndim() != 1 || (row.flags() & py::array::c_style) == 0) {
    throw py::value_error("a row of slots is expected, an array of 32-bit whole numbers");
  }
  apply(move, {row.mutable_data(), static_cast<std::size_t>(row.size())});
}

void bind_move(py::module_& module) {
  py::class_<BalancerMove>(module, "Move")
      .def_property_readonly("kind", [](const BalancerMove& move) { return name_of(move.kind); })
      .def_readonly("layer", &BalancerMove::layer)
      .def_readonly("expert", &BalancerMove::expert)
      .def_readonly("other_expert", &BalancerMove::other_expert)
      .def_readonly("from_slot", &BalancerMove::from_slot)
      .def_readonly("to_slot", &BalancerMove::to_slot)
      .def_readonly("from_device", &BalancerMove::from_device)
      .def_readonly("to_device", &BalancerMove::to_device)
      .def("apply", apply_move, py::arg("row").noconvert())
      .def("__eq__",
           [](const BalancerMove& move, const py::object& other) {
             return py::isinstance<BalancerMove>(other) && move == other.cast<const BalancerMove&>();
           })
      .def("__repr__", shown);
}

}  // namespace

const char* name_of(MoveKind kind) {
  switch (kind) {
    case MoveKind::load:
      return "load";
    case MoveKind::copy:
      return "copy";
    case MoveKind::exchange:
      return "exchange";
    case MoveKind::clear:
      break;
  }
  return "clear";
}

void bind_delta(py::module_& module) {
  bind_move(module);
  py::class_<Delta, std::shared_ptr<Delta>>(module, "Delta")
      .def_readonly("epoch", &Delta::epoch)
      .def_readonly("moves", &Delta::moves)
      .def_property_readonly("layers",
                             [](const Delta& delta) {
                               std::vector<int> order;
                               for (const BalancerMove& move : delta.moves) {
                                 if (order.empty() || order.back() != move.layer) order.push_back(move.layer);
                               }
                               return order;
                             })
      .def_property_readonly("lost",
                             [](const Delta& delta) {
                               std::vector<std::pair<int, int>> lost;
                               for (const LostExpert& one : delta.lost) lost.emplace_back(one.layer, one.expert);
                               return lost;
                             })
      .def_property_readonly("slots", [](const py::object& self) { return view(self.cast<Delta&>().plan.slots, self); })
      .def_property_readonly("shares",
                             [](const py::object& self) { return view(self.cast<Delta&>().plan.shares, self); })
      .def_readonly("seconds_before", &Delta::seconds_before)
      .def_readonly("seconds_after", &Delta::seconds_after)
      .def_readonly("bound_seconds", &Delta::bound_seconds)
      .def_readonly("saved_seconds", &Delta::saved_seconds)
      .def_readonly("transfers", &Delta::transfers)
      .def_readonly("move_seconds", &Delta::move_seconds)
      .def_readonly("reason", &Delta::reason)
      .def_property_readonly(
          "certificate", [](const Delta& delta) -> const Certificate& { return delta.certificate; },
          py::return_value_policy::reference_internal)
      .def("digest", [](const Delta& delta) { return digest(delta.plan); })
      .def("__bool__", [](const Delta& delta) { return !delta.empty(); })
      .def("__len__", [](const Delta& delta) { return delta.moves.size(); });
}

}  // namespace plimsoll::python
