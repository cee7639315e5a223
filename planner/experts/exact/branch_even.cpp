// Even dispatch: devices are filled one after the other, each with a complete content (bin completion, Martello and
// Toth 1990; Korf 2003). The next device is one that holds the largest expert still unfinished; how many replicas an
// expert has is decided when it is first met. What a content leaves empty is paid from a slack that all devices share:
//   sum of what open devices can take by T  -  least work of what is still to be placed,
// so that contents far from full are never tried where T is close to the mean.
#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/experts/exact/branch_core.hpp"
#include "planner/experts/exact/lattice.hpp"

namespace plimsoll::experts {
namespace {

class EvenBranch {
 public:
  EvenBranch(const BranchPart& part, double cutoff, BranchBudget& budget)
      : part_(part), curve_(part.problem->prepared->curve), budget_(budget), cutoff_(cutoff) {
    const auto& cluster = part.problem->prepared->instance.cluster;
    duplicates_ = cluster.duplicates;
    fill_ = cluster.fill_slots;
    // With whole tokens the first devices in order get one token more: equal devices are not quite alike.
    ordered_ = curve_.tiled() && !curve_.table();
  }

  Found find(std::vector<Replica>& replicas) {
    if (!prepare()) return Found::nothing;
    if (place({-1, -1, 0})) {
      replicas = found_;
      return Found::plan;
    }
    return budget_.spent() ? Found::gave_up : Found::nothing;
  }

 private:
  // The device that was filled last because of the same expert.
  struct Anchor {
    int expert;
    int kind;
    double used;
  };

  // Seconds of one of `count` replicas at speed 1. Whole tokens leave some replicas with one token more.
  struct Piece {
    double low = 0;
    double high = 0;
    double total = 0;  // of all of them
  };
  // What stands on a device: at the least, and at the most.
  struct Used {
    double low = 0;
    double high = 0;
  };

  [[nodiscard]] const Piece& piece(std::size_t e, int count) const {
    return pieces_[e][static_cast<std::size_t>(count)];
  }

  bool prepare() {
    const std::size_t experts = part_.experts.size();
    const std::size_t devices = part_.devices.size();
    slots_left_ = 0;
    double fastest = 0;
    least_move_price_ = std::numeric_limits<double>::infinity();
    price_order_ = part_.by_replica_price();
    for (const int device : part_.devices) {
      slots_left_ += part_.capacity(device);
      fastest = std::max(fastest, part_.speed(device));
      least_move_price_ = std::min(least_move_price_, part_.move_price(device));
    }
    if (part_.devices.empty()) return part_.experts.empty();
    if (slots_left_ < static_cast<int>(experts)) return false;
    for (std::size_t d = 0; d < devices; ++d) {
      int kind = static_cast<int>(d);
      for (std::size_t other = 0; other < d && !ordered_; ++other) {
        if (part_.alike(part_.devices[d], part_.devices[other])) kind = kind_[other];
        if (kind != static_cast<int>(d)) break;
      }
      kind_.push_back(kind);
    }
    open_.assign(devices, true);
    count_.assign(experts, 0);
    left_.assign(experts, 0);
    untouched_ = static_cast<int>(experts);
    banned_.assign(experts, std::vector<bool>(devices, false));
    for (std::size_t e = 0; e < experts; ++e) {
      twin_.push_back(e > 0 && !ordered_ && part_.twins(part_.experts[e - 1], part_.experts[e]));
      if (part_.counts_moves() && part_.must_move(part_.experts[e])) ++future_moves_;
    }
    return count_replicas(fastest);
  }

