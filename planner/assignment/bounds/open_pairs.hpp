// Which (item, bin) pairs are still open in a part of the search: the state that relaxation and branch and bound share,
// with an undo. Assigning an item takes its room, forbids what must stay apart from it, and closes pairs that no longer
// fit.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/assignment/prepare.hpp"

namespace plimsoll::assignment {

class OpenPairs {
 public:
  explicit OpenPairs(const Prepared& prepared);

  [[nodiscard]] bool open(int bin, int item) const { return open_[at(bin, item)] != 0; }
  // -1 while the item is free.
  [[nodiscard]] int bin_of(int item) const { return bin_of_[static_cast<std::size_t>(item)]; }
  [[nodiscard]] int choices(int item) const { return choices_[static_cast<std::size_t>(item)]; }
  // Room that is left in a dimension.
  [[nodiscard]] double room(std::size_t dimension, int bin) const {
    return room_[dimension * static_cast<std::size_t>(prepared_.bins) + static_cast<std::size_t>(bin)];
  }
  [[nodiscard]] std::int64_t changes_left() const { return changes_left_; }
  [[nodiscard]] int free_items() const { return free_items_; }
  // The bins of all items, where every one has been assigned.
  [[nodiscard]] const std::vector<int>& bins() const { return bin_of_; }

  // False: some item is left without a bin, or the budget of changes cannot be kept. The state is then to be undone.
  bool close(int bin, int item);
  bool assign(int bin, int item);
  // Assigns the items that one bin is left for, until there is none.
  bool propagate();

  [[nodiscard]] std::size_t mark() const { return trail_.size(); }
  void undo(std::size_t mark);
  std::uint64_t take_work();

 private:
  struct Step {
    int bin;
    int item;
    bool assigned;
  };
  [[nodiscard]] std::size_t at(int bin, int item) const {
    return static_cast<std::size_t>(item) * static_cast<std::size_t>(prepared_.bins) + static_cast<std::size_t>(bin);
  }
  void take_room(int bin, int item);

  const Prepared& prepared_;
  std::vector<std::uint8_t> open_;  // [items][bins]
  std::vector<int> bin_of_;
  std::vector<int> choices_;
  std::vector<double> room_;  // [dimensions][bins]
  std::int64_t changes_left_ = 0;
  int free_items_;
  std::vector<int> forced_;  // items that were left with one bin
  std::vector<Step> trail_;
  std::vector<double> rooms_before_;  // of the bin of each assignment in the trail, dimension by dimension
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::assignment
