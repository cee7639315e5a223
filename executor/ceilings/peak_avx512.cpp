#include <immintrin.h>

#include "executor/ceilings/peak.hpp"
#include "executor/ceilings/peak_streams.hpp"

namespace plimsoll::executor {
namespace {

struct Wide {
  typedef std::uint64_t Vector __attribute__((vector_size(64), may_alias));
};

// Two units with a latency of 4 to 6 need 12; 32 registers hold 20 and the operands.
constexpr int accumulators = 20;

double accumulate_f64(std::int64_t rounds) {
  volatile double source = 0.75;  // unknown to the compiler; x a + b stays near b / (1 - a)
  const __m512d a = _mm512_set1_pd(source);
  __m512d sums[accumulators];
  for (auto& sum : sums) sum = _mm512_setzero_pd();
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
    for (int index = 0; index < accumulators; ++index) sums[index] = _mm512_fmadd_pd(sums[index], a, a);
  }
  for (int index = 1; index < accumulators; ++index) sums[0] = _mm512_add_pd(sums[0], sums[index]);
  return sums[0][0];
}

double accumulate_f32(std::int64_t rounds) {
  volatile float source = 0.75F;
  const __m512 a = _mm512_set1_ps(source);
  __m512 sums[accumulators];
  for (auto& sum : sums) sum = _mm512_setzero_ps();
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
    for (int index = 0; index < accumulators; ++index) sums[index] = _mm512_fmadd_ps(sums[index], a, a);
  }
  for (int index = 1; index < accumulators; ++index) sums[0] = _mm512_add_ps(sums[0], sums[index]);
  return static_cast<double>(sums[0][0]);
}

double accumulate_bf16(std::int64_t rounds) {
  volatile float source = 0.75F;
  const __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(source), _mm512_set1_ps(source));
  __m512 sums[accumulators];
  for (auto& sum : sums) sum = _mm512_setzero_ps();
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
    for (int index = 0; index < accumulators; ++index) sums[index] = _mm512_dpbf16_ps(sums[index], a, a);
  }
  for (int index = 1; index < accumulators; ++index) sums[0] = _mm512_add_ps(sums[0], sums[index]);
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
    for (std::size_t part = at; part < at + 256; part += sizeof(__m512i)) {
      _mm512_stream_si512(reinterpret_cast<__m512i*>(to + part),
                          _mm512_load_si512(reinterpret_cast<const __m512i*>(from + part)));
    }
  }
  _mm_sfence();
}

constexpr Copying copyings[] = {{"past the caches", copy_past<0>},
                                {"past the caches, 512 bytes ahead", copy_past<512>},
                                {"past the caches, 2 KiB ahead", copy_past<2048>},
                                {"past the caches, 4 KiB ahead", copy_past<4096>}};
constexpr Peak peak{{accumulate_f64, 2.0 * 8 * accumulators},
                    {accumulate_f32, 2.0 * 16 * accumulators},
                    {accumulate_bf16, 2.0 * 32 * accumulators},
                    readings_of<Wide>,
                    reading_count<Wide>,
                    copyings,
                    4};

}  // namespace

const Peak& peak_avx512() { return peak; }

}  // namespace plimsoll::executor
