// A plan of a step: its forward windows in the order of time, and the transfers that its transient replicas wait for.
#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <tuple>

#include "executor/run/run_loads.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

class Builder {
 public:
  Builder(const StepInstance& instance, const StepPlan& plan, const Prediction& prediction, const RunPart& part)
      : instance_(instance),
        plan_(plan),
        prediction_(prediction),
        bounds_(bounds_of(part, instance.experts.model.layers, instance.microsteps())) {
    const Cluster& cluster = instance.experts.cluster;
    run_.devices = cluster.devices();
    run_.layers = bounds_.layers;
    run_.experts = instance.experts.model.experts;
    run_.top_k = instance.experts.model.top_k;
    run_.pooled = instance.transient_pool_slots > 0;
    run_.base_slots = cluster.slots;
    run_.slots = cluster.slots;
    for (int device = 0; device < run_.devices; ++device) {
      const bool dead = std::binary_search(cluster.dead.begin(), cluster.dead.end(), device);
      if (!dead) run_.slots[static_cast<std::size_t>(device)] += instance.transient_columns();
    }
    first_column_.resize(run_.slots.size() + 1, 0);
    std::partial_sum(run_.slots.begin(), run_.slots.end(), first_column_.begin() + 1);
    double largest = 0;
    for (int m = 0; m < bounds_.microsteps; ++m) {
      for (int layer = 0; layer < bounds_.layers; ++layer) {
        const auto row = load(m, layer);
        largest = std::max(largest, std::accumulate(row.begin(), row.end(), 0.0));
      }
    }
    scale_ = load_scale(part, largest);
  }

  RunPlan build() {
    const std::size_t columns = plan_.base.columns();
    run_.base = Matrix<int>(static_cast<std::size_t>(bounds_.layers), columns, -1);
    for (int layer = 0; layer < bounds_.layers; ++layer) {
      const auto row = plan_.base.row(static_cast<std::size_t>(bounds_.first_layer + layer));
      std::copy(row.begin(), row.end(), run_.base.row(static_cast<std::size_t>(layer)).begin());
    }
    add_windows();
    add_transfers();
    return std::move(run_);
  }

 private:
  using Slot = std::tuple<int, int, int>;  // layer (-1: of a pool), device, slot

  [[nodiscard]] std::span<const double> load(int microstep, int layer) const {
    return instance_.load[static_cast<std::size_t>(microstep)].row(
        static_cast<std::size_t>(bounds_.first_layer + layer));
  }
  [[nodiscard]] bool inside(int microstep, int layer) const {
    return microstep < bounds_.microsteps && layer >= bounds_.first_layer &&
           layer < bounds_.first_layer + bounds_.layers;
  }

  void add_windows() {
    for (std::size_t w = 0; w < prediction_.windows.size(); ++w) {
      const auto& [microstep, layer, forward] = prediction_.windows[w];
      if (!inside(microstep, layer)) continue;
      if (!forward) {
        ++run_.backward_windows;
        continue;
      }
      Window window = window_of(plan_.microsteps[static_cast<std::size_t>(microstep)], layer, run_.slots,
                                scaled_loads(load(microstep, layer - bounds_.first_layer), scale_));
      window.microstep = microstep;
      window.layer = layer - bounds_.first_layer;
      window_at_[{microstep, window.layer}] = static_cast<int>(run_.windows.size());
      run_.windows.push_back(std::move(window));
      run_.prediction.windows.push_back({microstep, layer - bounds_.first_layer, true});
      run_.prediction.window_start.push_back(prediction_.window_start[w]);
      run_.prediction.window_seconds.push_back(prediction_.window_seconds[w]);
      run_.prediction.waited.push_back(prediction_.waited[w]);
      run_.prediction.device_seconds.push_back(prediction_.device_seconds[w]);
    }
  }

