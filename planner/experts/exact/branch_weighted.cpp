// Weighted dispatch: experts, largest first, get the set of devices that serve them. Tokens fit into T where, for every
// set U of devices, the experts that stand inside U need no more than U can take (Hall; Gale 1957), and all these sums
// are kept in one table over the subsets. Optimal shares need no cycle among experts and devices, so that replicas
// beyond the first are fewer than devices. Fixed charges and priced or limited moves are charged as the sets are
// chosen; whole tiles flow in whole numbers. Slots that must be filled get replicas without tokens at the end.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "planner/experts/exact/branch_core.hpp"

namespace plimsoll::experts {
namespace {

using Mask = std::uint32_t;

class WeightedBranch {
 public:
  WeightedBranch(const BranchPart& part, double cutoff, BranchBudget& budget)
      : part_(part), curve_(part.problem->prepared->curve), budget_(budget), cutoff_(cutoff) {
    const auto& cluster = part.problem->prepared->instance.cluster;
    duplicates_ = cluster.duplicates;
    fill_ = cluster.fill_slots;
  }

  Found find(std::vector<Replica>& replicas) {
    if (!prepare()) return Found::nothing;
    if (place(0)) {
      replicas = found_;
      return Found::plan;
    }
    return budget_.spent() ? Found::gave_up : Found::nothing;
  }

 private:
  [[nodiscard]] std::size_t devices() const { return part_.devices.size(); }

  bool prepare() {
    const std::size_t experts = part_.experts.size();
    int slots = 0;
    for (const int device : part_.devices) {
      free_.push_back(part_.capacity(device));
      slots += free_.back();
    }
    if (slots < static_cast<int>(experts)) return false;
    slots_left_ = slots;
    active_.assign(devices(), 0);
    held_.assign(devices(), {});
    device_moves_.assign(devices(), 0);
    inside_.assign(std::size_t{1} << devices(), 0.0);
    for (std::size_t e = 0; e < experts; ++e) {
      double work = part_.load(part_.experts[e]);
      if (curve_.tiled()) work = curve_.tile() * std::ceil(work / curve_.tile());
      work_.push_back(curve_.rate() * work);
      Mask may = 0;
      for (std::size_t d = 0; d < devices(); ++d) {
        if (part_.problem->allowed(part_.experts[e], part_.devices[d])) may |= Mask{1} << d;
      }
      may_.push_back(may);
      if (part_.counts_moves() && part_.must_move(part_.experts[e])) ++future_moves_;
      later_work_ += work_.back();
      works_.push_back(part_.load(part_.experts[e]) > 0);
    }
    count_arrivals();
    return count_replicas();
  }

  // Experts that must come to a device because too few stood there to fill its slots.
  void count_arrivals() {
    least_move_price_ = std::numeric_limits<double>::infinity();
    price_order_ = part_.by_replica_price();
    for (const int device : part_.devices) {
      least_move_price_ = std::min(least_move_price_, part_.move_price(device));
      const auto stood = std::count_if(part_.experts.begin(), part_.experts.end(), [&](int expert) {
        return part_.problem->allowed(expert, device) && part_.move(expert, device) == 0;
      });
      const int wanted = !fill_ || !part_.counts_moves() ? 0 : duplicates_ ? 1 : part_.capacity(device);
      arrivals_.push_back(std::max<std::int64_t>(0, wanted - stood));
    }
  }

  // Replicas that an expert needs at the least, whatever devices it gets.
  bool count_replicas() {
    const double seconds = allowed();
    if (!(seconds >= 0)) return false;
    std::vector<double> rooms;
    for (std::size_t d = 0; d < devices(); ++d) rooms.push_back(room(d, 1, seconds));
    std::sort(rooms.begin(), rooms.end(), std::greater<>());
    for (std::size_t e = 0; e < work_.size(); ++e) {
      const double work = work_[e];
      double sum = 0;
      // Without tokens a replica has no charge.
      std::size_t fewest = works_[e] ? 0 : 1;
      while (works_[e] && (fewest == 0 || sum * (1 + 1e-12) < work)) {
        if (fewest == rooms.size() || rooms[fewest] < 0) return false;
        sum += rooms[fewest++];
      }
      fewest_.push_back(static_cast<int>(fewest));
      need_ += fewest_.back();
      if (works_[e]) later_charges_ += fewest_.back();
    }
    return need_ <= slots_left_;
  }

