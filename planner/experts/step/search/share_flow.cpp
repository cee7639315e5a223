#include "planner/experts/step/search/share_flow.hpp"

#include <algorithm>

namespace plimsoll::experts::step {

ShareFlow::ShareFlow(int experts, int devices)
    : of_expert_(index(experts)),
      of_device_(index(devices)),
      unserved_(index(experts), 0),
      capacity_(index(devices), 0),
      used_(index(devices), 0),
      expert_level_(index(experts), -1),
      device_level_(index(devices), -1),
      expert_next_(index(experts), 0),
      device_next_(index(devices), 0) {}

void ShareFlow::clear(std::span<const std::int64_t> demand) {
  arcs_.clear();
  for (auto& list : of_expert_) list.clear();
  for (auto& list : of_device_) list.clear();
  unserved_total_ = 0;
  for (std::size_t expert = 0; expert < demand.size(); ++expert) {
    unserved_[expert] = demand[expert];
    unserved_total_ += demand[expert];
  }
  std::fill(capacity_.begin(), capacity_.end(), 0);
  std::fill(used_.begin(), used_.end(), 0);
}

int ShareFlow::add(int expert, int device) {
  const int replica = static_cast<int>(arcs_.size());
  arcs_.push_back({expert, device, 0});
  of_expert_[index(expert)].push_back(replica);
  of_device_[index(device)].push_back(replica);
  return replica;
}

// Breadth first from all experts with unserved units. Even levels are experts, odd ones devices; the search goes on
// past the first device with room, since the levels also name the cut when there is none.
bool ShareFlow::build_levels() {
  std::fill(expert_level_.begin(), expert_level_.end(), -1);
  std::fill(device_level_.begin(), device_level_.end(), -1);
  queue_.clear();
  for (std::size_t expert = 0; expert < unserved_.size(); ++expert) {
    if (unserved_[expert] == 0) continue;
    expert_level_[expert] = 0;
    queue_.push_back(static_cast<int>(expert));
  }
  bool open = false;
  for (std::size_t head = 0; head < queue_.size(); ++head) {
    const int expert = queue_[head];
    const int level = expert_level_[index(expert)];
    for (const int replica : of_expert_[index(expert)]) {
      const int device = arcs_[index(replica)].device;
      if (device_level_[index(device)] >= 0) continue;
      device_level_[index(device)] = level + 1;
      if (room(device) > 0) {
        open = true;
        continue;  // paths end here
      }
      for (const int back : of_device_[index(device)]) {
        const Arc& arc = arcs_[index(back)];
        if (arc.flow == 0 || expert_level_[index(arc.expert)] >= 0) continue;
        expert_level_[index(arc.expert)] = level + 2;
        queue_.push_back(arc.expert);
      }
      work_ += of_device_[index(device)].size();
    }
    work_ += of_expert_[index(expert)].size();
  }
  return open;
}

std::int64_t ShareFlow::push_from(int expert, std::int64_t most) {
  const auto e = index(expert);
  std::int64_t pushed = 0;
  for (; expert_next_[e] < of_expert_[e].size(); ++expert_next_[e]) {
    const int replica = of_expert_[e][expert_next_[e]];
    const int device = arcs_[index(replica)].device;
    const auto d = index(device);
    ++work_;
    if (device_level_[d] != expert_level_[e] + 1) continue;
    if (const std::int64_t space = std::min(room(device), most - pushed); space > 0) {
      arcs_[index(replica)].flow += space;
      used_[d] += space;
      pushed += space;
      if (pushed == most) return pushed;
    }
    // The device hands units of another expert on, and takes ours in their place.
    for (; device_next_[d] < of_device_[d].size(); ++device_next_[d]) {
      Arc& back = arcs_[index(of_device_[d][device_next_[d]])];
      ++work_;
      if (back.flow == 0 || expert_level_[index(back.expert)] != device_level_[d] + 1) continue;
      const std::int64_t moved = push_from(back.expert, std::min(back.flow, most - pushed));
      if (moved > 0) {
        back.flow -= moved;
        arcs_[index(replica)].flow += moved;
        pushed += moved;
        if (pushed == most) return pushed;
      }
    }
  }
  return pushed;
}

std::int64_t ShareFlow::passable(int device) const {
  std::int64_t units = 0;
  for (const int replica : of_device_[index(device)]) {
    const Arc& arc = arcs_[index(replica)];
    if (arc.flow == 0) continue;
    std::int64_t beside = 0;
    for (const int other : of_expert_[index(arc.expert)]) {
      if (arcs_[index(other)].device != device) beside += room(arcs_[index(other)].device);
    }
    units += std::min(arc.flow, beside);
  }
  return units;
}

std::int64_t ShareFlow::saturate() {
  while (build_levels()) {
    std::fill(expert_next_.begin(), expert_next_.end(), 0);
    std::fill(device_next_.begin(), device_next_.end(), 0);
    std::int64_t pushed = 0;
    for (std::size_t expert = 0; expert < unserved_.size(); ++expert) {
      if (unserved_[expert] == 0) continue;
      const std::int64_t amount = push_from(static_cast<int>(expert), unserved_[expert]);
      unserved_[expert] -= amount;
      pushed += amount;
    }
    unserved_total_ -= pushed;
    if (pushed == 0) break;
  }
  return unserved_total_;
}

}  // namespace plimsoll::experts::step
