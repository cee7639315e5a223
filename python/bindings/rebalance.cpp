// rebalance() and its answer in the form of the published balancer: three tables of 64-bit numbers.
#include "plimsoll/rebalance.hpp"

#include <pybind11/stl.h>

#include <algorithm>

#include "plimsoll/digest.hpp"
#include "plimsoll/error.hpp"
#include "python/bindings/arrays.hpp"
#include "python/bindings/interruptible.hpp"

namespace plimsoll::python {
namespace {

struct Made {
  Rebalanced plan;
  int experts = 0;

  [[nodiscard]] int slot_of(std::size_t layer, std::size_t slot) const { return plan.plan.slots.at(layer, slot); }
  // The most replicas that an expert has.
  [[nodiscard]] int width() const {
    int most = 0;
    for (const int rank : plan.rank.data()) most = std::max(most, rank + 1);
    return most;
  }
  [[nodiscard]] int width_or(std::optional<int> wanted) const {
    const int least = width();
    if (wanted.value_or(least) >= least) return wanted.value_or(least);
    throw Error(ErrorCode::usage, "an expert has " + std::to_string(least) + " replicas, more than the width of " +
                                      std::to_string(*wanted));
  }
};

using Whole = py::array_t<std::int64_t>;
using Real = py::array_t<double>;

py::ssize_t layers(const Made& made) { return static_cast<py::ssize_t>(made.plan.plan.slots.rows()); }

// visit(layer, slot, expert, rank) for every slot that holds an expert.
template <class Visit>
void each_replica(const Made& made, const Visit& visit) {
  const Matrix<int>& slots = made.plan.plan.slots;
  for (std::size_t layer = 0; layer < slots.rows(); ++layer) {
    for (std::size_t slot = 0; slot < slots.columns(); ++slot) {
      const int expert = slots.at(layer, slot);
      if (expert >= 0) visit(layer, slot, static_cast<std::size_t>(expert), made.plan.rank.at(layer, slot));
    }
  }
}

Whole phy2log(const Made& made) {
  const Matrix<int>& slots = made.plan.plan.slots;
  Whole table({layers(made), static_cast<py::ssize_t>(slots.columns())});
  std::copy(slots.data().begin(), slots.data().end(), table.mutable_data());
  return table;
}

Whole log2phy(const Made& made, std::optional<int> wanted) {
  const auto width = static_cast<std::size_t>(made.width_or(wanted));
  const auto experts = static_cast<std::size_t>(made.experts);
  Whole table({layers(made), static_cast<py::ssize_t>(experts), static_cast<py::ssize_t>(width)});
  std::int64_t* cells = table.mutable_data();
  std::fill(cells, cells + table.size(), -1);
  each_replica(made, [&](std::size_t layer, std::size_t slot, std::size_t expert, int rank) {
    cells[(layer * experts + expert) * width + static_cast<std::size_t>(rank)] = static_cast<std::int64_t>(slot);
  });
  return table;
}

Whole logcnt(const Made& made) {
  const auto experts = static_cast<std::size_t>(made.experts);
  Whole table({layers(made), static_cast<py::ssize_t>(experts)});
  std::int64_t* cells = table.mutable_data();
  std::fill(cells, cells + table.size(), 0);
  each_replica(made,
               [&](std::size_t layer, std::size_t, std::size_t expert, int) { ++cells[layer * experts + expert]; });
  return table;
}

Real probabilities(const Made& made, std::optional<int> wanted) {
  const auto width = static_cast<std::size_t>(made.width_or(wanted));
  const auto experts = static_cast<std::size_t>(made.experts);
  Real table({layers(made), static_cast<py::ssize_t>(experts), static_cast<py::ssize_t>(width)});
  double* cells = table.mutable_data();
  std::fill(cells, cells + table.size(), 0.0);
  each_replica(made, [&](std::size_t layer, std::size_t slot, std::size_t expert, int rank) {
    cells[(layer * experts + expert) * width + static_cast<std::size_t>(rank)] = made.plan.plan.shares.at(layer, slot);
  });
  return table;
}

template <class Choice>
Choice choose(const char* name, const std::string& value, const char* first, Choice one, const char* second,
              Choice other) {
  if (value == first) return one;
  if (value == second) return other;
  throw Error(ErrorCode::usage,
              std::string(name) + ": expected \"" + first + "\" or \"" + second + "\", got \"" + value + "\"");
}

std::shared_ptr<Made> make(const py::object& load, int slots, int groups, int nodes, int devices,
                           const py::object& placement, std::optional<std::int64_t> max_moves, std::vector<int> dead,
                           const std::string& mode, const std::string& dispatch,
                           std::optional<std::uint64_t> work_limit, std::optional<double> time_limit, int threads,
                           std::uint64_t seed) {
  RebalanceRequest request;
  request.load = number_table(load, "/load");
  request.slots = slots;
  request.groups = groups;
  request.nodes = nodes;
  request.devices = devices;
  if (!placement.is_none()) request.placement = whole_table(placement, "/placement");
  request.max_moves = max_moves;
  request.dead = std::move(dead);
  RebalanceOptions options;
  options.mode = choose("mode", mode, "best", RebalanceMode::best, "compatible", RebalanceMode::compatible);
  options.dispatch = choose("dispatch", dispatch, "even", Dispatch::even, "weighted", Dispatch::weighted);
  options.work_limit = work_limit;
  options.time_limit_seconds = time_limit;
  options.threads = threads;
  options.seed = seed;
  if (threads < 1) throw Error(ErrorCode::usage, "threads: expected 1 or more");
  auto made = std::make_shared<Made>();
  made->experts = static_cast<int>(request.load.columns());
  // Within the default work there is nothing to interrupt, and no thread is started.
  if (!work_limit && !time_limit) {
    const py::gil_scoped_release released;
    made->plan = rebalance(request, options);
    return made;
  }
  std::atomic<bool> stop = false;
  options.stop = &stop;
  auto [plan, raised] = run_interruptibly(stop, [&] { return rebalance(request, options); });
  if (raised) throw py::error_already_set(*raised);
  made->plan = std::move(plan);
  return made;
}

}  // namespace

void bind_rebalance(py::module_& module) {
  py::class_<Made, std::shared_ptr<Made>>(module, "Rebalanced")
      .def_property_readonly("phy2log", phy2log)
      .def("log2phy", log2phy, py::arg("width") = py::none())
      .def_property_readonly("logcnt", logcnt)
      .def("probabilities", probabilities, py::arg("width") = py::none())
      .def_property_readonly("slots",
                             [](const py::object& self) { return view(self.cast<Made&>().plan.plan.slots, self); })
      .def_property_readonly("shares",
                             [](const py::object& self) { return view(self.cast<Made&>().plan.plan.shares, self); })
      .def_property_readonly(
          "certificate", [](const Made& made) -> const Certificate& { return made.plan.certificate; },
          py::return_value_policy::reference_internal)
      .def_property_readonly(
          "metrics", [](const Made& made) -> const ExpertMetrics& { return made.plan.metrics; },
          py::return_value_policy::reference_internal)
      .def("digest", [](const Made& made) { return digest(made.plan.plan); });
  module.def("rebalance", make, py::arg("load"), py::kw_only(), py::arg("slots"), py::arg("groups"), py::arg("nodes"),
             py::arg("devices"), py::arg("placement"), py::arg("max_moves"), py::arg("dead"), py::arg("mode"),
             py::arg("dispatch"), py::arg("work_limit"), py::arg("time_limit"), py::arg("threads"), py::arg("seed"));
}

}  // namespace plimsoll::python
