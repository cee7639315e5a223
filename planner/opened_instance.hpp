// An instance file of any problem after reading: the tree, the problem that reads it, the instance, its identity.
#pragma once

#include <memory>
#include <string>

#include "planner/common/problem.hpp"

namespace plimsoll {

struct OpenedInstance {
  common::Document document;
  const common::ProblemKind* kind = nullptr;
  std::unique_ptr<common::LoadedInstance> instance;
  std::string sha256;
};

// Throws Error(input) where the document is no instance of a known problem.
OpenedInstance open_instance(common::Document document);

// The problem that an instance names. Throws Error(input).
const common::ProblemKind& kind_of(const support::Json& instance);

}  // namespace plimsoll
