// Long calls that Ctrl-C stops. Python runs signal handlers on its main thread alone, and only while that thread runs
// Python: so where the caller is the main thread, the work goes to a thread of its own and the caller looks for signals
// twenty times per second. On any other thread the work runs where it was called.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "python/bindings/bindings.hpp"

namespace plimsoll::python {

template <class Result>
struct Interruptible {
  Result result;
  // What a signal handler raised meanwhile; `stop` was set then.
  std::unique_ptr<py::error_already_set> raised;
};

inline bool on_main_thread() {
  const py::module_ threading = py::module_::import("threading");
  return threading.attr("current_thread")().is(threading.attr("main_thread")());
}

// work(stop) is called without the GIL and should end soon after `stop` is set. What it throws is thrown here.
template <class Work>
auto run_interruptibly(std::atomic<bool>& stop, const Work& work) -> Interruptible<decltype(work())> {
  using Result = decltype(work());
  std::optional<Result> result;
  std::unique_ptr<py::error_already_set> raised;
  std::exception_ptr failed;
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  std::thread worker;
  if (on_main_thread()) {
    try {
      worker = std::thread([&] {
        try {
          result.emplace(work());
        } catch (...) {
          failed = std::current_exception();
        }
        const std::scoped_lock lock(mutex);
        done = true;
        ended.notify_one();
      });
    } catch (const std::system_error&) {
      // No thread is to be had: the work is done here, and signals wait.
    }
  }
  {
    const py::gil_scoped_release released;
    if (!worker.joinable()) return {work(), nullptr};
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, std::chrono::milliseconds(50), [&] { return done; })) {
      if (raised) continue;
      lock.unlock();
      {
        const py::gil_scoped_acquire held;
        if (PyErr_CheckSignals() != 0) {
          raised = std::make_unique<py::error_already_set>();
          stop = true;
        }
      }
      lock.lock();
    }
    lock.unlock();
    worker.join();
  }
  if (failed) std::rethrow_exception(failed);
  return {std::move(*result), std::move(raised)};
}

}  // namespace plimsoll::python
