// One filling for each bin so that every item stands in exactly one of them, at the least loss in all: set partitioning
// by depth-first search. At every node fillings go that lose more than is left beside the least losses of the other
// bins, or that lack an item which no other bin can take; the bin with the fewest fillings left is filled next.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/assignment/search/fillings.hpp"

namespace plimsoll::assignment {

class FillingCover {
 public:
  enum class Outcome { found, none, limit };  // limit: nothing found, and not everything was tried

  // `lists`: [bins], by loss. Looks for a choice other than `now` ([bins]) that loses no more than `budget`, and from
  // then on for ones that lose at least `step` less. The search ends after `most_nodes`.
  Outcome solve(std::vector<std::vector<Filling>> lists, ItemSet items, const std::vector<ItemSet>& now, double budget,
                double step, std::uint64_t most_nodes, std::uint64_t& work);
  // [bins] of the best choice.
  [[nodiscard]] const std::vector<ItemSet>& chosen() const { return best_; }
  [[nodiscard]] bool complete() const { return nodes_ <= most_nodes_; }

 private:
  void visit(std::size_t depth, ItemSet left, double loss);
  bool reduce(std::vector<std::vector<Filling>>& lists, ItemSet left, double loss);
  bool drop(std::vector<Filling>& list, double most, ItemSet must);
  bool choose(std::size_t depth, std::size_t bin, const Filling& filling, double loss);

  std::vector<std::vector<std::vector<Filling>>> lists_;  // [depth][bins] what is left to choose from
  std::vector<ItemSet> all_;                              // [bins] the items of any filling
  std::vector<std::uint8_t> filled_;                      // [bins]
  std::vector<ItemSet> choice_;
  std::vector<ItemSet> best_;
  std::vector<ItemSet> now_;
  double budget_ = 0;
  double step_ = 0;
  bool found_ = false;
  std::uint64_t nodes_ = 0;
  std::uint64_t most_nodes_ = 0;
  std::uint64_t looks_ = 0;
};

}  // namespace plimsoll::assignment
