// Some bins with all the items that stand in them, as an instance of its own: what the large neighbourhood searches
// with exact cores (region_worker.hpp, filling_worker.hpp) solve. A budget of changes cannot be divided and is left
// out.
#pragma once

#include <span>
#include <vector>

#include "planner/assignment/prepare.hpp"

namespace plimsoll::assignment {

struct Region {
  AssignmentInstance instance;
  std::vector<int> bins;   // ascending, of the whole
  std::vector<int> items;  // ascending, of the whole's kernel
  std::vector<int> now;    // [items] the bin of the region where each stands

  // Writes a plan of the region into one of the whole.
  void put(std::span<const int> bin_of, std::vector<int>& whole) const;
};

// `bins` ascending; `bin_of` a plan of the whole.
Region region_of(const Prepared& prepared, std::span<const int> bin_of, std::vector<int> bins);

}  // namespace plimsoll::assignment
