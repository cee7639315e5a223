// plimsoll_experts as an ExpertInstance.
#include "plimsoll/experts.hpp"

#include "c/arrays.hpp"
#include "c/call.hpp"
#include "c/instance.hpp"
#include "c/sized.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::c {
namespace {

plimsoll_experts defaults() {
  const ExpertCost cost;
  plimsoll_experts made = {};
  made.struct_size = sizeof made;
  made.groups = 1;
  made.nodes = 1;
  made.devices_per_node = 1;
  made.max_moves = -1;
  made.max_moves_per_device = -1;
  made.token_seconds = cost.token_seconds;
  return made;
}

[[noreturn]] void refuse(const std::string& message, const std::string& pointer, const std::string& advice = {}) {
  throw Error(ErrorCode::input, message, pointer, advice);
}

ExpertModel read_model(const plimsoll_experts& given) {
  ExpertModel model;
  model.layers = static_cast<int>(size_at("/model/layers", given.layers));
  model.experts = static_cast<int>(size_at("/model/experts", given.experts));
  model.groups = given.groups;
  model.expert_bytes = number_at("/model/expert_bytes", given.expert_bytes);
  return model;
}

Cluster read_cluster(const plimsoll_experts& given) {
  Cluster cluster;
  const std::size_t nodes = size_at("/cluster/nodes", given.nodes);
  const std::size_t per_node = size_at("/cluster/devices_per_node", given.devices_per_node);
  const std::size_t devices = cells_at("/cluster/devices_per_node", nodes, per_node);
  cluster.nodes = given.nodes;
  cluster.devices_per_node = given.devices_per_node;
  if (given.slots_of_device == nullptr) {
    cluster.slots.assign(devices, static_cast<int>(size_at("/cluster/slots", given.slots)));
  } else {
    if (given.slots != 0)
      refuse("both slots and slots_of_device are given", "/cluster/slots", "Maybe leave slots at 0.");
    cluster.slots = integers_at("/cluster/slots", given.slots_of_device, devices);
  }
  cluster.speed.assign(devices, 1.0);
  if (given.speed != nullptr) cluster.speed = numbers_at("/cluster/speed", given.speed, devices);
  const std::size_t dead = count_at("/cluster/dead", given.dead_count);
  if (dead > 0) cluster.dead = integers_at("/cluster/dead", given.dead, dead);
  if (number_at("/cluster/memory_bytes", given.memory_bytes) != 0) cluster.memory_bytes = given.memory_bytes;
  cluster.duplicates = (given.flags & PLIMSOLL_EXPERTS_NO_DUPLICATES) == 0;
  cluster.fill_slots = (given.flags & PLIMSOLL_EXPERTS_MAY_LEAVE_SLOTS_EMPTY) == 0;
  return cluster;
}

// Slots of one layer: the columns of a placement.
std::size_t columns_of(const Cluster& cluster) {
  std::size_t columns = 0;
  for (const int slots : cluster.slots) {
    if (slots < 0) refuse("expected a whole number of at least 0, got " + std::to_string(slots), "/cluster/slots");
    columns += static_cast<std::size_t>(slots);
  }
  return columns;
}

ExpertInstance read(const plimsoll_experts& given) {
  constexpr std::uint32_t flags =
      PLIMSOLL_EXPERTS_NO_DUPLICATES | PLIMSOLL_EXPERTS_MAY_LEAVE_SLOTS_EMPTY | PLIMSOLL_EXPERTS_KEEP_GROUPS_ON_A_NODE;
  if ((given.flags & ~flags) != 0) {
    throw Error(ErrorCode::usage,
                "plimsoll_experts.flags is " + std::to_string(given.flags) + ", which has unknown ones");
  }
  ExpertInstance instance;
  if (given.name != nullptr) instance.name = given.name;
  instance.model = read_model(given);
  instance.cluster = read_cluster(given);
  instance.cost.token_seconds = number_at("/cost/token_seconds", given.token_seconds);
  instance.cost.replica_seconds = number_at("/cost/replica_seconds", given.replica_seconds);
  instance.cost.other_seconds = number_at("/cost/other_seconds", given.other_seconds);
  instance.cost.tile_tokens = given.tile_tokens;
  instance.dispatch = dispatch_of(given.dispatch);
  const auto layers = static_cast<std::size_t>(given.layers);
  instance.load = table_at("/load", given.load, layers, static_cast<std::size_t>(given.experts));
  instance.keep_groups_on_a_node = (given.flags & PLIMSOLL_EXPERTS_KEEP_GROUPS_ON_A_NODE) != 0;
  const std::size_t columns = columns_of(instance.cluster);
  if (given.placement != nullptr) instance.placement = table_at("/placement", given.placement, layers, columns);
  instance.limits.max_moves = limit_at("/limits/max_moves", given.max_moves);
  instance.limits.max_moves_per_device = limit_at("/limits/max_moves_per_device", given.max_moves_per_device);
  instance.move_seconds = number_at("/move_seconds", given.move_seconds);
  return instance;
}

}  // namespace
}  // namespace plimsoll::c

extern "C" void plimsoll_experts_init(plimsoll_experts* experts, uint32_t struct_size) {
  plimsoll::c::init_sized(experts, struct_size, plimsoll::c::defaults());
}

extern "C" plimsoll_instance* plimsoll_instance_from_experts(const plimsoll_experts* experts, plimsoll_error* error) {
  return plimsoll::c::make(error, [&] {
    plimsoll::c::expect(experts, "plimsoll_instance_from_experts: experts");
    const plimsoll_experts given = plimsoll::c::read_sized(experts, plimsoll::c::defaults(), "plimsoll_experts");
    return plimsoll::c::make_instance(plimsoll::write_document(plimsoll::c::read(given)));
  });
}
