#include "planner/experts/step/replay_slots.hpp"

#include <algorithm>
#include <tuple>

#include "support/json_text.hpp"

namespace plimsoll::experts::step {
namespace {

using std::to_string;
using support::number_text;

struct Life {
  std::size_t slot = 0;  // or what else the lives are grouped by
  double start = 0;
  double end = 0;
  std::size_t replica = 0;
  std::size_t transfer = 0;
};

// By slot, and the lives of a slot by start. Bucket by bucket, because there are many slots with few lives each.
void sort_lives(std::vector<Life>& lives, std::size_t slots) {
  std::vector<std::size_t> first(slots + 1, 0);
  for (const Life& life : lives) ++first[life.slot + 1];
  for (std::size_t slot = 0; slot < slots; ++slot) first[slot + 1] += first[slot];
  std::vector<Life> sorted(lives.size());
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  for (const Life& life : lives) sorted[next[life.slot]++] = life;
  for (std::size_t slot = 0; slot < slots; ++slot) {
    std::sort(sorted.begin() + static_cast<std::ptrdiff_t>(first[slot]),
              sorted.begin() + static_cast<std::ptrdiff_t>(first[slot + 1]), [](const Life& left, const Life& right) {
                return std::tie(left.start, left.end, left.replica) < std::tie(right.start, right.end, right.replica);
              });
  }
  lives.swap(sorted);
}

}  // namespace

void check_slots(const Scene& scene, const Matching& matching, const std::vector<double>& free, double tolerance,
                 Violations& violations) {
  const bool pool = scene.instance.transient_pool_slots > 0;
  const std::size_t columns = scene.plan.base.columns();
  std::vector<Life> lives;
  lives.reserve(scene.replicas.size());
  for (std::size_t index = 0; index < scene.replicas.size(); ++index) {
    if (matching.weights[index] < 0) continue;
    const TransientReplica& replica = scene.replicas[index];
    const auto transfer = static_cast<std::size_t>(matching.weights[index]);
    const std::size_t slot =
        (pool ? 0 : static_cast<std::size_t>(replica.layer) * columns) + static_cast<std::size_t>(replica.column);
    lives.push_back({slot, scene.plan.transfers[transfer].start_seconds, free[index], index, transfer});
  }
  sort_lives(lives, (pool ? 1 : scene.plan.base.rows()) * columns);
  const Life* longest = nullptr;  // of the slot at hand, the one that ends last
  for (const Life& life : lives) {
    if (longest == nullptr || longest->slot != life.slot) {
      longest = &life;
      continue;
    }
    if (life.start < longest->end - tolerance) {
      const TransientReplica& replica = scene.replicas[life.replica];
      const TransientReplica& before = scene.replicas[longest->replica];
      violations.add(transfer_place(life.transfer) + "starts at " + number_text(life.start) +
                     ", and transient column " + to_string(replica.column) + " of device " + to_string(replica.device) +
                     " is taken by expert " + to_string(before.expert) + " of layer " + to_string(before.layer) +
                     " in micro-step " + to_string(before.microstep) + " until " + number_text(longest->end));
    }
    if (life.end > longest->end) longest = &life;
  }
}

void check_sources(const Scene& scene, const Matching& matching, const std::vector<double>& free, double tolerance,
                   Violations& violations) {
  // Transient replicas by (layer, expert, device) and arrival; `end` becomes the latest of all that arrived by then.
  const auto devices = static_cast<std::size_t>(scene.instance.experts.cluster.devices());
  const auto experts = static_cast<std::size_t>(scene.instance.experts.model.experts);
  const auto key = [&](int layer, int expert, int device) {
    return (static_cast<std::size_t>(layer) * experts + static_cast<std::size_t>(expert)) * devices +
           static_cast<std::size_t>(device);
  };
  std::vector<Life> lives;
  bool ready = false;
  const auto prepare = [&] {
    ready = true;
    for (std::size_t index = 0; index < scene.replicas.size(); ++index) {
      if (matching.weights[index] < 0) continue;
      const TransientReplica& replica = scene.replicas[index];
      const auto transfer = static_cast<std::size_t>(matching.weights[index]);
      lives.push_back({key(replica.layer, replica.expert, replica.device), scene.plan.transfers[transfer].end_seconds,
                       free[index], index, transfer});
    }
    std::sort(lives.begin(), lives.end(), [](const Life& left, const Life& right) {
      return std::tie(left.slot, left.start, left.replica) < std::tie(right.slot, right.start, right.replica);
    });
    for (std::size_t k = 1; k < lives.size(); ++k) {
      if (lives[k].slot == lives[k - 1].slot) lives[k].end = std::max(lives[k].end, lives[k - 1].end);
    }
  };
  for (std::size_t index = 0; index < scene.plan.transfers.size() && !violations.full(); ++index) {
    const Transfer& transfer = scene.plan.transfers[index];
    // A gradient is part of the life of the replica that it comes from.
    if (!matching.sound[index] || transfer.from_host || transfer.kind == TransferKind::gradient) continue;
    if (scene.base.holds(transfer.layer, transfer.expert, transfer.from)) continue;
    if (!ready) prepare();
    const Life last{key(transfer.layer, transfer.expert, transfer.from), transfer.start_seconds + tolerance, 0, 0, 0};
    const auto after = std::upper_bound(lives.begin(), lives.end(), last, [](const Life& left, const Life& right) {
      return std::tie(left.slot, left.start) < std::tie(right.slot, right.start);
    });
    const bool held = after != lives.begin() && std::prev(after)->slot == last.slot &&
                      std::prev(after)->end >= transfer.end_seconds - tolerance;
    if (held) continue;
    violations.add(transfer_place(index) + "device " + to_string(transfer.from) + " does not hold expert " +
                   to_string(transfer.expert) + " of layer " + to_string(transfer.layer) + " from " +
                   number_text(transfer.start_seconds) + " to " + number_text(transfer.end_seconds));
  }
}

}  // namespace plimsoll::experts::step
