// The published expert-parallel load balancer, slot for slot (search/eplb_placement.hpp): the baseline that everybody
// compares with.
#include <algorithm>
#include <vector>

#include "planner/experts/method.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/eplb_placement.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& pointer) {
  throw Error(ErrorCode::unsupported, "method eplb " + what, pointer, "Maybe use local or auto.");
}

}  // namespace

void run_eplb(const Prepared& prepared, Context& context) {
  const auto& cluster = prepared.instance.cluster;
  refuse_move_limits(prepared, "eplb");
  if (!cluster.dead.empty()) refuse("knows no dead devices", "/cluster/dead");
  for (const int slots : cluster.slots) {
    if (slots != cluster.slots.front()) refuse("needs the same number of slots on every device", "/cluster/slots");
  }
  // As published: hierarchical where groups stay on a node and go round evenly, global otherwise.
  const bool hierarchical = prepared.instance.keep_groups_on_a_node;
  const int groups = hierarchical ? prepared.instance.model.groups : 1;
  const int nodes = hierarchical ? prepared.nodes : 1;
  if (groups % nodes != 0) refuse("needs a number of groups that the nodes divide", "/model/groups");
  ExpertPlan plan = empty_plan(prepared);
  for (int layer = 0; layer < prepared.layers; ++layer) {
    std::vector<float> weight;
    for (const double load : prepared.load(layer)) weight.push_back(static_cast<float>(load));
    const auto slots = eplb_placement(weight, prepared.total_slots(), {groups, nodes, prepared.devices}).expert;
    std::copy(slots.begin(), slots.end(), plan.slots.row(static_cast<std::size_t>(layer)).begin());
    share_evenly(prepared, layer, plan);
    context.meter().add_work(static_cast<std::uint64_t>(prepared.total_slots()) *
                             static_cast<std::uint64_t>(prepared.experts));
  }
  offer_or_refuse(context, std::move(plan), "eplb");
}

}  // namespace plimsoll::experts
