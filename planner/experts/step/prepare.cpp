#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {
namespace {

ExpertInstance with_transient_slots(const StepInstance& source) {
  ExpertInstance whole = source.experts;
  for (int& slots : whole.cluster.slots) slots += source.transient_columns();
  // A pool is shared by all layers and what memory it takes is judged as a whole; here only the shape matters.
  whole.cluster.memory_bytes.reset();
  whole.cluster.fill_slots = false;
  whole.placement.reset();
  whole.limits = {};
  whole.move_seconds = 0;
  return whole;
}

std::string prove_impossible(const StepInstance& source) {
  ExpertInstance base = source.experts;
  base.placement.reset();
  base.limits = {};
  base.move_seconds = 0;
  // Base replicas may stand in transient columns, too; what is impossible with both is impossible.
  if (!base.cluster.memory_bytes) {
    for (int& slots : base.cluster.slots) slots += source.transient_columns();
  }
  return experts::Prepared(base).impossible;
}

}  // namespace

Prepared::Prepared(const StepInstance& source)
    : instance(source),
      whole(with_transient_slots(source)),
      columns(whole),
      layers(columns.layers),
      experts(columns.experts),
      devices(columns.devices),
      microsteps(source.microsteps()),
      transient(source.transient_columns()),
      pool(source.transient_pool_slots > 0),
      base_slots(source.experts.cluster.slots),
      transient_column(static_cast<std::size_t>(columns.total_slots()), false),
      windows(windows_of(source)),
      forward_window(static_cast<std::size_t>(microsteps), static_cast<std::size_t>(layers), -1),
      last_window(static_cast<std::size_t>(microsteps), static_cast<std::size_t>(layers), -1),
      impossible(prove_impossible(source)) {
  for (int device = 0; device < devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    for (int column = columns.first_slot[d] + base_slots[d]; column < columns.first_slot[d + 1]; ++column) {
      transient_column[static_cast<std::size_t>(column)] = true;
    }
    if (!columns.alive[d]) base_slots[d] = 0;
  }
  for (std::size_t index = 0; index < windows.size(); ++index) {
    const auto m = static_cast<std::size_t>(windows[index].microstep);
    const auto l = static_cast<std::size_t>(windows[index].layer);
    if (windows[index].pass == Pass::forward) forward_window.at(m, l) = static_cast<int>(index);
    last_window.at(m, l) = static_cast<int>(index);
  }
}

}  // namespace plimsoll::experts::step