  // The time that is left when the moves and replicas so far, and those that must follow, have been paid; below 0 where
  // they break a limit. Slots that must be filled bring experts to where too few stood.
  [[nodiscard]] double allowed() const {
    std::int64_t moves = 0;
    std::int64_t certain = future_moves_;
    double paid = 0;
    double certainly_paid = least_move_price_ * static_cast<double>(future_moves_);
    // The replicas to come take the cheapest slots that are left.
    double replicas = 0;
    int left = need_;
    for (const std::size_t d : price_order_) {
      const int taken = std::min(left, free_[d]);
      replicas += part_.replica_price(part_.devices[d]) * taken;
      left -= taken;
    }
    for (std::size_t d = 0; d < devices(); ++d) {
      const int device = part_.devices[d];
      const std::int64_t arrivals = std::max(device_moves_[d], arrivals_[d]);
      if (arrivals > part_.device_limit(device)) return -1;
      moves += arrivals;
      certain += device_moves_[d];
      paid += part_.move_price(device) * static_cast<double>(arrivals);
      certainly_paid += part_.move_price(device) * static_cast<double>(device_moves_[d]);
      replicas += part_.replica_price(device) * static_cast<double>(held_[d].size());
    }
    if (std::max(moves, certain) > part_.problem->move_limit) return -1;
    return cutoff_ * (1 - exact_margin) - std::max(paid, certainly_paid) - replicas;
  }
  // Seconds of work at speed 1 that a device takes by T beside the charges of so many replicas; below 0: none.
  [[nodiscard]] double room(std::size_t d, int replicas, double seconds) const {
    const double left = seconds * part_.speed(part_.devices[d]) - curve_.fixed() * replicas;
    if (left < 0) return left < -1e-12 * seconds ? -1.0 : 0.0;
    if (!curve_.tiled() || curve_.rate() <= 0 || std::isinf(left)) return left;
    const double tile = curve_.rate() * curve_.tile();
    return std::floor(left / tile * (1 + 1e-12) + 1e-12) * tile;
  }

  // For every set U of devices: what stands inside fits. Experts to come stand inside any set that holds all of
  // `spread`.
  bool fits(Mask spread) {
    const double seconds = allowed();
    if (!(seconds >= 0)) return false;
    double open = 0;  // what all devices can still take, not rounded to tiles
    rooms_.assign(devices(), 0.0);
    for (std::size_t d = 0; d < devices(); ++d) {
      rooms_[d] = room(d, active_[d], seconds);
      if (rooms_[d] < 0) return false;
      open += seconds * part_.speed(part_.devices[d]) - curve_.fixed() * active_[d];
    }
    // Charges to come use up what tiles leave over.
    if (inside_.back() + later_work_ + curve_.fixed() * later_charges_ > open * (1 + 1e-12)) return false;
    const Mask all = static_cast<Mask>(inside_.size() - 1);
    sums_.assign(inside_.size(), 0.0);
    const double later = later_work_ + (curve_.tiled() ? 0.0 : curve_.fixed() * later_charges_);
    for (Mask set = 1; set <= all; ++set) {
      const auto low = static_cast<std::size_t>(std::countr_zero(set));
      sums_[set] = sums_[set & (set - 1)] + rooms_[low];
      const double inside = inside_[set] + ((spread & ~set) == 0 ? later : 0.0);
      if (inside > sums_[set] * (1 + 1e-12)) return false;
    }
    return budget_.spend(1 + inside_.size() / 16);
  }

  bool place(std::size_t e) {
    if (budget_.spent()) return false;
    if (e == work_.size()) return finish();
    if (need_ > slots_left_) return false;
    Mask open = 0;
    for (std::size_t d = 0; d < devices(); ++d) {
      if (free_[d] > 0) open |= Mask{1} << d;
    }
    later_work_ -= work_[e];
    if (works_[e]) later_charges_ -= fewest_[e];
    need_ -= fewest_[e];
    const Mask may = may_[e] & open;
    const int most =
        works_[e] ? std::min<int>({static_cast<int>(devices()) - splits_, slots_left_ - need_, std::popcount(may)}) : 1;
    bool done = false;
    for (int count = fewest_[e]; count <= most && !done; ++count) done = choose(e, may, 0, count, 0);
    need_ += fewest_[e];
    if (works_[e]) later_charges_ += fewest_[e];
    later_work_ += work_[e];
    return done;
  }

  // Sets of `count` more devices from `from` on.
  bool choose(std::size_t e, Mask may, std::size_t from, int count, Mask chosen) {
    if (count == 0) return take(e, chosen);
    for (std::size_t d = from; d < devices(); ++d) {
      const Mask bit = Mask{1} << d;
      if ((may & bit) == 0) continue;
      if (!budget_.spend()) return false;
      if (has_untouched_like(d, chosen)) continue;
      if (choose(e, may, d + 1, count - 1, chosen | bit)) return true;
    }
    return false;
  }

  // An empty device like this one with a lower number, which would serve as well.
  [[nodiscard]] bool has_untouched_like(std::size_t d, Mask chosen) const {
    if (!held_[d].empty()) return false;
    for (std::size_t other = 0; other < d; ++other) {
      if (held_[other].empty() && (chosen >> other & 1) == 0 && part_.alike(part_.devices[d], part_.devices[other])) {
        return true;
      }
    }
    return false;
  }

