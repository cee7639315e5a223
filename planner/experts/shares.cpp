// Move nothing, just re-split: the placement stays, the shares are solved exactly (token_flow.hpp).
#include "planner/experts/shares.hpp"

#include "planner/experts/method.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/resplit.hpp"
#include "plimsoll/error.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts {
namespace {

// What stands on live devices of a layer, weighted shares solved.
LayerPlan resplit_standing(const Prepared& prepared, int layer, std::uint64_t& work) {
  LayerPlan plan;
  const auto row = prepared.instance.placement->row(static_cast<std::size_t>(layer));
  for (int slot = 0; slot < prepared.total_slots(); ++slot) {
    const int expert = row[static_cast<std::size_t>(slot)];
    const int device = prepared.device_of_slot(slot);
    if (expert >= 0 && prepared.alive[static_cast<std::size_t>(device)]) plan.replicas.push_back({expert, device, 0.0});
  }
  std::vector<int> count(static_cast<std::size_t>(prepared.experts), 0);
  for (const Replica& replica : plan.replicas) ++count[static_cast<std::size_t>(replica.expert)];
  for (int expert = 0; expert < prepared.experts; ++expert) {
    if (count[static_cast<std::size_t>(expert)] > 0) continue;
    throw Error(ErrorCode::unsupported,
                "expert " + std::to_string(expert) + " of layer " + std::to_string(layer) +
                    " stands on no live device, and method shares moves nothing",
                "/placement/" + std::to_string(layer), "Maybe use local or auto.");
  }
  if (!prepared.even) resplit(prepared, layer, prepared.load(layer), plan.replicas, work);
  return plan;
}

}  // namespace

bool offer_standing(const Prepared& prepared, Context& context) {
  std::vector<LayerPlan> plans(static_cast<std::size_t>(prepared.layers));
  std::vector<std::uint64_t> work(plans.size(), 0);
  support::for_each_index(plans.size(), context.options().threads, [&](std::size_t layer) {
    plans[layer] = resplit_standing(prepared, static_cast<int>(layer), work[layer]);
  });
  for (const std::uint64_t amount : work) context.meter().add_work(amount);
  context.offer(assemble(prepared, plans));
  return context.last_violation().empty();
}

void run_shares(const Prepared& prepared, Context& context) {
  if (!prepared.has_placement()) {
    throw Error(ErrorCode::unsupported, "method shares keeps a placement, and the instance has none", "/placement",
                "Maybe use local or auto.");
  }
  if (offer_standing(prepared, context)) return;
  throw Error(ErrorCode::unsupported, "the standing placement breaks this instance: " + context.last_violation(), {},
              "Maybe use local or auto.");
}

}  // namespace plimsoll::experts