  // The fewest and most replicas that each expert can have, and the lattice of their sizes.
  bool count_replicas(double fastest) {
    const std::size_t experts = part_.experts.size();
    const double longest = allowed() * fastest;
    const int most = slots_left_ - static_cast<int>(experts) + 1;
    std::vector<double> values;
    for (std::size_t e = 0; e < experts; ++e) {
      int spots = 0;
      for (const int device : part_.devices) {
        if (part_.problem->allowed(part_.experts[e], device)) spots += duplicates_ ? part_.capacity(device) : 1;
      }
      most_.push_back(std::min(most, spots));
      int fewest = 0;
      pieces_.emplace_back(1);
      for (int count = 1; count <= most_[e]; ++count) {
        const double load = part_.load(part_.experts[e]);
        Piece each;
        if (ordered_) {
          const double low = std::floor(load / count);
          const double larger = load - low * count;
          each.low = curve_.seconds(low);
          each.high = larger > 0 ? curve_.seconds(low + 1) : each.low;
          each.total = larger * each.high + (count - larger) * each.low;
        } else {
          each.low = each.high = curve_.seconds(load / count);
          each.total = count * each.low;
        }
        if (fewest == 0 && each.high <= longest) fewest = count;
        pieces_.back().push_back(each);
      }
      if (fewest == 0) return false;
      fewest_.push_back(fewest);
    }
    need_ = 0;
    for (const int fewest : fewest_) need_ += fewest;
    if (need_ > slots_left_) return false;
    for (std::size_t e = 0; e < experts; ++e) {
      most_[e] = std::min(most_[e], slots_left_ - (need_ - fewest_[e]));
      double least = std::numeric_limits<double>::infinity();
      for (int count = fewest_[e]; count <= most_[e]; ++count) {
        least = std::min(least, piece(e, count).total);
        values.push_back(piece(e, count).low);
        values.push_back(piece(e, count).high);
      }
      least_.push_back(least);
      work_left_ += least;
    }
    lattice_ = Lattice(values);
    largest_from_.assign(experts + 1, 0.0);
    for (std::size_t e = experts; e-- > 0;)
      largest_from_[e] = std::max(largest_from_[e + 1], piece(e, fewest_[e]).high);
    return true;
  }

  // The time that is left when what was paid, and what must still be paid, has been taken off.
  [[nodiscard]] double allowed() const {
    double due = least_move_price_ * static_cast<double>(future_moves_);
    // The replicas to come take the cheapest slots that are left, those of the device at hand among them.
    int left = need_;
    for (const std::size_t d : price_order_) {
      if (!open_[d] && d != filling_) continue;
      const int taken = std::min(left, part_.capacity(part_.devices[d]));
      due += part_.replica_price(part_.devices[d]) * taken;
      left -= taken;
    }
    return cutoff_ * (1 - exact_margin) - paid_ - due;
  }
  [[nodiscard]] double room(std::size_t d) const {
    return lattice_.down(allowed() * part_.speed(part_.devices[d])) * (1 + 1e-12);
  }

  // The next device, or a finished plan.
  bool place(Anchor last) {
    if (!budget_.spend()) return false;
    std::size_t e = 0;
    while (e < count_.size() && count_[e] > 0 && left_[e] == 0) ++e;
    if (e == count_.size()) return finish();
    if (need_ > slots_left_ || latest_ > allowed()) return false;
    double capacity = 0;
    for (std::size_t d = 0; d < open_.size(); ++d) {
      if (open_[d]) capacity += room(d);
    }
    if (work_left_ > capacity * (1 + 1e-12)) return false;
    const bool again = last.expert == static_cast<int>(e);
    std::vector<int> tried;
    bool done = false;
    for (std::size_t d = 0; d < open_.size() && !done && !budget_.spent(); ++d) {
      const int kind = kind_[d];
      if (!open_[d] || banned_[e][static_cast<std::size_t>(kind)]) continue;
      if (std::find(tried.begin(), tried.end(), kind) != tried.end()) continue;
      if (!part_.problem->allowed(part_.experts[e], part_.devices[d])) continue;
      tried.push_back(kind);
      // Contents around one expert on devices that are alike: the fuller one first.
      const double most = again && last.kind == kind ? last.used : std::numeric_limits<double>::infinity();
      open_[d] = false;
      filling_ = d;
      slots_left_ -= part_.capacity(part_.devices[d]);
      Filling filling{d, e, room(d), most, capacity - work_left_};
      done = extend(filling, e, part_.capacity(part_.devices[d]), {});
      slots_left_ += part_.capacity(part_.devices[d]);
      open_[d] = true;
      banned_[e][static_cast<std::size_t>(kind)] = true;
    }
    for (const int kind : tried) banned_[e][static_cast<std::size_t>(kind)] = false;
    return done;
  }

