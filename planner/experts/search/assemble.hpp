// From finished layers to a plan: slots, shares and tokens in the order of the format.
#pragma once

#include <span>
#include <vector>

#include "planner/experts/search/layer.hpp"

namespace plimsoll::experts {

// Experts that stay keep their position, so that an engine copies only what moved. Slots that must be filled and are
// not get what stood there before, or a replica without tokens.
ExpertPlan assemble(const Prepared& prepared, const std::vector<LayerPlan>& layers);

// One layer of it.
void assemble_layer(const Prepared& prepared, int layer, const LayerPlan& solved, ExpertPlan& plan);

// A plan with the right shapes and nothing in it.
ExpertPlan empty_plan(const Prepared& prepared);

// Sets shares (and tokens) of one layer to even dispatch over the given slots.
void share_evenly(const Prepared& prepared, int layer, ExpertPlan& plan);
// The same for a load that need not be the instance's.
void share_evenly(const Prepared& prepared, int layer, std::span<const double> load, ExpertPlan& plan);
// Sets shares (and tokens) of one layer from tokens per slot.
void write_tokens(const Prepared& prepared, int layer, std::span<const double> load, std::span<const double> tokens,
                  ExpertPlan& plan);

// Exchanges devices of the same kind so that as much as possible stays where it stood.
LayerPlan relabel(const Prepared& prepared, int layer, LayerPlan solved);

}  // namespace plimsoll::experts
