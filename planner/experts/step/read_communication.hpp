// Where tokens come from and which way they take: `sources` and `communication` of an instance.
#pragma once

#include "plimsoll/step.hpp"
#include "support/json.hpp"

namespace plimsoll::experts::step {

// Model, cluster and loads of the instance are read already.
void read_sources(const support::Reader& place, StepInstance& instance);
void read_communication(support::Reader place, StepInstance& instance);

}  // namespace plimsoll::experts::step