  struct Filling {
    std::size_t device;
    std::size_t anchor;
    double room;
    double most;   // as full as this at the most
    double slack;  // as far from full as this at the most, before the work has grown
  };

  // The content of one device: experts from `from` on, `free` slots left.
  bool extend(const Filling& filling, std::size_t from, int free, Used used) {
    const double before = work_before_;
    // `slack` shrinks where a number of replicas costs more work than the least.
    const double shortfall = filling.room - used.high;
    const double slack = filling.slack - before;
    if (from > filling.anchor && (!fill_ || free == 0) && shortfall <= slack + 1e-12 * filling.room) {
      if (close(filling, used)) return true;
    }
    if (free == 0) return false;
    for (std::size_t e = from; e < count_.size(); ++e) {
      if (from == filling.anchor && e > from) break;  // the anchor comes first
      if (shortfall - free * largest_from_[e] > slack + 1e-12 * filling.room) return false;
      if (!budget_.spend()) return false;
      if (count_[e] > 0 && left_[e] == 0) continue;
      if (banned_[e][static_cast<std::size_t>(kind_[filling.device])] && e != filling.anchor) continue;
      if (!part_.problem->allowed(part_.experts[e], part_.devices[filling.device])) continue;
      if (twin_[e] && count_[e] == 0 && count_[e - 1] == 0) continue;
      if (count_[e] > 0) {
        if (add(filling, e, free, used)) return true;
        continue;
      }
      for (int count = fewest_[e]; count <= most_[e]; ++count) {
        const int extra = count - fewest_[e];
        if (need_ + extra > slots_left_ + free) break;
        if (used.low + piece(e, count).low > filling.room) continue;
        const double more = piece(e, count).total - least_[e];
        count_[e] = left_[e] = count;
        --untouched_;
        need_ += extra;
        work_left_ += more;
        work_before_ += more;
        const bool done = add(filling, e, free, used);
        work_before_ = before;
        work_left_ -= more;
        need_ -= extra;
        count_[e] = left_[e] = 0;
        ++untouched_;
        if (done) return true;
      }
    }
    return false;
  }

  // One or more replicas of an expert whose number is known.
  bool add(const Filling& filling, std::size_t e, int free, Used used) {
    const int device = part_.devices[filling.device];
    const int expert = part_.experts[e];
    const Piece& each = piece(e, count_[e]);
    const int most = std::min({free, left_[e], duplicates_ ? free : 1});
    const int move = part_.move(expert, device);
    const double paid = paid_;
    const int promised = part_.counts_moves() && move > 0 && left_[e] == count_[e] && part_.must_move(expert) ? 1 : 0;
    if (moves_ + move > part_.problem->move_limit || device_moves_ + move > part_.device_limit(device)) return false;
    moves_ += move;
    device_moves_ += move;
    future_moves_ -= promised;
    bool done = false;
    for (int copies = 1; copies <= most && !done; ++copies) {
      const Used now{used.low + copies * each.low, used.high + copies * each.high};
      if (now.low > filling.room || now.low > filling.most * (1 + 1e-12)) break;
      paid_ = paid + move * part_.move_price(device) + copies * part_.replica_price(device);
      left_[e] -= copies;
      need_ -= copies;
      for (int copy = 0; copy < copies; ++copy) placed_.push_back({expert, device, 0.0});
      if (left_[e] == 0 || spots_left(e)) done = extend(filling, e + 1, free - copies, now);
      for (int copy = 0; copy < copies; ++copy) placed_.pop_back();
      need_ += copies;
      left_[e] += copies;
    }
    paid_ = paid;
    future_moves_ += promised;
    device_moves_ -= move;
    moves_ -= move;
    return done;
  }

