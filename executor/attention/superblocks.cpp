#include "executor/attention/superblocks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "executor/attention/block_pool.hpp"
#include "executor/attention/layout.hpp"
#include "executor/attention/score_slack.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::executor {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
// What is rounded in f32 becomes an upper bound with it: a handful of roundings in numbers of one sign.
constexpr float up = 1.0F + 0x1p-16F;

struct Extent {
  float radius;
  float reach;
};

// Fills centre and half.
Extent enclose(std::span<const float> keys, std::size_t size, float* centre, float* half) {
  std::vector<float> low(size, infinite);
  std::vector<float> high(size, -infinite);
  bool finite = true;
  for (std::size_t at = 0; at < keys.size(); at += size) {
    for (std::size_t d = 0; d < size; ++d) {
      const float number = keys[at + d];
      finite = finite && std::isfinite(number);
      low[d] = std::min(low[d], number);
      high[d] = std::max(high[d], number);
    }
  }
  if (!finite) return {infinite, infinite};
  double reach = 0;
  for (std::size_t d = 0; d < size; ++d) {
    centre[d] = 0.5F * low[d] + 0.5F * high[d];
    half[d] = std::max(high[d] - centre[d], centre[d] - low[d]) * up;
    const double largest = std::max(std::fabs(low[d]), std::fabs(high[d])) + static_cast<double>(half[d]) * 0x1p-15;
    reach += largest * largest;
  }
  double radius = 0;
  for (std::size_t at = 0; at < keys.size(); at += size) {
    double sum = 0;
    for (std::size_t d = 0; d < size; ++d) {
      if (half[d] <= 0) continue;
      const double share =
          (static_cast<double>(keys[at + d]) - static_cast<double>(centre[d])) / static_cast<double>(half[d]);
      sum += share * share;
    }
    radius = std::max(radius, sum);
  }
  return {static_cast<float>(std::sqrt(radius)) * up, static_cast<float>(std::sqrt(reach)) * up};
}

}  // namespace

void Superblocks::extend(const BlockPool& pool, std::span<const std::int32_t> table, int complete, Team& team) {
  const AttentionShape& shape = pool.shape();
  const int first = count();
  const int end = complete / blocks;
  if (end <= first) return;
  const auto size = static_cast<std::size_t>(size_);
  boxes_.resize(static_cast<std::size_t>(end) * 2 * size);
  radius_.resize(static_cast<std::size_t>(end));
  reach_.resize(static_cast<std::size_t>(end));
  team.run(end - first, [&](int chunk, int) {
    const auto number = static_cast<std::size_t>(first + chunk);
    std::vector<float> keys(static_cast<std::size_t>(blocks) * block_keys * size);
    for (std::size_t j = 0; j < static_cast<std::size_t>(blocks) * block_keys; ++j) {
      const std::byte* panels = pool.index_keys(table[number * blocks + j / block_keys]);
      read_key(shape.type, size_, static_cast<int>(j % block_keys), panels, &keys[j * size]);
    }
    float* box = &boxes_[number * 2 * size];
    const Extent bound = enclose(keys, size, box, box + size);
    radius_[number] = bound.radius;
    reach_[number] = bound.reach;
  });
}

BoxSums box_sums_portable(const float* query, const float* box, int size) {
  BoxSums sums{0, 0, 0};
  for (int d = 0; d < size; ++d) {
    const float extent = std::fabs(query[d]) * box[size + d];
    sums.middle += query[d] * box[d];
    sums.box += extent;
    sums.squares += extent * extent;
  }
  return sums;
}

Superblocks::Bound Superblocks::bound(Isa isa, int superblock, const float* query, float query_norm) const {
  const auto number = static_cast<std::size_t>(superblock);
  if (!(radius_[number] < infinite)) return {infinite, infinite};
  const float* box = &boxes_[number * 2 * static_cast<std::size_t>(size_)];
  const BoxSums sums = isa == Isa::portable ? box_sums_portable(query, box, size_) : box_sums_avx2(query, box, size_);
  const float extent = std::min(sums.box, radius_[number] * std::sqrt(sums.squares)) * (1.0F + 0x1p-13F);
  const float upper = sums.middle + extent + score_slack(size_, query_norm, reach_[number]);
  if (!(upper == upper)) return {infinite, infinite};  // a query that is not finite
  return {upper, sums.middle == sums.middle ? sums.middle : infinite};
}

}  // namespace plimsoll::executor
