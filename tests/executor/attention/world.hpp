// Small random worlds for the tests of attention: numbers, the sequence that holds them, and their f64 reference.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "executor/attention/block_walk.hpp"
#include "executor/attention/reference.hpp"
#include "executor/attention/sequence.hpp"
#include "executor/kernels/bfloat16.hpp"
#include "executor/kernels/isa.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {

inline std::vector<float> normal_numbers(std::size_t count, std::uint64_t seed, NumberType type) {
  support::Random random(seed, 0);
  std::vector<float> numbers(count);
  for (float& number : numbers) {
    number = static_cast<float>(random.normal());
    if (type == NumberType::bf16) number = to_float(to_bfloat16(number));
  }
  return numbers;
}

inline Team team_of(int threads) {
  const std::vector<int> cores(static_cast<std::size_t>(threads), -1);
  return Team(cores);
}

inline std::vector<Isa> available_isas() {
  std::vector<Isa> result;
  for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512_bf16}) {
    if (has_isa(isa)) result.push_back(isa);
  }
  return result;
}

struct World {
  AttentionShape shape;
  int tokens;
  float scale;
  std::vector<float> keys, values, index_keys, queries, index_queries;
  std::unique_ptr<BlockPool> pool;
  std::unique_ptr<Sequence> sequence;

  World(const AttentionShape& of, int count, std::uint64_t seed, bool quantised = false)
      : shape(of), tokens(count), scale(1.0F / std::sqrt(static_cast<float>(of.head_size))) {
    const auto n = static_cast<std::size_t>(count);
    const auto size = static_cast<std::size_t>(of.head_size);
    const auto index = static_cast<std::size_t>(of.index_size);
    const auto groups = static_cast<std::size_t>(of.groups);
    keys = normal_numbers(n * groups * size, seed, of.type);
    values = normal_numbers(n * groups * size, seed + 1, of.type);
    index_keys = normal_numbers(n * index, seed + 2, of.type);
    queries = normal_numbers(n * static_cast<std::size_t>(of.query_heads) * size, seed + 3, of.type);
    index_queries = normal_numbers(n * groups * index, seed + 4, of.type);
    pool = std::make_unique<BlockPool>(of, count / block_keys + 4, quantised);
  }

  // Call once the numbers are as the test wants them.
  void fill(int threads = 2) {
    Team team = team_of(threads);
    sequence = std::make_unique<Sequence>(*pool);
    sequence->append(tokens, keys.data(), values.data(), index_keys.data(), team);
  }

  [[nodiscard]] ReferenceInput reference() const {
    return {shape, static_cast<double>(scale), keys.data(), values.data(), index_keys.data()};
  }
  [[nodiscard]] const float* query(int token, int head) const {
    return &queries[(static_cast<std::size_t>(token) * static_cast<std::size_t>(shape.query_heads) +
                     static_cast<std::size_t>(head)) *
                    static_cast<std::size_t>(shape.head_size)];
  }
  [[nodiscard]] std::size_t outputs() const { return queries.size(); }
  [[nodiscard]] QueryRun run(int first, int count) const { return {sequence.get(), first, count, first}; }
};

// |a - b| <= tolerance, or both NaN.
inline void expect_close(double expected, double actual, double tolerance, int token, int head) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(actual)) << "token " << token << " head " << head << ": " << actual;
    return;
  }
  EXPECT_NEAR(expected, actual, tolerance) << "token " << token << " head " << head;
}

// bf16 dot products round the weights to bf16.
inline double tolerance_of(Isa isa, NumberType type) {
  return isa == Isa::avx512_bf16 && type == NumberType::bf16 ? 2e-2 : 2e-5;
}

}  // namespace plimsoll::executor