  void add_transfers() {
    std::vector<const Transfer*> order;
    for (const Transfer& transfer : plan_.transfers) {
      // Gradients belong to backward windows, which are not executed.
      if (transfer.kind == TransferKind::weights && inside(transfer.microstep, transfer.layer)) {
        order.push_back(&transfer);
      }
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const Transfer* a, const Transfer* b) { return a->start_seconds < b->start_seconds; });
    for (const Transfer* transfer : order) add_transfer(*transfer);
    for (const Window& window : run_.windows) {
      for (int device = 0; device < run_.devices; ++device) require_filled(window, device);
    }
  }

  [[nodiscard]] int standing(int layer, int device, int slot) const {
    return run_.base.at(static_cast<std::size_t>(layer),
                        static_cast<std::size_t>(first_column_[static_cast<std::size_t>(device)] + slot));
  }
  [[nodiscard]] Slot slot_of(int layer, int device, int slot) const {
    const bool pooled = run_.pooled && slot >= run_.base_slots[static_cast<std::size_t>(device)];
    return {pooled ? -1 : layer, device, slot};
  }

  // The replica that this transfer brings: the first of its expert on the device that nothing has brought yet.
  RunReplica& replica_for(const Transfer& transfer, int window, int layer) {
    auto& replicas = run_.windows[static_cast<std::size_t>(window)].replicas[static_cast<std::size_t>(transfer.to)];
    for (RunReplica& replica : replicas) {
      if (replica.expert == transfer.expert && replica.transfer < 0 && standing(layer, transfer.to, replica.slot) < 0) {
        return replica;
      }
    }
    throw Error(ErrorCode::input,
                "a transfer brings expert " + std::to_string(transfer.expert) + " to device " +
                    std::to_string(transfer.to) + ", where no slot takes it",
                "/plan/transfers");
  }

  void add_transfer(const Transfer& planned) {
    const int index = static_cast<int>(run_.transfers.size());
    RunTransfer transfer;
    transfer.planned = planned;
    transfer.planned.layer -= bounds_.first_layer;
    const int layer = transfer.planned.layer;
    transfer.needed_by = window_at_.at({planned.microstep, layer});
    RunReplica& replica = replica_for(planned, transfer.needed_by, layer);
    replica.transfer = index;
    transfer.slot = replica.slot;
    place_in_time(transfer);
    if (!planned.from_host) find_source(transfer);
    // What stood in the slot before: its window has to be over, and so have the copies out of it.
    const Slot slot = slot_of(layer, planned.to, replica.slot);
    if (const auto before = occupant_.find(slot); before != occupant_.end()) {
      transfer.free_after = run_.transfers[static_cast<std::size_t>(before->second)].needed_by;
      transfer.readers = readers_[before->second];
    }
    occupant_[slot] = index;
    run_.transfers.push_back(std::move(transfer));
  }

  // Windows that are left out take their part of the plan's time with them.
  void place_in_time(RunTransfer& transfer) const {
    const double start = transfer.planned.start_seconds;
    const auto& starts = run_.prediction.window_start;
    const auto after = std::upper_bound(starts.begin(), starts.end(), start);
    transfer.anchor = static_cast<int>(after - starts.begin()) - 1;
    transfer.anchor = std::min(transfer.anchor, transfer.needed_by - 1);
    if (transfer.anchor < 0) {
      transfer.offset = 0;
      return;
    }
    const auto anchor = static_cast<std::size_t>(transfer.anchor);
    transfer.offset = std::min(start - starts[anchor], run_.prediction.window_seconds[anchor]);
  }

  [[nodiscard]] double arrival(int transfer) const {
    return run_.transfers[static_cast<std::size_t>(transfer)].planned.end_seconds;
  }
  // As the planner's replay: plans may be off by rounding.
  static double tolerance(double seconds) { return 1e-9 * std::max(1.0, seconds); }

  // A base replica where there is one, else the transient one that arrived last.
  void find_source(RunTransfer& transfer) {
    const Transfer& planned = transfer.planned;
    for (int slot = 0; slot < run_.slots[static_cast<std::size_t>(planned.from)]; ++slot) {
      if (standing(planned.layer, planned.from, slot) == planned.expert) {
        transfer.source_slot = slot;
        return;
      }
    }
    int latest = -1;
    for (int slot = 0; slot < run_.slots[static_cast<std::size_t>(planned.from)]; ++slot) {
      const auto found = occupant_.find(slot_of(planned.layer, planned.from, slot));
      if (found == occupant_.end()) continue;
      const Transfer& brought = run_.transfers[static_cast<std::size_t>(found->second)].planned;
      if (brought.layer != planned.layer || brought.expert != planned.expert) continue;
      if (brought.end_seconds > planned.start_seconds + tolerance(planned.start_seconds)) continue;
      if (latest >= 0 && arrival(latest) > brought.end_seconds) continue;
      latest = found->second;
      transfer.source_slot = slot;
    }
    if (latest >= 0) {
      transfer.source = latest;
      readers_[latest].push_back(static_cast<int>(run_.transfers.size()));
      return;
    }
    throw Error(ErrorCode::input,
                "a transfer takes expert " + std::to_string(planned.expert) + " from device " +
                    std::to_string(planned.from) + ", which does not hold it",
                "/plan/transfers");
  }

  void require_filled(const Window& window, int device) const {
    for (const RunReplica& replica : window.replicas[static_cast<std::size_t>(device)]) {
      if (replica.transfer < 0 && standing(window.layer, device, replica.slot) != replica.expert) {
        throw Error(ErrorCode::input,
                    "no transfer brings expert " + std::to_string(replica.expert) + " to device " +
                        std::to_string(device) + " for micro-step " + std::to_string(window.microstep),
                    "/plan/transfers");
      }
    }
  }

  const StepInstance& instance_;
  const StepPlan& plan_;
  const Prediction& prediction_;
  PartBounds bounds_;
  double scale_ = 1;
  RunPlan run_;
  std::vector<int> first_column_;                 // [devices + 1]
  std::map<std::pair<int, int>, int> window_at_;  // by micro-step and layer
  std::map<Slot, int> occupant_;                  // the last transfer into a transient slot
  std::map<int, std::vector<int>> readers_;       // transfers out of the slot that this transfer filled
};

}  // namespace

RunPlan run_plan(const StepInstance& instance, const StepPlan& plan, Prediction prediction, const RunPart& part) {
  return Builder(instance, plan, prediction, part).build();
}

}  // namespace plimsoll::executor
