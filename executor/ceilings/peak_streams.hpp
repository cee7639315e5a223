// Reading in the forms of which one is the fastest on a given memory: how many places at once, how far ahead to fetch.
// Included by the peak_*.cpp alone, with vectors of their own width; everything is local to the file that includes it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "executor/ceilings/peak.hpp"

namespace plimsoll::executor {
namespace {

// Kind::Vector is a vector of 64-bit numbers. The block is read at `places` places in turn, `step` bytes at each, and
// lines are asked for `ahead` bytes (0: never) before they are read.
template <class Kind, int places, int step, int ahead>
std::uint64_t read_stream(const std::byte* from, std::size_t bytes) {
  using Vector = typename Kind::Vector;
  static_assert(stream_grain % (places * step) == 0);
  constexpr int vectors = step / static_cast<int>(sizeof(Vector));
  constexpr int sums_count = places * vectors > 8 ? 8 : places * vectors;
  const std::size_t part = bytes / places;
  Vector sums[sums_count] = {};
  for (std::size_t at = 0; at < part; at += step) {
#pragma GCC unroll 16
    for (int place = 0; place < places; ++place) {
      const std::byte* const line = from + static_cast<std::size_t>(place) * part + at;
      if constexpr (ahead > 0) {
#pragma GCC unroll 4
        for (std::size_t next = 0; next < static_cast<std::size_t>(step); next += 64)
          __builtin_prefetch(line + next + ahead);
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

// On the memories tried (Zen 3 behind a hypervisor) two to eight places without fetching ahead are the fastest, within
// a tenth of each other; one place with it is for processors whose own prefetchers are lazier.
template <class Kind>
constexpr Reading readings_of[] = {
    {"1 place", read_stream<Kind, 1, 256, 0>},
    {"1 place, 512 bytes ahead", read_stream<Kind, 1, 256, 512>},
    {"1 place, 2 KiB ahead", read_stream<Kind, 1, 256, 2048>},
    {"2 places", read_stream<Kind, 2, 128, 0>},
    {"2 places, 1 KiB ahead", read_stream<Kind, 2, 128, 1024>},
    {"4 places, line by line", read_stream<Kind, 4, 64, 0>},
    {"4 places", read_stream<Kind, 4, 128, 0>},
    {"4 places, 512 bytes ahead", read_stream<Kind, 4, 128, 512>},
    {"8 places, line by line", read_stream<Kind, 8, 64, 0>},
    {"8 places", read_stream<Kind, 8, 128, 0>},
    {"8 places, 256 bytes ahead", read_stream<Kind, 8, 128, 256>},
    {"16 places", read_stream<Kind, 16, 128, 0>},
};
template <class Kind>
constexpr int reading_count = sizeof(readings_of<Kind>) / sizeof(Reading);

}  // namespace
}  // namespace plimsoll::executor
