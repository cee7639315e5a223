#include "executor/attention/index_rows.hpp"

#include <limits>
#include <vector>

#include "executor/attention/top_k.hpp"

namespace plimsoll::executor {
namespace {

constexpr float nothing = -std::numeric_limits<float>::infinity();

// One row of the largest over all groups, in place of the first.
void join_groups(float* scores, std::ptrdiff_t stride, int groups, int count) {
  for (int group = 1; group < groups; ++group) {
    for (int block = 0; block < count; ++block) scores[block] = std::max(scores[block], scores[group * stride + block]);
  }
}

}  // namespace

void QueryRanking::write(std::int32_t* selected, int group, std::span<const std::int32_t> chosen) const {
  const auto slots = static_cast<std::size_t>(selection_slots(branch_.selection));
  const bool all = !branch_.selection.per_group;
  for (int g = all ? 0 : group; g < (all ? groups() : group + 1); ++g) {
    const std::span<std::int32_t> list(selected + number(g) * slots, slots);
    std::copy(chosen.begin(), chosen.end(), list.begin());
    std::size_t end = chosen.size();
    list[end++] = local_;
    std::sort(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(end));
    std::fill(list.begin() + static_cast<std::ptrdiff_t>(end), list.end(), -1);
  }
}

void QueryRanking::select_by_scores(float* scores, std::ptrdiff_t stride, std::int32_t* selected) const {
  if (!branch_.selection.per_group) join_groups(scores, stride, groups(), local_);
  thread_local std::vector<Ranked> best;
  thread_local std::vector<std::int32_t> chosen;
  best.resize(static_cast<std::size_t>(kept()));
  for (int group = 0; group < (branch_.selection.per_group ? groups() : 1); ++group) {
    chosen.clear();
    const int found = top_k({scores + group * stride, static_cast<std::size_t>(local_)}, best);
    for (int k = 0; k < found; ++k) chosen.push_back(best[static_cast<std::size_t>(k)].index);
    write(selected, group, chosen);
  }
}

float QueryRanking::exact_score(int group, int block) const {
  const bool all = !branch_.selection.per_group;
  const int size = branch_.shape.index_size;
  const std::byte* keys = sequence_.pool().index_keys(sequence_.blocks()[static_cast<std::size_t>(block)]);
  float score = nothing;
  for (int g = all ? 0 : group; g < (all ? groups() : group + 1); ++g) {
    float one;
    kernels_.block_maxima(operand(g), size, 1, size, keys, &one, 1, nullptr);
    score = std::max(score, one);
  }
  return score;
}

// A block is certainly kept if its lower bound exceeds all upper bounds but the k largest, and certainly not if its
// upper bound is below the k-th largest lower one. Between them the exact scores decide, as they would among all.
void QueryRanking::decide(int group, const float* lower, const float* upper, std::int32_t* selected,
                          IndexTraffic& traffic) const {
  const auto count = static_cast<std::size_t>(local_);
  const auto keep = static_cast<std::size_t>(kept());
  thread_local std::vector<Ranked> best;
  thread_local std::vector<std::int32_t> chosen;
  thread_local std::vector<std::int32_t> undecided;
  thread_local std::vector<float> scores;
  chosen.clear();
  if (keep == 0) {
    write(selected, group, chosen);
    return;
  }
  best.resize(keep + 1);
  // All blocks are kept where there is no (k + 1)-th; what is out has an upper bound of -inf, and so has what is last.
  const bool others = top_k({upper, count}, best) > static_cast<int>(keep);
  const float first_out = others ? best[keep].score : nothing;
  best.resize(keep);
  (void)top_k({lower, count}, best);
  const float last_in = best.back().score;
  undecided.clear();
  scores.clear();
  for (std::size_t block = 0; block < count; ++block) {
    if (!others || lower[block] > first_out) {
      chosen.push_back(static_cast<std::int32_t>(block));
    } else if (upper[block] >= last_in) {
      undecided.push_back(static_cast<std::int32_t>(block));
    }
  }
  const std::size_t missing = keep - chosen.size();
  if (undecided.size() > missing) {
    for (const std::int32_t block : undecided) scores.push_back(exact_score(group, block));
    traffic.rescored += static_cast<std::int64_t>(undecided.size());
    traffic.exact_bytes +=
        static_cast<std::int64_t>(undecided.size() * panels_bytes(branch_.shape.type, branch_.shape.index_size));
    best.resize(missing);
    (void)top_k(scores, best);
    for (const Ranked& one : best) chosen.push_back(undecided[static_cast<std::size_t>(one.index)]);
  } else {
    chosen.insert(chosen.end(), undecided.begin(), undecided.end());
  }
  write(selected, group, chosen);
}

void QueryRanking::select_by_bounds(int list, float* lower, float* upper, std::ptrdiff_t stride, std::int32_t* selected,
                                    IndexTraffic& traffic) const {
  // The largest of several scores lies between the largest lower and the largest upper bound.
  if (!branch_.selection.per_group) {
    join_groups(lower, stride, groups(), local_);
    join_groups(upper, stride, groups(), local_);
  }
  decide(list, lower + list * stride, upper + list * stride, selected, traffic);
}

void QueryRanking::select_by_bounds(float* lower, float* upper, std::ptrdiff_t stride, std::int32_t* selected,
                                    IndexTraffic& traffic) const {
  for (int list = 0; list < lists(); ++list) select_by_bounds(list, lower, upper, stride, selected, traffic);
}

}  // namespace plimsoll::executor
