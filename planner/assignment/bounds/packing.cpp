#include "planner/assignment/bounds/packing.hpp"

#include <algorithm>

#include "solvers/packing/bounds.hpp"

namespace plimsoll::assignment {

namespace packing = solvers::packing;
using Size = IdenticalItems::Size;

Size packing_height(const IdenticalItems& items, Size below, packing::Effort& effort) {
  const std::vector<Size>& sizes = items.sizes();
  Size bound = packing::counting_bound(sizes, items.bins());
  effort.spend(std::min<std::uint64_t>(sizes.size() * static_cast<std::uint64_t>(items.bins()), 20'000'000));
  constexpr std::uint64_t subset_steps = 20'000'000;
  const auto reachable = [&] {
    packing::Effort steps(std::min(subset_steps, effort.left()), effort.guard());
    if (bound < below) bound = std::min(below, packing::next_subset_sum(sizes, bound, steps));
    effort.spend(steps.spent());
  };
  reachable();
  // Ever longer strides from the last height that is refuted, and back to single ones where none is.
  for (Size stride = 1; bound < below;) {
    const Size height = std::min(bound + stride - 1, below - 1);
    if (!effort.spend(100 + 4 * sizes.size())) break;
    if (packing::dual_feasible_refutes(sizes, items.bins(), height)) {
      bound = height + 1;
      stride *= 2;
    } else if (stride == 1) {
      break;
    } else {
      stride = stride > 2 ? stride / 4 : 1;
    }
  }
  reachable();
  return bound;
}

Bound packing_claim(const IdenticalItems& items, Size height, BoundKind kind) {
  Bound bound;
  bound.value = items.lower(height);
  bound.kind = kind;
  bound.proof.refuted = items.makespan(height - 1);
  return bound;
}

Bound packing_bound(const Prepared& prepared) {
  const IdenticalItems items(prepared);
  packing::Effort effort;
  const Size below = packing::longest_first(items.sizes(), items.bins()).height;
  return packing_claim(items, packing_height(items, below, effort), BoundKind::packing);
}

}  // namespace plimsoll::assignment
