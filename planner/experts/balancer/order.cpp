#include "planner/experts/balancer/order.hpp"

#include <algorithm>
#include <tuple>

#include "plimsoll/error.hpp"

namespace plimsoll {

void apply(const BalancerMove& move, std::span<int> row) {
  const auto slot_of = [&](int slot) -> int& {
    if (slot < 0 || slot >= static_cast<int>(row.size())) {
      throw Error(ErrorCode::usage,
                  "there is no slot " + std::to_string(slot) + " in a row of " + std::to_string(row.size()) + " slots");
    }
    return row[static_cast<std::size_t>(slot)];
  };
  const auto expect = [&](int slot, int expert) {
    if (slot_of(slot) == expert) return;
    throw Error(ErrorCode::usage, "slot " + std::to_string(slot) + " of layer " + std::to_string(move.layer) +
                                      " holds expert " + std::to_string(slot_of(slot)) + ", the move needs expert " +
                                      std::to_string(expert) + " there");
  };
  switch (move.kind) {
    case MoveKind::load:
      break;
    case MoveKind::copy:
      expect(move.from_slot, move.expert);
      break;
    case MoveKind::exchange:
      expect(move.from_slot, move.expert);
      expect(move.to_slot, move.other_expert);
      slot_of(move.from_slot) = move.other_expert;
      break;
    case MoveKind::clear:
      expect(move.to_slot, move.expert);
      break;
  }
  slot_of(move.to_slot) = move.kind == MoveKind::clear ? -1 : move.expert;
}

}  // namespace plimsoll

namespace plimsoll::experts::balancer {
namespace {

std::size_t index(int number) { return static_cast<std::size_t>(number); }

class Ordering {
 public:
  Ordering(const Prepared& prepared, int layer, std::span<const int> standing, std::span<const int> target)
      : prepared_(prepared),
        layer_(layer),
        row_(standing.begin(), standing.end()),
        target_(target.begin(), target.end()),
        holders_(index(prepared.experts)) {
    for (std::size_t slot = 0; slot < row_.size(); ++slot) {
      if (row_[slot] >= 0) holders_[index(row_[slot])].push_back(static_cast<int>(slot));
    }
  }

  bool run(bool exchanges) {
    for (;;) {
      while (fill_one()) {
      }
      const auto first = std::mismatch(row_.begin(), row_.end(), target_.begin()).first;
      if (first == row_.end()) return true;
      if (!break_cycle(static_cast<int>(first - row_.begin()), exchanges)) return false;
    }
  }

  [[nodiscard]] std::vector<BalancerMove> take() { return std::move(moves_); }

 private:
  [[nodiscard]] bool pending(int slot) const { return row_[index(slot)] != target_[index(slot)]; }
  [[nodiscard]] bool may_overwrite(int slot) const {
    return row_[index(slot)] < 0 || holders_[index(row_[index(slot)])].size() > 1;
  }

  // 0: it has to be loaded; 1: all its replicas stand in the way of others, and a further one frees a slot; 3: a slot
  // that becomes empty can wait.
  [[nodiscard]] int urgency(int expert) const {
    if (expert < 0) return 3;
    const auto& holders = holders_[index(expert)];
    if (holders.empty()) return 0;
    return std::all_of(holders.begin(), holders.end(), [&](int slot) { return pending(slot); }) ? 1 : 2;
  }

  // Puts the most urgent slot right that can be; empty ones before those whose twin is given up.
  bool fill_one() {
    int chosen = -1;
    std::tuple<int, int, int> best;
    for (int slot = 0; slot < static_cast<int>(row_.size()); ++slot) {
      if (!pending(slot) || !may_overwrite(slot)) continue;
      const std::tuple<int, int, int> key{urgency(target_[index(slot)]), row_[index(slot)] < 0 ? 0 : 1, slot};
      if (chosen < 0 || key < best) {
        chosen = slot;
        best = key;
      }
    }
    if (chosen < 0) return false;
    if (target_[index(chosen)] < 0) {
      clear(chosen);
    } else {
      copy(target_[index(chosen)], chosen);
    }
    return true;
  }

  // The replica that is nearest: on the device itself, on its node, anywhere; the lowest slot of those.
  [[nodiscard]] int source_of(int expert, int to) const {
    const int device = prepared_.device_of_slot(to);
    const auto distance = [&](int slot) {
      const int other = prepared_.device_of_slot(slot);
      return other == device ? 0 : prepared_.node[index(other)] == prepared_.node[index(device)] ? 1 : 2;
    };
    const auto& holders = holders_[index(expert)];
    int chosen = -1;
    for (const int slot : holders) {
      if (chosen < 0 || std::pair(distance(slot), slot) < std::pair(distance(chosen), chosen)) chosen = slot;
    }
    return chosen;
  }

  void copy(int expert, int to) {
    BalancerMove move;
    move.layer = layer_;
    move.expert = expert;
    move.from_slot = source_of(expert, to);
    move.to_slot = to;
    move.to_device = prepared_.device_of_slot(to);
    move.kind = move.from_slot < 0 ? MoveKind::load : MoveKind::copy;
    if (move.from_slot >= 0) move.from_device = prepared_.device_of_slot(move.from_slot);
    put(to, expert);
    moves_.push_back(move);
  }

