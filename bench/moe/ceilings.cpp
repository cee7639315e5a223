#include "bench/moe/ceilings.hpp"

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "executor/telemetry/clock.hpp"

namespace plimsoll::bench {
namespace {

using executor::Isa;

// Where sums go, so that no compiler drops them.
std::atomic<float> sink{0};

__attribute__((target("avx2"))) void read_avx2(const std::byte* at, std::size_t bytes) {
  __m256i sum[4] = {};
  for (std::size_t i = 0; i < bytes; i += 128) {
    _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(at) + i + 4096), _MM_HINT_T0);
    _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(at) + i + 4160), _MM_HINT_T0);
    const auto* vectors = reinterpret_cast<const __m256i*>(at + i);
    for (int v = 0; v < 4; ++v) sum[v] = _mm256_xor_si256(sum[v], _mm256_load_si256(vectors + v));
  }
  const __m256i all = _mm256_xor_si256(_mm256_xor_si256(sum[0], sum[1]), _mm256_xor_si256(sum[2], sum[3]));
  sink = static_cast<float>(_mm256_extract_epi32(all, 0));
}

constexpr int steps = 1 << 22;

__attribute__((target("avx2,fma"))) double fma_avx2() {
  __m256 sum[12];
  for (int i = 0; i < 12; ++i) sum[i] = _mm256_set1_ps(static_cast<float>(i));
  const __m256 a = _mm256_set1_ps(0.9999F + 0 * sink);
  const __m256 b = _mm256_set1_ps(1e-6F);
  for (int n = 0; n < steps; ++n) {
    for (__m256& one : sum) {
      one = _mm256_fmadd_ps(one, a, b);
      asm volatile("" : "+x"(one));
    }
  }
  for (int i = 1; i < 12; ++i) sum[0] = _mm256_add_ps(sum[0], sum[i]);
  sink = _mm256_cvtss_f32(sum[0]);
  return 12.0 * 16 * steps;
}

__attribute__((target("avx512f"))) double fma_avx512() {
  __m512 sum[16];
  for (int i = 0; i < 16; ++i) sum[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512 a = _mm512_set1_ps(0.9999F + 0 * sink);
  const __m512 b = _mm512_set1_ps(1e-6F);
  for (int n = 0; n < steps; ++n) {
    for (__m512& one : sum) {
      one = _mm512_fmadd_ps(one, a, b);
      asm volatile("" : "+v"(one));
    }
  }
  for (int i = 1; i < 16; ++i) sum[0] = _mm512_add_ps(sum[0], sum[i]);
  sink = _mm512_cvtss_f32(sum[0]);
  return 16.0 * 32 * steps;
}

__attribute__((target("avx512f,avx512bf16"))) double dot_avx512() {
  __m512 sum[16];
  for (int i = 0; i < 16; ++i) sum[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512i pairs = _mm512_set1_epi32(0x3c003c00 + static_cast<int>(0 * sink));
  for (int n = 0; n < steps; ++n) {
    for (__m512& one : sum) {
      one = _mm512_dpbf16_ps(one, (__m512bh)pairs, (__m512bh)pairs);
      asm volatile("" : "+v"(one));
    }
  }
  for (int i = 1; i < 16; ++i) sum[0] = _mm512_add_ps(sum[0], sum[i]);
  sink = _mm512_cvtss_f32(sum[0]);
  return 16.0 * 64 * steps;
}

// Best of repeats; work(chunk) returns what it did.
template <class Work>
double best_rate(int repeats, int chunks, executor::Team& team, Work&& work) {
  double best = 0;
  for (int n = 0; n < repeats; ++n) {
    std::atomic<double> done = 0;
    const auto begin = executor::now_ns();
    team.run(chunks, [&](int chunk, int) { done += work(chunk); });
    best = std::max(best, done / (1e-9 * static_cast<double>(executor::now_ns() - begin)));
  }
  return best;
}

}  // namespace

double read_stream(std::span<const std::byte> bytes, int repeats, executor::Team& team) {
  constexpr std::size_t chunk_bytes = std::size_t{1} << 20U;
  return best_rate(repeats, static_cast<int>(bytes.size() / chunk_bytes), team, [&](int chunk) {
    read_avx2(bytes.data() + static_cast<std::size_t>(chunk) * chunk_bytes, chunk_bytes);
    return static_cast<double>(chunk_bytes);
  });
}

double f32_peak(Isa isa, int repeats, executor::Team& team) {
  return best_rate(repeats, team.size(), team,
                   [&](int) { return isa == Isa::avx512_bf16 ? fma_avx512() : fma_avx2(); });
}

double bf16_peak(Isa isa, int repeats, executor::Team& team) {
  return best_rate(repeats, team.size(), team,
                   [&](int) { return isa == Isa::avx512_bf16 ? dot_avx512() : fma_avx2(); });
}

}  // namespace plimsoll::bench
