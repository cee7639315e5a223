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

bool has(const std::vector<Word>& reached, Size sum) {
  return ((reached[static_cast<std::size_t>(sum / 64)] >> static_cast<unsigned>(sum % 64)) & 1) != 0;
}

// All sums of the given items, with the subset as bits, ascending by sum: each item merges the list with itself.
struct Sum {
  Size sum;
  std::uint32_t subset;
};
std::vector<Sum> sums_of(std::span<const Size> sizes, std::span<const int> items) {
  std::vector<Sum> sums{{0, 0}};
  std::vector<Sum> next;
  for (std::size_t bit = 0; bit < items.size(); ++bit) {
    const Size size = sizes[static_cast<std::size_t>(items[bit])];
    next.clear();
    std::size_t without = 0;
    for (const Sum& sum : sums) {
      const Sum with{sum.sum + size, sum.subset | (std::uint32_t{1} << bit)};
      while (without < sums.size() && sums[without].sum <= with.sum) next.push_back(sums[without++]);
      next.push_back(with);
    }
    sums.swap(next);
  }
  return sums;
}

Subset by_halves(std::span<const Size> sizes, std::span<const int> items, Size limit) {
  const std::size_t middle = items.size() / 2;
  const std::vector<Sum> low = sums_of(sizes, items.subspan(0, middle));
  const std::vector<Sum> high = sums_of(sizes, items.subspan(middle));
  Sum best_low = low.front();
  Sum best_high = high.front();
  std::size_t right = high.size();
  for (const Sum& left : low) {
    while (right > 0 && left.sum + high[right - 1].sum > limit) --right;
    if (right == 0) break;
    if (left.sum + high[right - 1].sum <= best_low.sum + best_high.sum) continue;
    best_low = left;
    best_high = high[right - 1];
    if (best_low.sum + best_high.sum == limit) break;
  }
  Subset subset{best_low.sum + best_high.sum, {}};
  for (std::size_t bit = 0; bit < middle; ++bit) {
    if ((best_low.subset >> bit) & 1) subset.items.push_back(items[bit]);
  }
  for (std::size_t bit = 0; bit < items.size() - middle; ++bit) {
    if ((best_high.subset >> bit) & 1) subset.items.push_back(items[middle + bit]);
  }
  return subset;
}

// One row of bits after every item, walked backwards for the subset.
Subset by_bits(std::span<const Size> sizes, std::span<const int> items, Size limit) {
  const std::size_t words = static_cast<std::size_t>(limit / 64) + 1;
  std::vector<std::vector<Word>> rows{std::vector<Word>(words, 0)};
  rows.front().front() = 1;
  for (const int item : items) {
    rows.push_back(rows.back());
    add_shifted(rows.back(), sizes[static_cast<std::size_t>(item)], words);
  }
  Subset subset{highest(rows.back(), limit), {}};
  Size left = subset.sum;
  for (std::size_t index = items.size(); index-- > 0;) {
    if (has(rows[index], left)) continue;
    subset.items.push_back(items[index]);
    left -= sizes[static_cast<std::size_t>(items[index])];
  }
  std::reverse(subset.items.begin(), subset.items.end());
  return subset;
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
  if (costs.halves < costs.bits) return by_halves(sizes, costs.items, limit).sum;
  const std::size_t words = static_cast<std::size_t>(limit / 64) + 1;
  std::vector<Word> reached(words, 0);
  reached.front() = 1;
  for (const int item : costs.items) add_shifted(reached, sizes[static_cast<std::size_t>(item)], words);
  return highest(reached, limit);
}

std::optional<Subset> largest_subset(std::span<const Size> sizes, Size limit, Effort& effort) {
  if (limit < 0) return std::nullopt;
  Costs costs = costs_of(sizes, limit);
  const std::uint64_t rows = costs.items.size() + 1;
  if (costs.bits > most_bytes / 8 * 64 || (static_cast<std::uint64_t>(limit) / 64 + 1) * rows > most_bytes / 8) {
    costs.bits = std::numeric_limits<std::uint64_t>::max();
  }
  const std::uint64_t cost = std::min(costs.bits, costs.halves);
  if (cost > effort.left()) return std::nullopt;
  effort.spend(cost);
  return costs.halves < costs.bits ? by_halves(sizes, costs.items, limit) : by_bits(sizes, costs.items, limit);
}

}  // namespace plimsoll::solvers::packing
