// solve() and check() on texts; plimsoll/_solve.py turns what Python callers have into instances.
#include "plimsoll/solve.hpp"

#include <pybind11/stl.h>

#include "plimsoll/documents.hpp"
#include "plimsoll/error.hpp"
#include "python/bindings/interruptible.hpp"
#include "python/bindings/plan.hpp"

namespace plimsoll::python {
namespace {

// Calls back into Python from whichever thread solves. What the callback raises must not pass through a solver: it
// stops the solve and is raised afterwards.
class Watcher {
 public:
  Watcher(py::object callback, std::atomic<bool>& stop) : callback_(std::move(callback)), stop_(stop) {}

  void operator()(const Progress& progress) {
    const py::gil_scoped_acquire held;
    if (raised_) return;
    try {
      callback_(progress);
    } catch (py::error_already_set& error) {
      raised_ = std::make_unique<py::error_already_set>(error);
      stop_ = true;
    }
  }
  void rethrow() const {
    if (raised_) throw py::error_already_set(*raised_);
  }

 private:
  py::object callback_;
  std::atomic<bool>& stop_;
  std::unique_ptr<py::error_already_set> raised_;
};

void check_options(const SolveOptions& options) {
  if (options.threads < 1) throw Error(ErrorCode::usage, "threads: expected 1 or more");
  if (options.time_limit_seconds && !(*options.time_limit_seconds >= 0)) {
    throw Error(ErrorCode::usage, "time_limit: expected 0 seconds or more");
  }
  if (!(options.gap >= 0)) throw Error(ErrorCode::usage, "gap: expected 0 or more");
}

std::shared_ptr<Plan> solve_instance(const std::shared_ptr<Instance>& instance, const std::string& method,
                                     std::optional<std::uint64_t> work_limit, std::optional<double> time_limit,
                                     int threads, std::uint64_t seed, double gap, const py::object& progress) {
  SolveOptions options;
  options.method = method;
  options.work_limit = work_limit;
  options.time_limit_seconds = time_limit;
  options.threads = threads;
  options.seed = seed;
  options.gap = gap;
  check_options(options);
  std::atomic<bool> stop = false;
  options.stop = &stop;
  Watcher watcher(progress, stop);
  if (!progress.is_none()) options.progress = [&](const Progress& now) { watcher(now); };
  auto [solution, raised] = run_interruptibly(stop, [&] {
    return std::visit([&](const auto& value) -> Plan::Solution { return plimsoll::solve(value, options); },
                      instance->value());
  });
  watcher.rethrow();
  auto plan = std::make_shared<Plan>(Plan{instance, std::move(solution), threads});
  // Ctrl-C is a wish for the plan so far; what other signal handlers raise, and a wish that nothing fulfils, goes on.
  if (raised && !(raised->matches(PyExc_KeyboardInterrupt) && plan->certificate().objective)) {
    throw py::error_already_set(*raised);
  }
  return plan;
}

}  // namespace

void bind_solve(py::module_& module) {
  module.def("solve", solve_instance, py::arg("instance"), py::kw_only(), py::arg("method"), py::arg("work_limit"),
             py::arg("time_limit"), py::arg("threads"), py::arg("seed"), py::arg("gap"), py::arg("progress"));
  module.def(
      "check",
      [](const Instance& instance, const std::string& plan) {
        const std::string text = instance.text();
        const py::gil_scoped_release released;
        return check_document(text, plan, instance.folder());
      },
      py::arg("instance"), py::arg("plan"));
}

}  // namespace plimsoll::python
