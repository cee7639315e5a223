// Base replicas of one layer for all micro-steps at once. Loads of an expert are a vector over micro-steps; replicas go
// one after the other to the device whose load points least in their direction (vector scheduling: Chekuri, Khanna
// 2004), nodes counting as well, since copies inside a node are cheap and others are not; then replicas of different
// devices change places as long as the sum of squares falls.
#pragma once

#include <cstdint>

#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

struct BaseOptions {
  // Transient columns that serve as base slots for the whole step: all of them, or none.
  bool use_transient_columns = false;
  // Replicas follow mean + deviations * (standard deviation over micro-steps).
  double deviations = 1.0;
  std::uint64_t swaps = 4000;  // tried per layer
};

// [layers][columns] expert or -1. Empty where no complete placement was found, or where the instance binds base
// replicas in a way that this construction does not know (groups, memory, moves that are limited or priced): see
// standing_base.
Matrix<int> place_base(const Prepared& prepared, const BaseOptions& options, std::uint64_t seed, int threads,
                       std::uint64_t& work);

// Whether place_base may be used.
bool base_is_free(const Prepared& prepared);

}  // namespace plimsoll::experts::step
