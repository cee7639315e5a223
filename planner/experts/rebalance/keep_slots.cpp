#include "planner/experts/rebalance/keep_slots.hpp"

#include <cstddef>
#include <vector>

namespace plimsoll::experts {
namespace {

void keep_on_device(std::span<const int> stood, std::span<int> expert, std::span<int> rank) {
  const std::size_t width = stood.size();
  std::vector<std::size_t> from(width, width);  // [slots] where the replica stands that goes here
  std::vector<bool> taken(width, false);
  for (std::size_t slot = 0; slot < width; ++slot) {
    for (std::size_t k = 0; k < width && stood[slot] >= 0; ++k) {
      if (taken[k] || expert[k] != stood[slot]) continue;
      from[slot] = k;
      taken[k] = true;
      break;
    }
  }
  std::size_t next = 0;
  for (std::size_t& source : from) {
    if (source < width) continue;
    while (taken[next]) ++next;
    source = next++;
  }
  const std::vector<int> old_expert(expert.begin(), expert.end());
  const std::vector<int> old_rank(rank.begin(), rank.end());
  for (std::size_t slot = 0; slot < width; ++slot) {
    expert[slot] = old_expert[from[slot]];
    rank[slot] = old_rank[from[slot]];
  }
}

}  // namespace

void keep_slots(std::span<const int> stood, int width, std::span<int> expert, std::span<int> rank) {
  const auto each = static_cast<std::size_t>(width);
  for (std::size_t first = 0; first + each <= stood.size(); first += each) {
    keep_on_device(stood.subspan(first, each), expert.subspan(first, each), rank.subspan(first, each));
  }
}

}  // namespace plimsoll::experts