  bool take(std::size_t e, Mask chosen) {
    const int expert = part_.experts[e];
    const bool works = works_[e];
    for (std::size_t d = 0; d < devices(); ++d) {
      if ((chosen >> d & 1) == 0) continue;
      device_moves_[d] += part_.move(expert, part_.devices[d]);
      --free_[d];
      active_[d] += works ? 1 : 0;
      held_[d].push_back(expert);
    }
    const int promised = part_.counts_moves() && part_.must_move(expert) ? 1 : 0;
    const int count = std::popcount(chosen);
    future_moves_ -= promised;
    slots_left_ -= count;
    splits_ += works ? count - 1 : 0;
    bool done = false;
    if (allowed() >= 0) {
      // Kept whole, because adding and subtracting would add up rounding.
      const std::vector<double> before = inside_;
      add_inside(chosen, work_[e]);
      Mask later = 0;
      for (std::size_t next = e + 1; next < work_.size(); ++next) later |= may_[next];
      Mask open = 0;
      for (std::size_t d = 0; d < devices(); ++d) open |= free_[d] > 0 ? Mask{1} << d : 0;
      if (fits(later & open)) done = place(e + 1);
      inside_ = before;
    }
    splits_ -= works ? count - 1 : 0;
    slots_left_ += count;
    future_moves_ += promised;
    for (std::size_t d = 0; d < devices(); ++d) {
      if ((chosen >> d & 1) == 0) continue;
      device_moves_[d] -= part_.move(expert, part_.devices[d]);
      ++free_[d];
      active_[d] -= works ? 1 : 0;
      held_[d].pop_back();
    }
    return done;
  }

  void add_inside(Mask chosen, double work) {
    if (work == 0) return;
    // Every superset of the chosen devices holds the expert inside.
    const Mask others = static_cast<Mask>(inside_.size() - 1) & ~chosen;
    for (Mask rest = others;; rest = (rest - 1) & others) {
      inside_[chosen | rest] += work;
      if (rest == 0) break;
    }
  }

  // Fills what must be filled, with what stood there first; the moves for it have been counted all along.
  bool finish() {
    std::vector<Replica> plan;
    for (std::size_t d = 0; d < devices(); ++d) {
      for (const int expert : held_[d]) {
        plan.push_back({expert, part_.devices[d], part_.load(expert) > 0 ? 1.0 : 0.0});
      }
      if (fill_ && free_[d] > 0 && !fill(d, plan)) return false;
    }
    found_ = std::move(plan);
    return true;
  }

  bool fill(std::size_t d, std::vector<Replica>& plan) const {
    const int device = part_.devices[d];
    int left = free_[d];
    std::vector<int> held = held_[d];
    for (int turn = 0; turn < 2; ++turn) {
      for (const int expert : part_.experts) {
        if (left == 0 || (duplicates_ && !held.empty())) break;
        if (!part_.problem->allowed(expert, device) || (turn == 0 && part_.move(expert, device) > 0)) continue;
        if (std::find(held.begin(), held.end(), expert) != held.end()) continue;
        plan.push_back({expert, device, 0.0});
        held.push_back(expert);
        --left;
      }
    }
    for (; left > 0 && duplicates_ && !held.empty(); --left) plan.push_back({held.front(), device, 0.0});
    return left == 0;
  }

  const BranchPart& part_;
  const CostCurve& curve_;
  BranchBudget& budget_;
  double cutoff_;
  bool duplicates_ = true;
  bool fill_ = false;
  std::vector<double> work_;            // [experts] seconds at speed 1, charges not included
  std::vector<bool> works_;             // [experts] it has tokens
  std::vector<Mask> may_;               // [experts] devices it may stand on
  std::vector<int> fewest_;             // [experts] replicas
  std::vector<int> free_;               // [devices] slots
  std::vector<int> active_;             // [devices] replicas with tokens
  std::vector<std::vector<int>> held_;  // [devices] experts
  std::vector<std::int64_t> device_moves_;
  std::vector<double> inside_;  // [sets of devices] work of the experts that stand inside
  std::vector<double> sums_;    // scratch
  std::vector<double> rooms_;   // scratch
  std::vector<Replica> found_;
  double later_work_ = 0;  // of experts not placed yet
  int later_charges_ = 0;  // replicas of them at the least
  int need_ = 0;
  int slots_left_ = 0;
  int splits_ = 0;                      // replicas beyond the first of each expert
  std::vector<std::int64_t> arrivals_;  // [devices] at the least
  double least_move_price_ = 0;
  std::vector<std::size_t> price_order_;  // devices, cheapest replicas first
  std::int64_t future_moves_ = 0;
};

}  // namespace

Found find_weighted(const BranchPart& part, double cutoff, BranchBudget& budget, std::vector<Replica>& replicas) {
  return WeightedBranch(part, cutoff, budget).find(replicas);
}

}  // namespace plimsoll::experts
