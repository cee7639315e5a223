// Groups kept on a node: a depth-first search over assignments of groups to nodes, each node with its area and slots.
#include <algorithm>
#include <numeric>
#include <vector>

#include "planner/experts/bounds/refute.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts {
namespace {

struct Room {
  double seconds = 0;
  std::int64_t slots = 0;
  friend bool operator==(const Room&, const Room&) = default;
};

class Assignment {
 public:
  Assignment(std::vector<Room> groups, std::vector<Room> nodes) : groups_(std::move(groups)), nodes_(std::move(nodes)) {
    std::stable_sort(groups_.begin(), groups_.end(),
                     [](const Room& a, const Room& b) { return a.seconds > b.seconds; });
  }

  // True where no assignment exists; false where one does or the search was cut short.
  bool impossible() { return !search(0) && visits_ < most_visits; }
  [[nodiscard]] std::uint64_t visits() const { return visits_; }

 private:
  static constexpr std::uint64_t most_visits = 20000;

  bool search(std::size_t index) {
    if (index == groups_.size() || ++visits_ >= most_visits) return true;
    const Room& group = groups_[index];
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      Room& room = nodes_[node];
      if (group.seconds > room.seconds || group.slots > room.slots) continue;
      // Nodes with the same room left are interchangeable.
      if (std::find(nodes_.begin(), nodes_.begin() + static_cast<std::ptrdiff_t>(node), room) !=
          nodes_.begin() + static_cast<std::ptrdiff_t>(node)) {
        continue;
      }
      const Room before = room;
      room.seconds -= group.seconds;
      room.slots -= group.slots;
      const bool found = search(index + 1);
      nodes_[node] = before;
      if (found) return true;
    }
    return false;
  }

  std::vector<Room> groups_;
  std::vector<Room> nodes_;
  std::uint64_t visits_ = 0;
};

}  // namespace

BoundKind Refutation::by_groups(double seconds) {
  if (!prepared_.instance.keep_groups_on_a_node || device_speeds_.empty()) return BoundKind::none;
  const Needs need = needs(seconds);
  if (!need.possible) return BoundKind::replicas;
  std::vector<Room> groups(static_cast<std::size_t>(prepared_.instance.model.groups));
  for (std::size_t expert = 0; expert < load_.size(); ++expert) {
    Room& group = groups[static_cast<std::size_t>(prepared_.group[expert])];
    group.seconds += support::rounded_down(need.seconds[expert]);
    group.slots += need.replicas[expert];
  }
  std::vector<Room> nodes(static_cast<std::size_t>(prepared_.nodes));
  for (int device = 0; device < prepared_.devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    const auto usable = std::min<std::int64_t>(prepared_.slots[d], prepared_.memory_replicas[d]);
    if (usable == 0) continue;
    Room& node = nodes[static_cast<std::size_t>(prepared_.node[d])];
    node.seconds +=
        support::rounded_up(usable_seconds(seconds * prepared_.speed(device))) * (1 + support::rounding_margin);
    node.slots += usable;
  }
  Assignment assignment(std::move(groups), std::move(nodes));
  const bool impossible = assignment.impossible();
  work_ += 10 * assignment.visits();
  return impossible ? BoundKind::groups : BoundKind::none;
}

}  // namespace plimsoll::experts
