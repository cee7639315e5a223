// Weighted dispatch where two replicas of an expert on one device may be merged without loss (no table): x[e,d] = 1
// says that e stands on d, and f[e,d] is the part of its tokens there (k[e,d] its tiles where tokens come in tiles):
//   sum_d f[e,d] = 1,  f[e,d] <= room x[e,d],  device time: sum rate L_e f[e,d] + fixed a[e,d]
// with room what the device can work off by `upper`. a[e,d] = 1 says that tokens are served there; it is x[e,d] itself
// unless slots have to be filled, because a replica without tokens is then a replica that need not stand.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "planner/experts/formulation/layer_rows.hpp"
#include "planner/experts/search/token_flow.hpp"

namespace plimsoll::experts {
namespace {

using solvers::mip::Entry;
using solvers::mip::infinity;

class WeightedRows : public LayerRows {
 public:
  explicit WeightedRows(LayerFrame frame) : LayerRows(std::move(frame)) {
    const auto pairs = static_cast<std::size_t>(frame_.prepared.experts * frame_.prepared.devices);
    stands_.assign(pairs, -1);
    amount_.assign(pairs, -1);
    serves_.assign(pairs, -1);
    for (int expert = 0; expert < frame_.prepared.experts; ++expert) {
      if (load(expert) > 0) {
        add_expert(expert);
      } else {
        add_idle(expert);
      }
    }
    close_devices(frame_.prepared.instance.cluster.duplicates);
  }

  [[nodiscard]] int fewest(int expert) const override { return fewest_[static_cast<std::size_t>(expert)]; }
  [[nodiscard]] double least_work(int expert) const override {
    const CostCurve& curve = frame_.prepared.curve;
    if (load(expert) <= 0) return 0;
    return curve.rate() * units(expert) * unit_tokens(expert) + curve.fixed() * fewest(expert);
  }

  [[nodiscard]] LayerPlan canonical(LayerPlan plan) const override {
    LayerPlan result;
    result.feasible = true;
    for (int expert = 0; expert < frame_.prepared.experts; ++expert) {
      const LayerPlan mine = merged(expert, plan);
      result.replicas.insert(result.replicas.end(), mine.replicas.begin(), mine.replicas.end());
    }
    return result;
  }

  bool encode(const LayerPlan& plan, std::vector<double>& point) const override {
    std::vector<double> sum(static_cast<std::size_t>(frame_.prepared.experts), 0.0);
    for (const Replica& replica : plan.replicas) sum[static_cast<std::size_t>(replica.expert)] += replica.tokens;
    for (const Replica& replica : plan.replicas) {
      const std::size_t pair = index(replica.expert, replica.device);
      if (stands_[pair] < 0) return false;
      point[static_cast<std::size_t>(stands_[pair])] = 1;
      if (replica.tokens <= 0) continue;
      if (amount_[pair] < 0) return false;
      point[static_cast<std::size_t>(serves_[pair])] = 1;
      point[static_cast<std::size_t>(amount_[pair])] =
          tiled() ? std::ceil(replica.tokens / unit_tokens(replica.expert))
                  : replica.tokens / sum[static_cast<std::size_t>(replica.expert)];
    }
    return true;
  }

  // The point says who stands where and who serves; the best tokens for that are a matter of flow.
  [[nodiscard]] LayerPlan decode(std::span<const double> point) const override {
    LayerPlan plan;
    std::vector<Replica> idle;
    for (int expert = 0; expert < frame_.prepared.experts; ++expert) {
      bool served = false;
      for (int device = 0; device < frame_.prepared.devices; ++device) {
        const std::size_t pair = index(expert, device);
        if (stands_[pair] < 0 || value(point, stands_[pair]) < 0.5) continue;
        const bool serves = amount_[pair] >= 0 && value(point, serves_[pair]) >= 0.5;
        (serves ? plan.replicas : idle).push_back({expert, device, 0.0});
        served = served || serves;
      }
      if (served || idle.empty() || load(expert) <= 0) continue;
      // A solution that is none: let somebody serve, and the evaluation will say the rest.
      if (idle.back().expert == expert) {
        plan.replicas.push_back(idle.back());
        idle.pop_back();
      }
    }
    if (!plan.replicas.empty()) solve_shares(frame_.prepared, frame_.prepared.load(frame_.layer), plan.replicas);
    plan.replicas.insert(plan.replicas.end(), idle.begin(), idle.end());
    plan.feasible = true;
    return plan;
  }

