#include "solvers/packing/subset_sum.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace plimsoll::solvers::packing {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{64} << 20;

using Word = std::uint64_t;

void add_shifted(std::vector<Word>& reached, Size size, std::size_t words) {
  const auto whole = static_cast<std::size_t>(size / 64);
  const auto part = static_cast<unsigned>(size % 64);
  for (std::size_t word = words; word-- > whole;) {
    Word shifted = reached[word - whole] << part;
    if (part > 0 && word > whole) shifted |= reached[word - whole - 1] >> (64 - part);
    reached[word] |= shifted;
  }
}

Size highest(const std::vector<Word>& reached, Size limit) {
  auto word = static_cast<std::size_t>(limit / 64);
  Word bits = reached[word] & (~Word{0} >> (63 - static_cast<unsigned>(limit % 64)));
  while (bits == 0) bits = reached[--word];
  return static_cast<Size>(word) * 64 + 63 - std::countl_zero(bits);
}

// All sums of the given items, ascending: each item merges the list with itself.
std::vector<Size> sums_of(std::span<const Size> sizes, std::span<const int> items) {
  std::vector<Size> sums{0};
  std::vector<Size> next;
  for (const int item : items) {
    const Size size = sizes[static_cast<std::size_t>(item)];
    next.clear();
    std::size_t without = 0;
    for (const Size sum : sums) {
      while (without < sums.size() && sums[without] <= sum + size) next.push_back(sums[without++]);
      next.push_back(sum + size);
    }
    sums.swap(next);
  }
  return sums;
}

Size by_halves(std::span<const Size> sizes, std::span<const int> items, Size limit) {
  const std::size_t middle = items.size() / 2;
  const std::vector<Size> low = sums_of(sizes, items.subspan(0, middle));
  const std::vector<Size> high = sums_of(sizes, items.subspan(middle));
  Size best = 0;
  std::size_t right = high.size();
  for (const Size left : low) {
    while (right > 0 && left + high[right - 1] > limit) --right;
    if (right == 0 || best == limit) break;
    best = std::max(best, left + high[right - 1]);
  }
  return best;
}

struct Costs {
  std::vector<int> items;  // those that fit at all
  std::uint64_t bits = 0;
  std::uint64_t halves = 0;
};
Costs costs_of(std::span<const Size> sizes, Size limit) {
  Costs costs;
  for (std::size_t item = 0; item < sizes.size(); ++item) {
    if (sizes[item] <= limit) costs.items.push_back(static_cast<int>(item));
  }
  const std::uint64_t count = costs.items.size() + 1;
  constexpr auto never = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t words = static_cast<std::uint64_t>(limit) / 64 + 1;
  costs.bits = words > most_bytes / 8 ? never : count * words / 2 + count;
  costs.halves = count > 44 ? never : std::uint64_t{12} << ((count + 1) / 2);
  return costs;
}

}  // namespace

std::optional<Size> largest_subset_sum(std::span<const Size> sizes, Size limit, Effort& effort) {
  if (limit < 0) return std::nullopt;
  const Costs costs = costs_of(sizes, limit);
  const std::uint64_t cost = std::min(costs.bits, costs.halves);
  if (cost > effort.left()) return std::nullopt;
  effort.spend(cost);
  if (costs.halves < costs.bits) return by_halves(sizes, costs.items, limit);
  const std::size_t words = static_cast<std::size_t>(limit / 64) + 1;
  std::vector<Word> reached(words, 0);
  reached.front() = 1;
  for (const int item : costs.items) add_shifted(reached, sizes[static_cast<std::size_t>(item)], words);
  return highest(reached, limit);
}

}  // namespace plimsoll::solvers::packing
