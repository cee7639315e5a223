// Reading in the forms of which one is the fastest on a given memory: how many places at once, how far ahead to fetch.
// Included by the peak_*.cpp alone, with vectors of their own width; everything is local to the file that includes it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "executor/ceilings/peak.hpp"

namespace plimsoll::executor {
namespace {

// Kind::Vector is a vector of 64-bit numbers. The block is read at `places` places at once, each `ahead` bytes (0:
// none) before the processor would by itself.
template <class Kind, int places, int ahead>
std::uint64_t read_stream(const std::byte* from, std::size_t bytes) {
  using Vector = typename Kind::Vector;
  constexpr std::size_t step = 256 / (places > 2 ? 2 : 1);  // at each place
  constexpr int vectors = static_cast<int>(step / sizeof(Vector));
  constexpr int sums_count = places * vectors > 8 ? 8 : places * vectors;
  const std::size_t part = bytes / places;
  Vector sums[sums_count] = {};
  for (std::size_t at = 0; at < part; at += step) {
#pragma GCC unroll 8
    for (int place = 0; place < places; ++place) {
      const std::byte* const line = from + static_cast<std::size_t>(place) * part + at;
      if constexpr (ahead > 0) {
#pragma GCC unroll 4
        for (std::size_t next = 0; next < step; next += 64) __builtin_prefetch(line + next + ahead);
      }
#pragma GCC unroll 16
      for (int vector = 0; vector < vectors; ++vector) {
        sums[(place * vectors + vector) % sums_count] ^= reinterpret_cast<const Vector*>(line)[vector];
      }
    }
  }
  std::uint64_t folded = 0;
  for (const Vector& sum : sums) {
    for (std::size_t lane = 0; lane < sizeof(Vector) / sizeof(std::uint64_t); ++lane) folded ^= sum[lane];
  }
  return folded;
}

template <class Kind>
constexpr Reading readings_of[] = {
    {"1 place", read_stream<Kind, 1, 0>},
    {"1 place, 512 bytes ahead", read_stream<Kind, 1, 512>},
    {"1 place, 1 KiB ahead", read_stream<Kind, 1, 1024>},
    {"1 place, 2 KiB ahead", read_stream<Kind, 1, 2048>},
    {"1 place, 4 KiB ahead", read_stream<Kind, 1, 4096>},
    {"1 place, 8 KiB ahead", read_stream<Kind, 1, 8192>},
    {"2 places", read_stream<Kind, 2, 0>},
    {"2 places, 1 KiB ahead", read_stream<Kind, 2, 1024>},
    {"2 places, 4 KiB ahead", read_stream<Kind, 2, 4096>},
    {"4 places", read_stream<Kind, 4, 0>},
    {"4 places, 1 KiB ahead", read_stream<Kind, 4, 1024>},
    {"4 places, 2 KiB ahead", read_stream<Kind, 4, 2048>},
    {"8 places", read_stream<Kind, 8, 0>},
    {"8 places, 1 KiB ahead", read_stream<Kind, 8, 1024>},
};
template <class Kind>
constexpr int reading_count = sizeof(readings_of<Kind>) / sizeof(Reading);

}  // namespace
}  // namespace plimsoll::executor
