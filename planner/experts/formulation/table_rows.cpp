// Weighted dispatch under a table: two replicas on one device may take less than one, so every expert has as many
// copies on a device as may stand there. Copy j stands where v = 1 and serves on one segment k of the table:
//   sum_k b[k] = v,   from_k b[k] <= t[k] <= to_k b[k],   seconds = sum_k intercept_k b[k] + slope_k t[k]
// which is the convex hull of the curve and "no copy" (multiple choice: Croxton, Gendron, Magnanti 2003). Where the
// curve is convex, b need not be whole. Tokens are parts of the expert's load.
#include <algorithm>
#include <array>
#include <cmath>

#include "planner/experts/formulation/layer_rows.hpp"

namespace plimsoll::experts {
namespace {

using solvers::mip::Entry;
using solvers::mip::infinity;

struct Segment {
  double from = 0;
  double to = 0;
  double intercept = 0;  // seconds where its line meets 0 tokens
  double slope = 0;
};

struct Copy {
  int expert = 0;
  int device = 0;
  int stands = -1;          // v
  std::vector<int> chosen;  // b, one for each segment
  std::vector<int> amount;  // t
};

class TableRows : public LayerRows {
 public:
  explicit TableRows(LayerFrame frame) : LayerRows(std::move(frame)) {
    const auto& points = frame_.prepared.instance.cost.expert_seconds;
    double last_slope = -infinity;
    for (std::size_t k = 1; k < points.size(); ++k) {
      const double slope = (points[k].seconds - points[k - 1].seconds) / (points[k].tokens - points[k - 1].tokens);
      const double to = k + 1 == points.size() ? infinity : points[k].tokens;
      if (slope == last_slope) {
        segments_.back().to = to;
      } else {
        segments_.push_back({points[k - 1].tokens, to, points[k - 1].seconds - slope * points[k - 1].tokens, slope});
      }
      convex_ = convex_ && slope >= last_slope;
      last_slope = slope;
    }
    for (int expert = 0; expert < frame_.prepared.experts; ++expert) add_expert(expert);
    close_devices(false);
  }

  [[nodiscard]] int fewest(int) const override { return 1; }
  [[nodiscard]] double least_work(int expert) const override {
    const CostCurve& curve = frame_.prepared.curve;
    return curve.least_rate() * load(expert) + curve.idle_seconds();
  }

  bool encode(const LayerPlan& plan, std::vector<double>& point) const override {
    std::vector<double> sum(static_cast<std::size_t>(frame_.prepared.experts), 0.0);
    for (const Replica& replica : plan.replicas) sum[static_cast<std::size_t>(replica.expert)] += replica.tokens;
    std::vector<Replica> replicas = plan.replicas;
    std::stable_sort(replicas.begin(), replicas.end(),
                     [](const Replica& a, const Replica& b) { return a.tokens > b.tokens; });
    for (const Replica& replica : replicas) {
      const double total = sum[static_cast<std::size_t>(replica.expert)];
      const double part = total > 0 ? replica.tokens / total : 0.0;
      if (!encode(replica, part * load(replica.expert), point)) return false;
    }
    return true;
  }

  [[nodiscard]] LayerPlan decode(std::span<const double> point) const override {
    LayerPlan plan;
    std::vector<double> sum(static_cast<std::size_t>(frame_.prepared.experts), 0.0);
    for (const Copy& copy : copies_) {
      auto left = std::lround(point[static_cast<std::size_t>(copy.stands)]);
      double tokens = 0;
      for (const int amount : copy.amount)
        tokens += std::max(0.0, point[static_cast<std::size_t>(amount)]) * load(copy.expert);
      for (; left > 0; --left) {
        plan.replicas.push_back({copy.expert, copy.device, tokens});
        sum[static_cast<std::size_t>(copy.expert)] += tokens;
        tokens = 0;
      }
    }
    std::vector<bool> seen(sum.size(), false);
    for (Replica& replica : plan.replicas) {
      const auto e = static_cast<std::size_t>(replica.expert);
      if (sum[e] > 0) {
        replica.tokens *= load(replica.expert) / sum[e];
      } else if (!seen[e]) {
        replica.tokens = load(replica.expert);
      }
      seen[e] = true;
    }
    plan.feasible = true;
    return plan;
  }

