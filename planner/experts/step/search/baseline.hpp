// What the baselines share: what they refuse, which transient columns serve as base slots, and EPLB's placement in
// them.
#pragma once

#include <string_view>
#include <vector>

#include "planner/experts/step/context.hpp"
#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

// Refuses by name what a method that plans afresh and offers one plan cannot promise.
void refuse_move_limits(const Prepared& prepared, std::string_view method);
// Offers the plan of a baseline; Error(unsupported) with the first violation where the instance rules it out.
void offer_or_refuse(Context& context, StepPlan plan, std::string_view method);

// The transient columns that serve a layer as base slots, as positions behind the base slots of each device.
using ExtraColumns = std::vector<std::vector<int>>;  // [layers]
// Transient slots of a layer all serve it; each column of a pool goes to one layer, in turns.
ExtraColumns extra_columns(const Prepared& prepared);

// Even shares of the same slots in all micro-steps; no transfers.
StepPlan even_plan(const Prepared& prepared, Matrix<int> base);

// The published algorithm on the step's sum of loads, with the given columns besides the base slots. Refuses devices
// that differ and groups that the nodes do not divide.
Matrix<int> eplb_base(const Prepared& prepared, const ExtraColumns& extra, std::string_view method, Context& context);
// The same with all transient columns. A pool's go, one by one, to the layer whose largest device load falls most.
Matrix<int> eplb_base(const Prepared& prepared, std::string_view method, Context& context);

}  // namespace plimsoll::experts::step
