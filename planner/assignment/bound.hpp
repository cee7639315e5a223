// Lower bounds on the objective, and what makes them checkable without the search that found them.
#pragma once

#include <string>
#include <vector>

#include "planner/assignment/prepare.hpp"
#include "plimsoll/solve.hpp"

namespace plimsoll::assignment {

// Which argument gives a bound; its name stands in the certificate.
enum class BoundKind {
  cheapest,    // every item at its least cost; for makespan: the mean load, the largest item
  linear,      // the linear relaxation, from its duals
  lagrangian,  // prices of items, an exact knapsack per bin
  packing,     // for makespan: counting arguments on identical bins
  branch,      // a search that left nothing open below the bound
};
std::string name_of(BoundKind kind);

// The numbers with which a bound is computed anew. Empty vectors: none needed. `item_price`: [kernel items] what each
// is worth to a bin that takes it (the multipliers of "in exactly one bin"). `weight`: [bins][dimensions] non-negative
// weights that turn all capacities of a bin into one (a surrogate constraint); empty: the first dimension alone.
// `change_price`: 0 or more, the multiplier of the budget of changes. `refuted`, for the makespan: no plan has every
// bin done by this time or earlier.
using Proof = AssignmentProof;

struct Bound {
  double value = 0;  // valid; not yet rounded up to Prepared::step
  BoundKind kind = BoundKind::cheapest;
  Proof proof;
};

// In microseconds: `cheapest`. Valid for every instance.
Bound quick_bound(const Prepared& prepared);

}  // namespace plimsoll::assignment