  // Open devices have room for the replicas that are still to come.
  [[nodiscard]] bool spots_left(std::size_t e) const {
    int spots = 0;
    for (std::size_t d = 0; d < open_.size() && spots < left_[e]; ++d) {
      if (!open_[d] || !part_.problem->allowed(part_.experts[e], part_.devices[d])) continue;
      spots += duplicates_ ? part_.capacity(part_.devices[d]) : 1;
    }
    return spots >= left_[e];
  }

  bool close(const Filling& filling, Used used) {
    if (need_ > slots_left_ || (fill_ && untouched_ == 0 && need_ < slots_left_)) return false;
    const double latest = latest_;
    const double left = work_left_;
    const std::int64_t moved = device_moves_;
    latest_ = std::max(latest_, used.low / part_.speed(part_.devices[filling.device]));
    work_left_ -= used.high;
    device_moves_ = 0;
    const double paid = work_before_;
    work_before_ = 0;
    const bool done = place({static_cast<int>(filling.anchor), kind_[filling.device], used.low});
    work_before_ = paid;
    device_moves_ = moved;
    work_left_ = left;
    latest_ = latest;
    return done;
  }

  bool finish() {
    if (fill_ && slots_left_ > 0) return false;
    if (future_moves_ != 0 || moves_ > part_.problem->move_limit) return false;
    const double seconds = ordered_ ? even_layer_seconds(*part_.problem, placed_) : latest_;
    if (seconds > allowed()) return false;
    found_ = placed_;
    return true;
  }

  const BranchPart& part_;
  const CostCurve& curve_;
  BranchBudget& budget_;
  double cutoff_;
  bool duplicates_ = true;
  bool fill_ = false;
  bool ordered_ = false;
  Lattice lattice_;
  std::vector<int> kind_;                   // [devices] the first device that is like this one
  std::vector<bool> open_;                  // [devices] nothing stands there yet
  std::vector<bool> twin_;                  // [experts] like the one before
  std::vector<std::vector<Piece>> pieces_;  // [experts][replicas]
  std::vector<int> fewest_;                 // [experts] replicas
  std::vector<int> most_;                   // [experts]
  std::vector<double> least_;               // [experts] work over all numbers of replicas
  std::vector<double> largest_from_;        // [experts + 1] the largest replica of this expert and those after it
  std::vector<int> count_;                  // [experts] replicas; 0: not decided
  std::vector<int> left_;                   // [experts] of them still to be placed
  std::vector<std::vector<bool>> banned_;   // [experts][kinds] has been tried around this expert
  std::vector<Replica> placed_;
  std::vector<Replica> found_;
  double work_left_ = 0;    // least work of what is still to be placed
  double work_before_ = 0;  // by which work_left_ has grown while the device at hand is filled
  double paid_ = 0;         // for moves and replicas placed
  double least_move_price_ = 0;
  std::vector<std::size_t> price_order_;  // devices, cheapest replicas first
  std::size_t filling_ = 0;               // the device at hand
  double latest_ = 0;                     // of the devices that are closed
  int slots_left_ = 0;                    // of open devices
  int untouched_ = 0;                     // experts whose number of replicas is not decided
  int need_ = 0;                          // replicas still to be placed at the least
  std::int64_t moves_ = 0;
  std::int64_t device_moves_ = 0;  // to the device at hand
  std::int64_t future_moves_ = 0;  // of experts that cannot do without one and are not placed yet
};

}  // namespace

Found find_even(const BranchPart& part, double cutoff, BranchBudget& budget, std::vector<Replica>& replicas) {
  return EvenBranch(part, cutoff, budget).find(replicas);
}

}  // namespace plimsoll::experts
