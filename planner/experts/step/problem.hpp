// Instances of `experts` with micro-steps as the verbs see them.
#pragma once

#include <memory>

#include "planner/common/problem.hpp"

namespace plimsoll::experts::step {

std::unique_ptr<common::LoadedInstance> load(const common::Document& document);
common::MethodList method_list();

}  // namespace plimsoll::experts::step
