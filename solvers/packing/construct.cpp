#include "solvers/packing/construct.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

namespace plimsoll::solvers::packing {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// The leftmost bin that still has room for an item, in a tree over the largest room of each half: first fit in
// O(log m) for an item.
class FirstFit {
 public:
  FirstFit(int bins, Size height) {
    while (leaves_ < z(bins)) leaves_ *= 2;
    room_.assign(2 * leaves_, -1);
    for (std::size_t bin = 0; bin < z(bins); ++bin) room_[leaves_ + bin] = height;
    for (std::size_t node = leaves_ - 1; node > 0; --node) refresh(node);
  }
  // -1: no bin has room.
  int place(Size size) {
    if (room_[1] < size) return -1;
    std::size_t node = 1;
    while (node < leaves_) node = room_[2 * node] >= size ? 2 * node : 2 * node + 1;
    room_[node] -= size;
    for (std::size_t up = node / 2; up > 0; up /= 2) refresh(up);
    return static_cast<int>(node - leaves_);
  }

 private:
  void refresh(std::size_t node) { room_[node] = std::max(room_[2 * node], room_[2 * node + 1]); }
  std::size_t leaves_ = 1;
  std::vector<Size> room_;
};

std::vector<int> first_fit(std::span<const Size> sizes, int bins, Size height) {
  FirstFit tree(bins, height);
  std::vector<int> bin_of;
  for (const Size size : sizes) {
    bin_of.push_back(tree.place(size));
    if (bin_of.back() < 0) return {};
  }
  return bin_of;
}

Packing measured(std::span<const Size> sizes, std::vector<int> bin_of, int bins) {
  const std::vector<Size> sums = heights(sizes, bin_of, bins);
  return {std::move(bin_of), *std::max_element(sums.begin(), sums.end())};
}

// A partial packing: the parts that hold something, fullest first; the other bins are empty.
struct Partial {
  Size spread = 0;
  int order = 0;  // the earlier one first where spreads are equal
  std::vector<std::pair<Size, std::vector<int>>> parts;
};

void join(Partial& first, Partial&& second, int bins) {
  // Part k of the second meets the bin bins - 1 - k of the first; beyond its last part the first one's bins are empty.
  for (std::size_t k = 0; k < second.parts.size(); ++k) {
    const std::size_t partner = z(bins) - 1 - k;
    if (partner >= first.parts.size()) {
      first.parts.push_back(std::move(second.parts[k]));
      continue;
    }
    auto& [size, items] = first.parts[partner];
    size += second.parts[k].first;
    items.insert(items.end(), second.parts[k].second.begin(), second.parts[k].second.end());
  }
  std::stable_sort(first.parts.begin(), first.parts.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  first.spread = first.parts.front().first - (first.parts.size() == z(bins) ? first.parts.back().first : 0);
}

}  // namespace

std::vector<Size> heights(std::span<const Size> sizes, std::span<const int> bin_of, int bins) {
  std::vector<Size> sums(z(bins), 0);
  for (std::size_t item = 0; item < sizes.size(); ++item) sums[z(bin_of[item])] += sizes[item];
  return sums;
}

Packing longest_first(std::span<const Size> sizes, int bins) {
  using Bin = std::pair<Size, int>;
  std::priority_queue<Bin, std::vector<Bin>, std::greater<>> queue;
  for (int bin = 0; bin < bins; ++bin) queue.emplace(0, bin);
  Packing packing;
  for (const Size size : sizes) {
    auto [height, bin] = queue.top();
    queue.pop();
    packing.bin_of.push_back(bin);
    packing.height = std::max(packing.height, height + size);
    queue.emplace(height + size, bin);
  }
  return packing;
}

Packing multifit(std::span<const Size> sizes, int bins, Size lower) {
  Packing best = longest_first(sizes, bins);
  Size below = lower - 1;  // no packing is looked for here
  while (best.height - below > 1) {
    const Size height = below + (best.height - below) / 2;
    std::vector<int> bin_of = first_fit(sizes, bins, height);
    if (bin_of.empty()) {
      below = height;
    } else {
      best = measured(sizes, std::move(bin_of), bins);
    }
  }
  return best;
}

Packing differencing(std::span<const Size> sizes, int bins) {
  const auto later = [](const Partial& a, const Partial& b) {
    return a.spread != b.spread ? a.spread < b.spread : a.order > b.order;
  };
  std::vector<Partial> heap;
  for (std::size_t item = 0; item < sizes.size(); ++item) {
    const int index = static_cast<int>(item);
    heap.push_back({bins > 1 ? sizes[item] : 0, index, {{sizes[item], {index}}}});
  }
  std::make_heap(heap.begin(), heap.end(), later);
  while (heap.size() > 1) {
    std::pop_heap(heap.begin(), heap.end(), later);
    Partial first = std::move(heap.back());
    heap.pop_back();
    std::pop_heap(heap.begin(), heap.end(), later);
    join(first, std::move(heap.back()), bins);
    heap.back() = std::move(first);
    std::push_heap(heap.begin(), heap.end(), later);
  }
  Packing packing{std::vector<int>(sizes.size(), 0), 0};
  if (heap.empty()) return packing;
  for (std::size_t bin = 0; bin < heap.front().parts.size(); ++bin) {
    for (const int item : heap.front().parts[bin].second) packing.bin_of[z(item)] = static_cast<int>(bin);
  }
  return measured(sizes, std::move(packing.bin_of), bins);
}

}  // namespace plimsoll::solvers::packing
