#include "solvers/packing/bounds.hpp"

#include <algorithm>

#include "solvers/packing/subset_sum.hpp"

namespace plimsoll::solvers::packing {
namespace {

Size rounded_up(Size dividend, Size divisor) { return (dividend + divisor - 1) / divisor; }

std::vector<Size> prefix_sums(std::span<const Size> sizes) {
  std::vector<Size> sums{0};
  for (const Size size : sizes) sums.push_back(sums.back() + size);
  return sums;
}

// Items of at least `size`, or above it.
std::size_t at_least(std::span<const Size> sizes, Size size) {
  const auto end = std::partition_point(sizes.begin(), sizes.end(), [size](Size other) { return other >= size; });
  return static_cast<std::size_t>(end - sizes.begin());
}
std::size_t above(std::span<const Size> sizes, Size size) { return at_least(sizes, size + 1); }

// Items above height - threshold count as whole bins, items below the threshold as nothing, the rest as they are.
bool threshold_refutes(std::span<const Size> sizes, std::span<const Size> sums, int bins, Size height, Size threshold) {
  const std::size_t whole = above(sizes, height - threshold);
  const std::size_t counted = std::max(whole, at_least(sizes, threshold));
  const Size room = static_cast<Size>(bins) - static_cast<Size>(whole);
  return room < 0 || rounded_up(sums[counted] - sums[whole], height) > room;
}

// What is above half of the height leaves room for floor((height - x) / threshold) items of at least the threshold; an
// item is worth as many of them as fit into it. In units of half the value of an item of the threshold.
bool counted_refutes(std::span<const Size> sizes, int bins, Size height, Size threshold) {
  const Size full = 2 * (height / threshold);
  Size worth = 0;
  for (const Size size : sizes) {
    if (size < threshold) break;
    if (2 * size > height) {
      worth += full - 2 * ((height - size) / threshold);
    } else if (2 * size == height) {
      worth += full / 2;
    } else {
      worth += 2 * (size / threshold);
    }
  }
  return worth > full * bins;
}

// u(k): an item is worth floor((k + 1) x / height) / k, or x / height where (k + 1) x / height is whole. In units of
// 1 / (k height).
bool rounded_refutes(std::span<const Size> sizes, int bins, Size height, Size k) {
  Size parts = 0;
  Size exact = 0;
  for (const Size size : sizes) {
    const Size product = (k + 1) * size;
    if (product % height == 0) {
      exact += size;
    } else {
      parts += product / height;
    }
  }
  return parts * height + k * exact > static_cast<Size>(bins) * k * height;
}

}  // namespace

Size counting_bound(std::span<const Size> sizes, int bins) {
  if (sizes.empty()) return 0;
  const std::vector<Size> sums = prefix_sums(sizes);
  const auto m = static_cast<Size>(bins);
  Size bound = std::max(sizes.front(), rounded_up(sums.back(), m));
  const auto items = static_cast<Size>(sizes.size());
  const bool every = items * m <= 20'000'000;
  for (Size largest = m + 1; largest <= items; ++largest) {
    const Size each = largest / m;
    const Size rest = largest % m;
    for (Size k = std::max<Size>(1, rest); k <= m; k += every ? 1 : std::max<Size>(1, m - k)) {
      const Size held = k * each + std::min(k, rest);
      bound = std::max(
          bound,
          rounded_up(sums[static_cast<std::size_t>(largest)] - sums[static_cast<std::size_t>(largest - held)], k));
    }
  }
  return bound;
}

bool dual_feasible_refutes(std::span<const Size> sizes, int bins, Size height) {
  constexpr Size largest_height = Size{1} << 40;  // keeps the products below 2^63 for a million items
  constexpr int most_thresholds = 400;
  if (sizes.empty()) return false;
  if (height < sizes.front()) return true;
  if (height <= 0 || height > largest_height || sizes.size() > 1'000'000) return false;
  const std::vector<Size> sums = prefix_sums(sizes);
  if (rounded_up(sums.back(), height) > bins) return true;
  const Size half = height / 2;
  int tried = 0;
  Size last = -1;
  for (std::size_t item = above(sizes, half); item < sizes.size() && tried < most_thresholds; ++item) {
    if (sizes[item] == last || sizes[item] == 0) continue;
    last = sizes[item];
    ++tried;
    if (threshold_refutes(sizes, sums, bins, height, last) || counted_refutes(sizes, bins, height, last)) return true;
  }
  // Sizes above half of the height, by the room that they leave.
  last = -1;
  for (std::size_t item = 0; item < above(sizes, half) && tried < 2 * most_thresholds; ++item) {
    const Size threshold = height - sizes[item] + 1;
    if (threshold == last || 2 * threshold > height) continue;
    last = threshold;
    ++tried;
    if (threshold_refutes(sizes, sums, bins, height, last) || counted_refutes(sizes, bins, height, last)) return true;
  }
  if (bins > 1'000'000) return false;
  for (Size k = 1; k <= 30; ++k) {
    if (sums.back() > (Size{1} << 62) / (2 * k + 2) || height > (Size{1} << 62) / (static_cast<Size>(bins) * (k + 1)))
      break;
    if (rounded_refutes(sizes, bins, height, k)) return true;
  }
  return false;
}

Size next_subset_sum(std::span<const Size> sizes, Size at_least, Effort& effort) {
  if (at_least <= 0) return at_least;
  Size total = 0;
  for (const Size size : sizes) total += size;
  if (at_least > total) return at_least;
  // A subset of at least a sum is what a subset of at most the rest leaves.
  const std::optional<Size> left = largest_subset_sum(sizes, total - at_least, effort);
  return left ? total - *left : at_least;
}

}  // namespace plimsoll::solvers::packing
