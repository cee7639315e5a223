// One query of the index branch, as its forms see it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "executor/attention/index_branch.hpp"
#include "executor/attention/layout.hpp"

namespace plimsoll::executor {

// Index queries of all rows, prepared once per call.
struct IndexRows {
  const std::byte* operand;  // row operand of the kernels, [row][group][index_size]
  std::size_t row_bytes;     // of one number of it
  const float* numbers;      // the same numbers in f32
  const float* norms;        // [row][group], at least the Euclidean norm
};

// Ranks the blocks before the one of a query, for all its groups.
class QueryRanking {
 public:
  QueryRanking(const IndexBranch& branch, const BlockKernels& kernels, const IndexRows& rows, const QueryRun& run,
               int query)
      : branch_(branch),
        kernels_(kernels),
        rows_(rows),
        sequence_(*run.sequence),
        row_(static_cast<std::size_t>(run.first_row + query)),
        local_((run.first_position + query) / block_keys) {}

  [[nodiscard]] int local() const { return local_; }
  [[nodiscard]] const Sequence& sequence() const { return sequence_; }
  [[nodiscard]] int groups() const { return branch_.shape.groups; }
  // How many of the blocks before the local one are kept.
  [[nodiscard]] int kept() const {
    return std::min(branch_.selection.blocks - (branch_.selection.local == Selection::Local::inside ? 1 : 0), local_);
  }
  [[nodiscard]] const std::byte* operand(int group) const {
    return rows_.operand + number(group) * static_cast<std::size_t>(branch_.shape.index_size) * rows_.row_bytes;
  }
  [[nodiscard]] const float* numbers(int group) const {
    return rows_.numbers + number(group) * static_cast<std::size_t>(branch_.shape.index_size);
  }
  [[nodiscard]] const float* norms() const { return rows_.norms + number(0); }

  // From scores [group][stride] of all blocks before the local one. Overwrites the first group's where one selection
  // serves all.
  void select_by_scores(float* scores, std::ptrdiff_t stride, std::int32_t* selected) const;
  // From bounds on them; undecided blocks are scored. Overwrites the bounds. A block whose upper bound is -inf is out.
  void select_by_bounds(float* lower, float* upper, std::ptrdiff_t stride, std::int32_t* selected,
                        IndexTraffic& traffic) const;
  // For one of lists() lists, so that threads may share them out.
  [[nodiscard]] int lists() const { return branch_.selection.per_group ? groups() : 1; }
  void select_by_bounds(int list, float* lower, float* upper, std::ptrdiff_t stride, std::int32_t* selected,
                        IndexTraffic& traffic) const;

 private:
  [[nodiscard]] std::size_t number(int group) const {
    return row_ * static_cast<std::size_t>(branch_.shape.groups) + static_cast<std::size_t>(group);
  }
  void write(std::int32_t* selected, int group, std::span<const std::int32_t> chosen) const;
  void decide(int group, const float* lower, const float* upper, std::int32_t* selected, IndexTraffic& traffic) const;
  [[nodiscard]] float exact_score(int group, int block) const;

  const IndexBranch& branch_;
  const BlockKernels& kernels_;
  const IndexRows& rows_;
  const Sequence& sequence_;
  std::size_t row_;
  int local_;
};

}  // namespace plimsoll::executor
