// One step of sparse attention, index branch and all, on a world's cache.
#pragma once

#include "bench/attention/world.hpp"
#include "executor/attention/index_branch.hpp"
#include "executor/attention/sparse.hpp"

namespace plimsoll::bench {

struct SparseTimes {
  double index = 1e30;  // seconds
  double main = 0;
  executor::IndexTraffic traffic;
  bool identical = true;  // the selected sets to those of the exact form, in the first iterations

  [[nodiscard]] double seconds() const { return index + main; }
  [[nodiscard]] const char* verdict() const { return identical ? ", sets identical" : ", SETS DIFFER"; }
};

// The best whole step of the last `count` queries, with how it divides.
SparseTimes sparse_step(Bench& bench, World& world, executor::IndexForm form, int count, executor::SparseOrder order);

inline constexpr executor::IndexForm index_forms[] = {executor::IndexForm::exact, executor::IndexForm::quantised,
                                                      executor::IndexForm::hierarchical};
inline constexpr const char* form_names[] = {"bf16", "int8", "hierarchical"};

}  // namespace plimsoll::bench
