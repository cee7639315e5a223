#include "python/bindings/balancer.hpp"

#include <pybind11/stl.h>

#include <memory>
#include <mutex>
#include <utility>

#include "plimsoll/error.hpp"
#include "python/bindings/arrays.hpp"
#include "python/bindings/instance.hpp"

namespace plimsoll::python {
namespace {

// A balancer is used by one thread at a time, and calls give the GIL away: each takes the lock.
class Guarded {
 public:
  explicit Guarded(Balancer balancer) : balancer_(std::move(balancer)) {}

  // call(balancer) without the GIL.
  template <class Call>
  auto with(const Call& call) {
    const py::gil_scoped_release released;
    const std::scoped_lock lock(mutex_);
    return call(balancer_);
  }

 private:
  std::mutex mutex_;
  Balancer balancer_;
};

std::unique_ptr<Guarded> make(const Instance& instance, int window, double decay, std::int64_t horizon_microsteps,
                              double least_gain, bool exchanges, std::optional<std::uint64_t> work_limit,
                              std::uint64_t seed) {
  const auto* experts = std::get_if<ExpertInstance>(&instance.value());
  if (experts == nullptr) {
    throw Error(ErrorCode::unsupported,
                std::string("a balancer follows an instance of experts, not of ") + instance.kind(), {},
                "Maybe give \"load\" instead of \"microsteps\".");
  }
  const BalancerOptions options{window, decay, horizon_microsteps, least_gain, exchanges, work_limit, seed};
  const py::gil_scoped_release released;
  return std::make_unique<Guarded>(Balancer(*experts, options));
}

void commit(Guarded& self, const Delta& delta, const std::optional<std::vector<int>>& layers) {
  // An empty list of layers commits nothing, where none at all means all that are left.
  if (layers && layers->empty()) return;
  const std::vector<int> chosen = layers.value_or(std::vector<int>{});
  self.with([&](Balancer& balancer) {
    balancer.commit(delta, chosen);
    return 0;
  });
}

// The result of call(balancer) as a new array.
template <class T, class Call>
py::array_t<T> table(Guarded& self, const Call& call) {
  const Matrix<T> made = self.with([&](Balancer& balancer) -> Matrix<T> { return call(balancer); });
  return copy_of(made);
}

}  // namespace

void bind_balancer(py::module_& module) {
  py::class_<Guarded>(module, "Balancer")
      .def(py::init(&make), py::arg("instance"), py::kw_only(), py::arg("window"), py::arg("decay"),
           py::arg("horizon_microsteps"), py::arg("least_gain"), py::arg("exchanges"), py::arg("work_limit"),
           py::arg("seed"))
      .def("observe",
           [](Guarded& self, const py::object& load) {
             const Matrix<double> tokens = number_table(load, "/load");
             self.with([&](Balancer& balancer) {
               balancer.observe(tokens);
               return 0;
             });
           })
      .def("plan",
           [](Guarded& self) {
             return self.with([](Balancer& balancer) { return std::make_shared<Delta>(balancer.plan()); });
           })
      .def("commit", commit, py::arg("delta"), py::arg("layers") = py::none())
      .def("rollback",
           [](Guarded& self) {
             self.with([](Balancer& balancer) {
               balancer.rollback();
               return 0;
             });
           })
      .def("device_died",
           [](Guarded& self, int device) {
             self.with([&](Balancer& balancer) {
               balancer.device_died(device);
               return 0;
             });
           })
      .def("device_joined",
           [](Guarded& self, int device) {
             self.with([&](Balancer& balancer) {
               balancer.device_joined(device);
               return 0;
             });
           })
      .def("epoch", [](Guarded& self) { return self.with([](Balancer& balancer) { return balancer.epoch(); }); })
      .def("observations",
           [](Guarded& self) { return self.with([](Balancer& balancer) { return balancer.observations(); }); })
      .def(
          "dead",
          [](Guarded& self) { return self.with([](Balancer& balancer) { return std::vector<int>(balancer.dead()); }); })
      .def("slots", [](Guarded& self) { return table<int>(self, [](Balancer& balancer) { return balancer.slots(); }); })
      .def("predicted_load",
           [](Guarded& self) {
             return table<double>(self, [](Balancer& balancer) { return balancer.predicted_load(); });
           })
      .def("shares",
           [](Guarded& self) { return table<double>(self, [](Balancer& balancer) { return balancer.shares(); }); })
      .def("shares_of",
           [](Guarded& self, const py::object& slots) {
             const Matrix<int> standing = whole_table(slots, "/slots");
             return table<double>(self, [&](Balancer& balancer) { return balancer.shares_of(standing); });
           })
      .def("seconds_of",
           [](Guarded& self, const py::object& slots) {
             const Matrix<int> standing = whole_table(slots, "/slots");
             return self.with([&](Balancer& balancer) { return balancer.seconds_of(standing); });
           })
      .def("state", [](Guarded& self) { return self.with([](Balancer& balancer) { return balancer.state(); }); })
      .def_static("from_state", [](const std::string& text) {
        const py::gil_scoped_release released;
        return std::make_unique<Guarded>(Balancer::from_state(text));
      });
}

}  // namespace plimsoll::python
