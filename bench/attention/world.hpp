// Caches of random keys and the queries to them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/attention/bench.hpp"
#include "executor/attention/sequence.hpp"
#include "support/random.hpp"

namespace plimsoll::bench {

// Clustered: runs of 512 to 4,095 keys around a centre of their own (a topic), centres with deviation 1 and keys about
// them with deviation 0.1 (tight) or 0.25. Queries are independent of the keys, or (topical) near the centre of some
// run, another one for each group. Outlier channels: every 32nd dimension has mean 30 and deviation 10.
enum class Keys { random, tight, clustered, topical, outlier_channels };
constexpr const char* key_names[] = {"random", "clustered 0.1", "clustered 0.25", "clustered 0.25, topical queries",
                                     "outlier channels"};

// Numbers whose distribution is near enough to normal and that cost little.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : random_(seed, 1) {}
  float next() {
    const std::uint64_t bits = random_.next();
    int sum = 0;
    for (int k = 0; k < 4; ++k) sum += static_cast<int>((bits >> (16 * k)) & 0xffffU);
    return (static_cast<float>(sum) - 131070.0F) * (1.0F / 37837.0F);
  }
  void fill(std::vector<float>& to) {
    for (float& number : to) number = next();
  }

 private:
  support::Random random_;
};

// A cache of so many random keys.
struct World {
  executor::AttentionShape shape;
  executor::BlockPool pool;
  executor::Sequence sequence;
  float scale;
  Numbers numbers{7};
  bool topical;
  std::vector<float> centres;
  support::Random random{11, 3};

  World(Bench& bench, const executor::AttentionShape& of, int keys, Keys kind, bool quantised);

  [[nodiscard]] std::vector<float> queries(int count) const {
    return std::vector<float>(static_cast<std::size_t>(count * shape.query_heads * shape.head_size));
  }
  [[nodiscard]] std::vector<float> index_queries(int count) const {
    return std::vector<float>(static_cast<std::size_t>(count * shape.groups * shape.index_size));
  }
  void fill_index_queries(std::vector<float>& to);
  [[nodiscard]] std::vector<executor::QueryRun> last(int count) const {
    return {{&sequence, 0, count, sequence.length() - count}};
  }
  [[nodiscard]] double dense_flops(double keys) const { return 4.0 * shape.query_heads * shape.head_size * keys; }
  [[nodiscard]] double key_bytes() const { return 4.0 * shape.groups * shape.head_size; }  // and values, bf16
};

}  // namespace plimsoll::bench
