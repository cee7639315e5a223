// What `run` and `calibrate` read: model shapes, and an instance with its plan as the executor takes them.
#pragma once

#include <optional>
#include <string>

#include "cli/documents.hpp"
#include "executor/model/model_shape.hpp"
#include "executor/run/run_plan.hpp"
#include "plimsoll/cluster.hpp"

namespace plimsoll::cli {

// A name that is known, else a file (anything with a dot or a slash).
executor::ModelShape open_shape(const std::string& name);
// "olmoe-1b-7b, ..., or a file", for help texts.
std::string known_shapes();

struct RunInput {
  executor::RunPlan plan;
  Cluster cluster;
  std::optional<std::string> violation;  // of the plan, which is then not to be run
};

// Throws Error(usage) for an instance of another problem.
RunInput read_run_input(const OpenedInstance& opened, const OpenedPlan& plan, const executor::RunPart& part);

}  // namespace plimsoll::cli
