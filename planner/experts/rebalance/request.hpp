// What a rebalancing asks for, as an instance of `experts`: the one definition of a good plan serves both.
#pragma once

#include "plimsoll/rebalance.hpp"

namespace plimsoll::experts {

// Throws Error(input) with a pointer into the request for shapes and numbers that do not fit together, and
// Error(unsupported) for what mode compatible cannot honour.
void check_request(const RebalanceRequest& request, const RebalanceOptions& options);

// The published policy keeps groups on nodes where the nodes divide them; else it knows neither groups nor nodes.
bool is_hierarchical(const RebalanceRequest& request);

// One second per token, devices alike. Of a checked request.
ExpertInstance instance_of(const RebalanceRequest& request, Dispatch dispatch);

}  // namespace plimsoll::experts
