// EPLB anew for every micro-step, from the loads that it is about to have; its transfers are charged.
//
// A plan keeps base replicas for the whole step. So the base slots hold EPLB's placement of the step's sum, and what
// EPLB decides anew is what stands in the transient slots: EPLB's replication goes on from the base replicas with the
// micro-step's own loads, and its packing (largest piece first, to the lightest device that has a slot to spare) places
// the further replicas. A device never gets an expert that it holds already. Shares are even, under weighted dispatch
// too. All are copied, and a window waits for those that arrive late. Of a pool a layer takes half the columns, so that
// the next layer's can arrive meanwhile; a replica that no free slot can take is left out.
#include <algorithm>
#include <numeric>
#include <vector>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/eplb_placement.hpp"
#include "planner/experts/step/method.hpp"
#include "planner/experts/step/search/baseline.hpp"
#include "planner/experts/step/search/scheduler.hpp"
#include "planner/experts/step/search/shares.hpp"

namespace plimsoll::experts::step {
namespace {

class Oracle {
 public:
  Oracle(const Prepared& prepared, const Matrix<int>& base)
      : prepared_(prepared),
        base_(base),
        columns_(prepared.pool ? std::max(1, prepared.transient / 2) : prepared.transient) {}

  // Where EPLB would like further replicas.
  std::vector<Wanted> decide(int microstep, int layer) const {
    const auto load = prepared_.load(microstep, layer);
    const std::vector<float> weight(load.begin(), load.end());
    const auto row = base_.row(static_cast<std::size_t>(layer));
    std::vector<int> count(weight.size(), 0);
    for (const int expert : row) {
      if (expert >= 0) ++count[static_cast<std::size_t>(expert)];
    }
    std::vector<std::size_t> further;
    for (int k = 0; k < columns_ * prepared_.devices; ++k) {
      further.push_back(eplb_next_replica(weight, count));
      ++count[further.back()];
    }
    const auto piece = [&](std::size_t expert) { return weight[expert] / static_cast<float>(count[expert]); };
    std::stable_sort(further.begin(), further.end(), [&](std::size_t a, std::size_t b) { return piece(a) > piece(b); });
    const auto devices = static_cast<std::size_t>(prepared_.devices);
    std::vector<float> sum(devices, 0.0F);
    std::vector<int> held(devices, 0);
    std::vector<std::vector<bool>> holds(devices, std::vector<bool>(weight.size(), false));
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (row[column] < 0) continue;
      const auto device = static_cast<std::size_t>(prepared_.columns.device_of_slot(static_cast<int>(column)));
      sum[device] += piece(static_cast<std::size_t>(row[column]));
      holds[device][static_cast<std::size_t>(row[column])] = true;
    }
    std::vector<Wanted> wanted;
    for (const std::size_t expert : further) {
      std::size_t best = devices;
      for (std::size_t device = 0; device < devices; ++device) {
        if (held[device] == columns_ || holds[device][expert] || !may_stand(expert, device, row)) continue;
        if (best == devices || sum[device] < sum[best]) best = device;
      }
      if (best == devices) continue;
      sum[best] += piece(expert);
      ++held[best];
      holds[best][expert] = true;
      wanted.push_back({static_cast<int>(expert), static_cast<int>(best), -1});
    }
    return wanted;
  }

 private:
  // Groups stay on the node where their base replicas stand.
  [[nodiscard]] bool may_stand(std::size_t expert, std::size_t device, std::span<const int> row) const {
    if (!prepared_.instance.experts.keep_groups_on_a_node) return true;
    const auto at = std::find(row.begin(), row.end(), static_cast<int>(expert)) - row.begin();
    const int holder = prepared_.columns.device_of_slot(static_cast<int>(at));
    return prepared_.columns.node[static_cast<std::size_t>(holder)] == prepared_.columns.node[device];
  }

  const Prepared& prepared_;
  const Matrix<int>& base_;
  int columns_;  // per device and layer
};

}  // namespace

void run_eplb_oracle(const Prepared& prepared, Context& context) {
  const ExtraColumns none(static_cast<std::size_t>(prepared.layers));
  StepPlan plan = even_plan(prepared, eplb_base(prepared, none, "eplb-oracle", context));
  const Oracle oracle(prepared, plan.base);
  const WindowRunner runner(prepared);
  Scheduler scheduler(prepared, plan.base);
  for (const Window& window : prepared.windows) {
    ExpertPlan& own = plan.microsteps[static_cast<std::size_t>(window.microstep)];
    if (window.pass == Pass::forward && prepared.transient > 0) {
      const std::vector<Wanted> wanted = oracle.decide(window.microstep, window.layer);
      for (const auto& offer : scheduler.bring(window.microstep, window.layer, wanted)) {
        if (!offer) continue;
        own.slots.at(static_cast<std::size_t>(window.layer), static_cast<std::size_t>(offer->column)) =
            offer->transfer.expert;
      }
      share_evenly(prepared, window.microstep, window.layer, own);
    }
    runner.run_next(own, scheduler);
  }
  scheduler.finish();
  plan.transfers = scheduler.take();
  context.meter().add_work(scheduler.work() + prepared.windows.size() *
                                                  static_cast<std::size_t>(prepared.devices * prepared.transient) *
                                                  static_cast<std::size_t>(prepared.experts + prepared.devices));
  offer_or_refuse(context, std::move(plan), "eplb-oracle");
}

}  // namespace plimsoll::experts::step
