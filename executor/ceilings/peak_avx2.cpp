#include <immintrin.h>

#include "executor/ceilings/peak.hpp"
#include "executor/ceilings/peak_streams.hpp"

namespace plimsoll::executor {
namespace {

struct Wide {
  typedef std::uint64_t Vector __attribute__((vector_size(32), may_alias));
};

// Two units with a latency of 4 or 5 need 10; 16 registers hold 12 and the operands.
constexpr int accumulators = 12;

double accumulate_f64(std::int64_t rounds) {
  volatile double source = 0.75;  // unknown to the compiler; x a + b stays near b / (1 - a)
  const __m256d a = _mm256_set1_pd(source);
  __m256d sums[accumulators];
  for (auto& sum : sums) sum = _mm256_setzero_pd();
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
    for (int index = 0; index < accumulators; ++index) sums[index] = _mm256_fmadd_pd(sums[index], a, a);
  }
  for (int index = 1; index < accumulators; ++index) sums[0] = _mm256_add_pd(sums[0], sums[index]);
  return sums[0][0];
}

double accumulate_f32(std::int64_t rounds) {
  volatile float source = 0.75F;
  const __m256 a = _mm256_set1_ps(source);
  __m256 sums[accumulators];
  for (auto& sum : sums) sum = _mm256_setzero_ps();
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
    for (int index = 0; index < accumulators; ++index) sums[index] = _mm256_fmadd_ps(sums[index], a, a);
  }
  for (int index = 1; index < accumulators; ++index) sums[0] = _mm256_add_ps(sums[0], sums[index]);
  return static_cast<double>(sums[0][0]);
}

// Past the caches: the lines written are not read before.
template <int ahead>
void copy_past(std::byte* to, const std::byte* from, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += 256) {
    if constexpr (ahead > 0) {
#pragma GCC unroll 4
      for (std::size_t line = 0; line < 256; line += 64) __builtin_prefetch(from + at + line + ahead);
    }
#pragma GCC unroll 8
    for (std::size_t part = at; part < at + 256; part += sizeof(__m256i)) {
      _mm256_stream_si256(reinterpret_cast<__m256i*>(to + part),
                          _mm256_load_si256(reinterpret_cast<const __m256i*>(from + part)));
    }
  }
  _mm_sfence();
}

constexpr Copying copyings[] = {{"past the caches", copy_past<0>},
                                {"past the caches, 512 bytes ahead", copy_past<512>},
                                {"past the caches, 2 KiB ahead", copy_past<2048>},
                                {"past the caches, 4 KiB ahead", copy_past<4096>}};
constexpr Peak peak{{accumulate_f64, 2.0 * 4 * accumulators},
                    {accumulate_f32, 2.0 * 8 * accumulators},
                    {nullptr, 0},
                    readings_of<Wide>,
                    reading_count<Wide>,
                    copyings,
                    4};

}  // namespace

const Peak& peak_avx2() { return peak; }

}  // namespace plimsoll::executor
