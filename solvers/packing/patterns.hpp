// All fillings of a bin that a packing into the given bins can contain, listed: with prices at hand (prices.hpp), a
// filling whose worth falls short of the most by more than all bins may fall short together cannot be part of one.
//
// Items of the same size are one type, written in unary: each item has a position, positions of a type stand together,
// and where k items of a type are left they hold its first k positions. A filling that takes k of them fits if the k-th
// position is held, so that one bit for each of its types decides.
#pragma once

#include <array>
#include <optional>

#include "solvers/packing/prices.hpp"

namespace plimsoll::solvers::packing {

inline constexpr int price_kinds = 2;  // by size, and those of the relaxation

template <int words>
using Bits = std::array<std::uint64_t, words>;

template <int words>
struct Pattern {
  Bits<words> needs;  // for each of its types the position of the last item that it takes
  // What its worth falls short of the most, by both prices. By size that is the height that it leaves unused.
  std::array<Size, price_kinds> short_of;
  [[nodiscard]] Size room() const { return short_of[0]; }
};

template <int words>
struct Patterns {
  std::vector<Size> size;                         // [types] descending, above 0
  std::vector<int> first;                         // [types + 1] the position of the first item of each type
  std::vector<int> type_of;                       // [positions]
  std::array<Size, price_kinds> slack{};          // what all bins may fall short
  std::vector<std::vector<Pattern<words>>> list;  // [types] by the first, largest type in it
  std::size_t count = 0;
};

// Sizes above 0 in descending order, at most 64 * words of them. Nothing where there are more patterns than `most`, or
// where the effort ended first. Items of the same size must have the same worth in `prices`.
template <int words>
std::optional<Patterns<words>> list_patterns(std::span<const Size> sizes, int bins, Size height, const Prices& prices,
                                             std::size_t most, Effort& effort);

extern template std::optional<Patterns<1>> list_patterns(std::span<const Size>, int, Size, const Prices&, std::size_t,
                                                         Effort&);
extern template std::optional<Patterns<4>> list_patterns(std::span<const Size>, int, Size, const Prices&, std::size_t,
                                                         Effort&);

}  // namespace plimsoll::solvers::packing
