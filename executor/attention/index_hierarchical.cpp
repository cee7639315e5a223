// In rounds: the superblocks whose centres score best are scored in 8 bits, which gives each group a score that its
// k-th block reaches; superblocks whose bounds all lie below are out; of the others the best are scored next, twice as
// many each time. By centres, as the largest bounds are those of superblocks that mix unlike keys, which say little.
// Rounds, so that threads share each of them out.
#include <algorithm>
#include <limits>
#include <vector>

#include "executor/attention/index_forms.hpp"
#include "executor/attention/quantised_keys.hpp"
#include "executor/attention/top_k.hpp"

namespace plimsoll::executor {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr int bounds_at_a_time = 64;
constexpr std::size_t patience = 128;

struct Search {
  const IndexBranch& branch;
  const QueryRanking& ranking;
  float* lower;
  float* upper;
  std::ptrdiff_t stride;
  const ForEach& each;
  std::vector<float> bounds = {};   // [group][superblock]
  std::vector<float> centres = {};  // likewise, the scores of the centres
  int superblocks = 0;
  std::int64_t scored = 0;

  [[nodiscard]] float bound(int group, int superblock) const {
    return bounds[static_cast<std::size_t>(group * superblocks + superblock)];
  }

  void find_bounds() {
    const Superblocks& of = ranking.sequence().superblocks();
    superblocks = std::min(of.count(), ranking.local() / Superblocks::blocks);
    bounds.resize(static_cast<std::size_t>(ranking.groups() * superblocks));
    centres.resize(bounds.size());
    each((superblocks + bounds_at_a_time - 1) / bounds_at_a_time, [&](int item) {
      const int end = std::min(superblocks, (item + 1) * bounds_at_a_time);
      for (int s = item * bounds_at_a_time; s < end; ++s) {
        for (int group = 0; group < ranking.groups(); ++group) {
          const auto at = static_cast<std::size_t>(group * superblocks + s);
          const Superblocks::Bound found = of.bound(branch.isa, s, ranking.numbers(group), ranking.norms()[group]);
          bounds[at] = found.upper;
          centres[at] = found.centre;
        }
      }
    });
  }

  // The blocks of these superblocks; number `superblocks` stands for the blocks behind the last one.
  void score(const std::vector<std::int32_t>& chosen) {
    const QuantisedBounds kernel = quantised_bounds(branch.isa);
    const Sequence& sequence = ranking.sequence();
    each(static_cast<int>(chosen.size()), [&](int item) {
      const int first = chosen[static_cast<std::size_t>(item)] * Superblocks::blocks;
      const int end = std::min(first + Superblocks::blocks, ranking.local());
      for (int block = first; block < end; ++block) {
        const std::byte* keys = sequence.pool().quantised_keys(sequence.blocks()[static_cast<std::size_t>(block)]);
        kernel(ranking.numbers(0), ranking.norms(), ranking.groups(), branch.shape.index_size, keys, lower + block,
               upper + block, stride, nullptr);
      }
    });
    for (const std::int32_t s : chosen) {
      scored += std::clamp(ranking.local() - s * Superblocks::blocks, 0, Superblocks::blocks);
    }
  }

  // What the k-th best block of each group reaches. One value for all groups where they share a selection.
  [[nodiscard]] std::vector<float> reached() const {
    std::vector<Ranked> best(static_cast<std::size_t>(ranking.kept()));
    std::vector<float> result(static_cast<std::size_t>(ranking.groups()), -infinite);
    for (int group = 0; group < ranking.groups(); ++group) {
      (void)top_k({lower + group * stride, static_cast<std::size_t>(ranking.local())}, best);
      result[static_cast<std::size_t>(group)] = best.back().score;
    }
    if (branch.selection.per_group) return result;
    // k blocks of any one group reach its value, hence so do the joint scores of k blocks.
    std::fill(result.begin(), result.end(), *std::max_element(result.begin(), result.end()));
    return result;
  }
};

}  // namespace

void select_hierarchically(const IndexBranch& branch, const QueryRanking& ranking, float* lower, float* upper,
                           std::ptrdiff_t stride, const ForEach& each, std::int32_t* selected, IndexTraffic& traffic) {
  const int groups = ranking.groups();
  for (int group = 0; group < groups; ++group) {
    std::fill_n(lower + group * stride, ranking.local(), -infinite);
    std::fill_n(upper + group * stride, ranking.local(), -infinite);
  }
  if (ranking.kept() == 0) {
    ranking.select_by_bounds(lower, upper, stride, selected, traffic);
    return;
  }
  Search search{branch, ranking, lower, upper, stride, each};
  search.find_bounds();
  const int count = search.superblocks;
  std::vector<char> done(static_cast<std::size_t>(count), 0);
  std::vector<std::int32_t> chosen;
  const auto choose = [&](std::int32_t s) {
    if (done[static_cast<std::size_t>(s)] != 0) return;
    done[static_cast<std::size_t>(s)] = 1;
    chosen.push_back(s);
  };

  std::vector<Ranked> best(static_cast<std::size_t>(ranking.kept() / Superblocks::blocks + 1));
  for (int group = 0; group < groups; ++group) {
    const std::size_t from = static_cast<std::size_t>(group) * static_cast<std::size_t>(count);
    const int found =
        top_k(std::span<const float>(search.centres).subspan(from, static_cast<std::size_t>(count)), best);
    for (int k = 0; k < found; ++k) choose(best[static_cast<std::size_t>(k)].index);
  }
  chosen.push_back(count);
  std::vector<Ranked> left;
  for (std::size_t most = 8;; most *= 2) {
    search.score(chosen);
    chosen.clear();
    const std::vector<float> reached = search.reached();
    left.clear();
    for (int s = 0; s < count; ++s) {
      if (done[static_cast<std::size_t>(s)] != 0) continue;
      bool survives = false;
      float margin = -infinite;
      for (int group = 0; group < groups; ++group) {
        const float bound = search.bound(group, s);
        const float goal = reached[static_cast<std::size_t>(group)];
        if (bound < goal) continue;
        survives = true;
        const float centre = search.centres[static_cast<std::size_t>(group * count + s)];
        margin = std::max(margin, goal == -infinite ? infinite : centre - goal);
      }
      if (survives) left.push_back({margin, s});
    }
    if (left.empty()) break;
    // Where the bounds tell little apart after some rounds, more of them only cost.
    const bool all = left.size() <= most || (most >= patience && left.size() * 4 > static_cast<std::size_t>(count) * 3);
    if (!all) {
      std::nth_element(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(most), left.end(),
                       [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
      left.resize(most);
    }
    for (const Ranked& one : left) choose(one.index);
    std::sort(chosen.begin(), chosen.end());
  }
  traffic.bound_bytes += static_cast<std::int64_t>(count) * ranking.sequence().superblocks().bytes_each();
  traffic.quantised_bytes += search.scored * static_cast<std::int64_t>(quantised_block_bytes(branch.shape.index_size));
  std::vector<IndexTraffic> read(static_cast<std::size_t>(ranking.lists()));
  each(ranking.lists(), [&](int list) {
    ranking.select_by_bounds(list, lower, upper, stride, selected, read[static_cast<std::size_t>(list)]);
  });
  for (const IndexTraffic& one : read) {
    traffic.exact_bytes += one.exact_bytes;
    traffic.rescored += one.rescored;
  }
}

}  // namespace plimsoll::executor
