// Levels bins by exchanges that leave every bin as many items as it had: one item against one, or two against two.
// Made for slots under even dispatch, where a replica's size is fixed and devices are alike: a step costs less than a
// microsecond for dozens of devices, since a bin's items are kept in the order of their sizes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::experts {

class Exchange {
 public:
  // `size` [items], `bins` the items of each bin. Both are changed by level(), `size` is not.
  Exchange(std::span<const double> size, std::vector<std::vector<int>> bins);

  // Steps down from the highest bin until it is at most `goal` high, no exchange lowers it, or `work_limit` (items
  // looked at, as `work`) is reached. Every step lowers the higher of the two bins that exchange.
  void level(double goal, std::uint64_t work_limit, std::uint64_t& work);

  [[nodiscard]] const std::vector<std::vector<int>>& bins() const { return bins_; }
  [[nodiscard]] double height() const;

 private:
  // One such step; false where none lowers the highest bin.
  bool lower(std::uint64_t& work);
  // So many items of a bin as one: a single item or a pair.
  struct Part {
    double size = 0;
    int first = -1;
    int second = -1;
  };
  struct Step {
    double height = 0;  // of the higher bin afterwards
    std::size_t bin = 0;
    Part out;
    Part in;
  };
  [[nodiscard]] std::size_t highest() const;
  bool step(std::size_t bin, bool pairs, std::uint64_t& work);
  void list_parts(std::size_t bin, bool pairs, std::vector<Part>& parts) const;
  void judge(std::size_t bin, std::size_t partner, Step& best) const;
  void put(std::size_t bin, const Part& out, const Part& in);

  std::span<const double> size_;
  std::vector<std::vector<int>> bins_;  // items, largest first
  std::vector<double> sum_;             // [bins]
  std::vector<Part> mine_;              // scratch
  std::vector<Part> theirs_;
};

}  // namespace plimsoll::experts