 private:
  static double value(std::span<const double> point, int variable) { return point[static_cast<std::size_t>(variable)]; }
  [[nodiscard]] bool tiled() const { return frame_.prepared.curve.tiled(); }
  // An expert's tokens in the unit of its variables: tiles, or all of them at once.
  [[nodiscard]] double unit_tokens(int expert) const { return tiled() ? frame_.prepared.curve.tile() : load(expert); }
  [[nodiscard]] double units(int expert) const {
    return tiled() ? std::ceil(load(expert) / frame_.prepared.curve.tile()) : 1;
  }
  // The most units that a device works off by `upper`.
  [[nodiscard]] double room(int expert, int device) const {
    if (std::isinf(frame_.upper)) return units(expert);
    const double most = frame_.prepared.curve.tokens_within(budget(device)) / unit_tokens(expert);
    return std::min(units(expert), tiled() ? std::floor(most * (1 + 1e-12)) : coefficient(most));
  }

  void add_idle(int expert) {
    std::vector<Entry> all;
    for (int device = 0; device < frame_.prepared.devices; ++device) {
      if (slots(device) == 0) continue;
      all.push_back({add_standing(expert, device), 1.0});
    }
    frame_.model.add_row(1, infinity, all, name("stands", {expert}));
    fewest_.push_back(1);
  }

  int add_standing(int expert, int device) {
    const int variable = frame_.model.add_variable(0, 1, 0, true, name("x", {expert, device}));
    stands_[index(expert, device)] = variable;
    may_stand(expert, device, variable, 1);
    return variable;
  }

  void add_expert(int expert) {
    const bool fill = frame_.prepared.instance.cluster.fill_slots;
    const CostCurve& curve = frame_.prepared.curve;
    std::vector<Entry> all;
    std::vector<Entry> standing;
    std::vector<double> rooms;
    for (int device = 0; device < frame_.prepared.devices; ++device) {
      if (slots(device) == 0) continue;
      const double most = room(expert, device);
      if (most <= 0 && !fill) continue;
      const std::size_t pair = index(expert, device);
      const int stands = add_standing(expert, device);
      if (most <= 0) continue;
      serves_[pair] = stands;
      if (fill && curve.fixed() > 0) {
        serves_[pair] = frame_.model.add_variable(0, 1, 0, true, name("a", {expert, device}));
        frame_.model.add_row(-infinity, 0, std::array<Entry, 2>{{{serves_[pair], 1.0}, {stands, -1.0}}});
      }
      amount_[pair] = frame_.model.add_variable(0, most, 0, tiled(), name(tiled() ? "k" : "f", {expert, device}));
      frame_.model.add_row(-infinity, 0, std::array<Entry, 2>{{{amount_[pair], 1.0}, {serves_[pair], -most}}});
      charge(device, amount_[pair], curve.rate() * unit_tokens(expert));
      charge(device, serves_[pair], curve.fixed());
      all.push_back({amount_[pair], 1.0});
      standing.push_back({serves_[pair], 1.0});
      rooms.push_back(most);
    }
    frame_.model.add_row(units(expert), units(expert), all, name("serve", {expert}));
    std::sort(rooms.begin(), rooms.end(), std::greater<>());
    int fewest = 0;
    for (double left = units(expert) * (1 - 1e-9); left > 0 && fewest < static_cast<int>(rooms.size()); ++fewest) {
      left -= rooms[static_cast<std::size_t>(fewest)];
    }
    fewest_.push_back(std::max(1, fewest));
    frame_.model.add_row(std::max(1, fewest), infinity, standing, name("copies", {expert}));
  }

  // One replica for each expert and device, with no more tiles than the load has.
  [[nodiscard]] LayerPlan merged(int expert, const LayerPlan& plan) const {
    std::vector<double> tokens(static_cast<std::size_t>(frame_.prepared.devices), 0.0);
    std::vector<bool> stands(tokens.size(), false);
    for (const Replica& replica : plan.replicas) {
      if (replica.expert != expert) continue;
      stands[static_cast<std::size_t>(replica.device)] = true;
      tokens[static_cast<std::size_t>(replica.device)] += replica.tokens;
    }
    const bool keep_idle = frame_.prepared.instance.cluster.fill_slots || load(expert) <= 0;
    double left = load(expert);
    LayerPlan result;
    for (int device = 0; device < frame_.prepared.devices; ++device) {
      const auto d = static_cast<std::size_t>(device);
      if (!stands[d]) continue;
      double mine = tokens[d];
      if (tiled()) mine = std::min(left, unit_tokens(expert) * std::ceil(mine / unit_tokens(expert)));
      left -= mine;
      if (mine > 0 || keep_idle) result.replicas.push_back({expert, device, mine});
    }
    return result;
  }

  std::vector<int> stands_;  // [experts * devices] variables, -1: none
  std::vector<int> amount_;
  std::vector<int> serves_;
  std::vector<int> fewest_;  // [experts]
};

}  // namespace

std::unique_ptr<LayerRows> weighted_rows(LayerFrame frame) { return std::make_unique<WeightedRows>(std::move(frame)); }

}  // namespace plimsoll::experts