  void clear(int slot) {
    const int device = prepared_.device_of_slot(slot);
    moves_.push_back({MoveKind::clear, layer_, row_[index(slot)], -1, -1, slot, -1, device});
    put(slot, -1);
  }

  void exchange(int from, int to) {
    const int expert = row_[index(from)];
    const int other = row_[index(to)];
    moves_.push_back({MoveKind::exchange, layer_, expert, other, from, to, prepared_.device_of_slot(from),
                      prepared_.device_of_slot(to)});
    put(from, other);
    put(to, expert);
  }

  void put(int slot, int expert) {
    int& held = row_[index(slot)];
    if (held >= 0) std::erase(holders_[index(held)], slot);
    held = expert;
    if (expert >= 0) holders_[index(expert)].push_back(slot);
  }

  // From `first` on, each slot followed by the one that holds what it waits for. Every slot that has to change holds
  // the only replica of its expert, so that it closes.
  [[nodiscard]] std::vector<int> cycle_of(int first) const {
    std::vector<int> cycle{first};
    for (int slot = first;;) {
      slot = holders_[index(target_[index(slot)])].front();
      if (slot == first) return cycle;
      cycle.push_back(slot);
    }
  }

  bool break_cycle(int first, bool exchanges) {
    const std::vector<int> cycle = cycle_of(first);
    const int stone = stepping_stone(first);
    const std::size_t length = cycle.size();
    // Weights sent: to the stone, once for each slot of the cycle, and back to the stone what it held.
    const std::size_t by_stone = length + (stone >= 0 && row_[index(stone)] < 0 ? 1 : 2);
    if (stone >= 0 && (!exchanges || by_stone <= 2 * (length - 1))) {
      const int kept = row_[index(stone)];
      copy(row_[index(first)], stone);
      for (const int slot : cycle) copy(target_[index(slot)], slot);
      if (kept >= 0) {
        copy(kept, stone);
      } else {
        clear(stone);
      }
      return true;
    }
    if (!exchanges) return false;
    for (std::size_t k = 0; k + 1 < length; ++k) exchange(cycle[k + 1], cycle[k]);
    return true;
  }

  // An empty slot, or one whose expert has another replica, near the slot that it shall relieve.
  [[nodiscard]] int stepping_stone(int slot) const {
    const int device = prepared_.device_of_slot(slot);
    int chosen = -1;
    std::tuple<int, int, int> best;
    for (int other = 0; other < static_cast<int>(row_.size()); ++other) {
      const int there = prepared_.device_of_slot(other);
      if (!prepared_.alive[index(there)] || pending(other) || !may_overwrite(other)) continue;
      const bool empty = row_[index(other)] < 0;
      // Where memory is scarce, a slot may be empty because nothing fits.
      if (empty && prepared_.memory_binds) continue;
      const int distance = there == device ? 0 : prepared_.node[index(there)] == prepared_.node[index(device)] ? 1 : 2;
      const std::tuple<int, int, int> key{empty ? 0 : 1, distance, other};
      if (chosen < 0 || key < best) {
        chosen = other;
        best = key;
      }
    }
    return chosen;
  }

  const Prepared& prepared_;
  int layer_;
  std::vector<int> row_;
  std::vector<int> target_;
  std::vector<std::vector<int>> holders_;  // [experts] slots
  std::vector<BalancerMove> moves_;
};

}  // namespace

std::vector<int> settled(const Prepared& prepared, std::span<const int> standing, std::span<const int> target) {
  std::vector<int> row(target.size(), -1);
  for (int device = 0; device < prepared.devices; ++device) {
    const auto first = index(prepared.first_slot[index(device)]);
    const auto last = index(prepared.first_slot[index(device) + 1]);
    std::vector<int> wanted(target.begin() + static_cast<std::ptrdiff_t>(first),
                            target.begin() + static_cast<std::ptrdiff_t>(last));
    std::erase(wanted, -1);
    for (std::size_t slot = first; slot < last; ++slot) {
      const auto found = std::find(wanted.begin(), wanted.end(), standing[slot]);
      if (found == wanted.end()) continue;
      row[slot] = standing[slot];
      wanted.erase(found);
    }
    // Slots that stood empty are filled first: nothing has to give way there.
    for (const bool empty : {true, false}) {
      for (std::size_t slot = first; slot < last && !wanted.empty(); ++slot) {
        if (row[slot] >= 0 || (standing[slot] < 0) != empty) continue;
        row[slot] = wanted.front();
        wanted.erase(wanted.begin());
      }
    }
  }
  return row;
}

std::optional<std::vector<BalancerMove>> order_moves(const Prepared& prepared, int layer, std::span<const int> standing,
                                                     std::span<const int> target, bool exchanges) {
  Ordering ordering(prepared, layer, standing, target);
  if (!ordering.run(exchanges)) return std::nullopt;
  return ordering.take();
}

std::int64_t transfers_of(std::span<const BalancerMove> moves) {
  std::int64_t transfers = 0;
  for (const BalancerMove& move : moves) {
    if (move.kind == MoveKind::clear || move.from_device == move.to_device) continue;
    transfers += move.kind == MoveKind::exchange ? 2 : 1;
  }
  return transfers;
}

}  // namespace plimsoll::experts::balancer