 private:
  void add_expert(int expert) {
    const bool duplicates = frame_.prepared.instance.cluster.duplicates;
    std::vector<Entry> all;
    std::vector<Entry> standing;
    for (int device = 0; device < frame_.prepared.devices; ++device) {
      if (slots(device) == 0) continue;
      const int most = duplicates ? slots(device) : 1;
      if (load(expert) <= 0) {
        Copy& copy = add_copy(expert, device, 0, most, most);
        charge(device, copy.stands, frame_.prepared.curve.idle_seconds());
        standing.push_back({copy.stands, 1.0});
        continue;
      }
      for (int number = 0; number < most; ++number) {
        Copy& copy = add_copy(expert, device, number, 1, most);
        add_segments(copy, number);
        standing.push_back({copy.stands, 1.0});
        for (const int amount : copy.amount) all.push_back({amount, 1.0});
        if (number == 0) continue;
        // Copies in order of their tokens.
        const Copy& before = copies_[copies_.size() - 2];
        frame_.model.add_row(-infinity, 0, std::array<Entry, 2>{{{copy.stands, 1.0}, {before.stands, -1.0}}});
        std::vector<Entry> order;
        for (const int amount : copy.amount) order.push_back({amount, 1.0});
        for (const int amount : before.amount) order.push_back({amount, -1.0});
        frame_.model.add_row(-infinity, 0, order);
      }
    }
    if (load(expert) > 0) frame_.model.add_row(1, 1, all, name("serve", {expert}));
    frame_.model.add_row(1, infinity, standing, name("stands", {expert}));
  }

  Copy& add_copy(int expert, int device, int number, int upper, int most) {
    Copy copy{expert, device, -1, {}, {}};
    copy.stands = frame_.model.add_variable(0, upper, 0, true, name("v", {expert, device, number}));
    may_stand(expert, device, copy.stands, most);
    copies_.push_back(copy);
    return copies_.back();
  }

  void add_segments(Copy& copy, int number) {
    const double tokens = load(copy.expert);
    const double room = std::isinf(frame_.upper) ? tokens : frame_.prepared.curve.tokens_within(budget(copy.device));
    std::vector<Entry> one{{copy.stands, -1.0}};
    for (int k = 0; k < static_cast<int>(segments_.size()); ++k) {
      const Segment& segment = segments_[static_cast<std::size_t>(k)];
      const double to = coefficient(std::min({segment.to, tokens, room}) / tokens);
      const double from = coefficient(segment.from / tokens);
      if (k > 0 && from > to) break;
      const int chosen = frame_.model.add_variable(0, 1, 0, !convex_, name("b", {copy.expert, copy.device, number, k}));
      const int amount =
          frame_.model.add_variable(0, std::max(0.0, to), 0, false, name("t", {copy.expert, copy.device, number, k}));
      frame_.model.add_row(-infinity, 0, std::array<Entry, 2>{{{amount, 1.0}, {chosen, -std::max(0.0, to)}}});
      if (from > 0) frame_.model.add_row(0, infinity, std::array<Entry, 2>{{{amount, 1.0}, {chosen, -from}}});
      charge(copy.device, chosen, segment.intercept);
      charge(copy.device, amount, segment.slope * tokens);
      copy.chosen.push_back(chosen);
      copy.amount.push_back(amount);
      one.push_back({chosen, 1.0});
    }
    frame_.model.add_row(0, 0, one);
  }

  bool encode(const Replica& replica, double tokens, std::vector<double>& point) const {
    for (const Copy& copy : copies_) {
      if (copy.expert != replica.expert || copy.device != replica.device) continue;
      double& stands = point[static_cast<std::size_t>(copy.stands)];
      if (copy.amount.empty()) {
        stands += 1;
        return true;
      }
      if (stands > 0) continue;
      stands = 1;
      std::size_t k = 0;
      while (k + 1 < copy.amount.size() && segments_[k].to < tokens) ++k;
      point[static_cast<std::size_t>(copy.chosen[k])] = 1;
      point[static_cast<std::size_t>(copy.amount[k])] = tokens / load(replica.expert);
      return true;
    }
    return false;
  }

  std::vector<Segment> segments_;
  bool convex_ = true;
  std::vector<Copy> copies_;
};

}  // namespace

std::unique_ptr<LayerRows> table_rows(LayerFrame frame) { return std::make_unique<TableRows>(std::move(frame)); }

}  // namespace plimsoll::experts
