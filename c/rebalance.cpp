// plimsoll_rebalance over plimsoll::rebalance.
#include "plimsoll/rebalance.hpp"

#include "c/arrays.hpp"
#include "c/call.hpp"
#include "c/options.hpp"
#include "c/plan.hpp"
#include "c/sized.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::c {
namespace {

plimsoll_rebalance_request defaults() {
  plimsoll_rebalance_request made = {};
  made.struct_size = sizeof made;
  made.mode = PLIMSOLL_REBALANCE_BEST;
  made.dispatch = PLIMSOLL_DISPATCH_EVEN;
  made.groups = 1;
  made.nodes = 1;
  made.devices = 1;
  made.max_moves = -1;
  return made;
}

RebalanceRequest read(const plimsoll_rebalance_request& given) {
  RebalanceRequest request;
  const std::size_t layers = size_at("/layers", given.layers);
  const std::size_t slots = size_at("/slots", given.slots);
  request.load = table_at("/load", given.load, layers, size_at("/experts", given.experts));
  request.slots = given.slots;
  request.groups = given.groups;
  request.nodes = given.nodes;
  request.devices = given.devices;
  static_cast<void>(cells_at("/slots", layers, slots));
  if (given.placement != nullptr) request.placement = table_at("/placement", given.placement, layers, slots);
  request.max_moves = limit_at("/max_moves", given.max_moves);
  const std::size_t dead = count_at("/dead", given.dead_count);
  if (dead > 0) request.dead = integers_at("/dead", given.dead, dead);
  return request;
}

RebalanceMode mode_of(std::int32_t given) {
  if (given == PLIMSOLL_REBALANCE_BEST) return RebalanceMode::best;
  if (given == PLIMSOLL_REBALANCE_COMPATIBLE) return RebalanceMode::compatible;
  throw Error(ErrorCode::usage,
              "mode is " + std::to_string(given) + ", expected PLIMSOLL_REBALANCE_BEST or _COMPATIBLE");
}

// What has no meaning here is refused, so that nobody believes that it was honoured.
RebalanceOptions read(const plimsoll_rebalance_request& given, CallOptions& call) {
  const plimsoll_options& options = call.given();
  if (options.method != nullptr || options.gap != 0 || options.progress != nullptr) {
    throw Error(ErrorCode::usage, "plimsoll_rebalance takes no method, no gap and no progress call");
  }
  RebalanceOptions read;
  read.mode = mode_of(given.mode);
  read.dispatch = dispatch_of(given.dispatch);
  read.work_limit = call.work_limit();
  read.time_limit_seconds = call.time_limit_seconds();
  read.threads = options.threads;
  read.seed = options.seed;
  read.stop = call.stop();
  return read;
}

plimsoll_plan* plan_of(Rebalanced rebalanced) {
  const ExpertMetrics& metrics = rebalanced.metrics;
  PlanDocument document;
  document.metrics = {{"imbalance", metrics.imbalance},
                      {"worst_imbalance", metrics.worst_imbalance},
                      {"moves", static_cast<double>(metrics.moves)},
                      {"moved_bytes", metrics.moved_bytes}};
  document.certificate = std::move(rebalanced.certificate);
  // Without a plan the tables are empty.
  if (document.certificate.objective) document.plan = std::move(rebalanced.plan);
  return new plimsoll_plan{std::move(document), {}, std::move(rebalanced.rank)};
}

}  // namespace
}  // namespace plimsoll::c

extern "C" void plimsoll_rebalance_request_init(plimsoll_rebalance_request* request, uint32_t struct_size) {
  plimsoll::c::init_sized(request, struct_size, plimsoll::c::defaults());
}

extern "C" plimsoll_plan* plimsoll_rebalance(const plimsoll_rebalance_request* request, const plimsoll_options* options,
                                             plimsoll_error* error) {
  return plimsoll::c::make(error, [&] {
    plimsoll::c::expect(request, "plimsoll_rebalance: request");
    const plimsoll_rebalance_request given =
        plimsoll::c::read_sized(request, plimsoll::c::defaults(), "plimsoll_rebalance_request");
    plimsoll::c::CallOptions call(options);
    const plimsoll::RebalanceOptions read = plimsoll::c::read(given, call);
    return plimsoll::c::plan_of(plimsoll::rebalance(plimsoll::c::read(given), read));
  });
}
