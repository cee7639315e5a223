// GLPK keeps one environment per thread, prints to it and aborts the process on errors. This runs a task on a thread of
// its own, whose environment is silent, turns errors into exceptions, and is freed when the task has ended.
#pragma once

#include <functional>

namespace plimsoll::solvers::mip {

// Returns when the task has ended. What it throws, and what goes wrong inside GLPK (as Error(internal) with GLPK's own
// words), is thrown here. GLPK problems must not outlive the task.
void in_glpk_environment(const std::function<void()>& task);

}  // namespace plimsoll::solvers::mip
