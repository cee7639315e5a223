#include "solvers/packing/fill.hpp"

#include <algorithm>

namespace plimsoll::solvers::packing {
namespace {

class Filling {
 public:
  Filling(std::span<const Size> sizes, int bins, Size height, const FillOptions& options, support::Random& random,
          Effort& effort)
      : sizes_(sizes), bins_(bins), height_(height), options_(options), random_(random), effort_(effort) {}

  std::vector<int> run() {
    const std::size_t items = sizes_.size();
    for (const Size size : sizes_) rest_ += size;
    waste_ = height_ * bins_ + options_.overflow - rest_;
    if (waste_ < 0 || items == 0) return {};
    bin_of_.assign(items, -1);
    // A list of the items that are left, with the items in descending order; position `items` is its end.
    next_.resize(items + 1);
    previous_.resize(items + 1);
    for (std::size_t item = 0; item <= items; ++item) {
      next_[item] = item + 1;
      previous_[item] = item == 0 ? items : item - 1;
    }
    next_[items] = 0;
    return open_bin(0) ? bin_of_ : std::vector<int>{};
  }

 private:
  [[nodiscard]] std::size_t end() const { return sizes_.size(); }
  void take(std::size_t item, int bin) {
    bin_of_[item] = bin;
    next_[previous_[item]] = next_[item];
    previous_[next_[item]] = previous_[item];
    rest_ -= sizes_[item];
  }
  void put_back(std::size_t item) {
    bin_of_[item] = -1;
    next_[previous_[item]] = item;
    previous_[next_[item]] = item;
    rest_ += sizes_[item];
  }

  bool open_bin(int bin) {
    const std::size_t first = next_[end()];
    if (first == end()) return true;
    if (bin + 1 == bins_) {
      if (rest_ > height_ + options_.overflow) return false;
      for (std::size_t item = first; item != end(); item = next_[item]) bin_of_[item] = bin;
      return true;
    }
    if (sizes_[first] > height_) return false;
    take(first, bin);
    if (extend(bin, next_[end()], height_ - sizes_[first], rest_)) return true;
    put_back(first);
    return false;
  }

  // Adds items from `item` on to the bin, which has `room` left; `available` is the sum of the items from there on.
  bool extend(int bin, std::size_t item, Size room, Size available) {
    if (room <= waste_ && (item == end() || room < sizes_[previous_[end()]])) return close(bin, room);
    for (; item != end(); item = next_[item]) {
      if (!effort_.spend(1) || room - available > waste_) return false;
      const Size size = sizes_[item];
      available -= size;
      if (size > room || (options_.pass_one_in > 0 && random_.below(options_.pass_one_in) == 0)) continue;
      take(item, bin);
      if (extend(bin, next_[item], room - size, available)) return true;
      put_back(item);
      // Another item of the same size would be the same again.
      while (next_[item] != end() && sizes_[next_[item]] == size) {
        item = next_[item];
        available -= size;
      }
    }
    return room <= waste_ && close(bin, room);
  }

  bool close(int bin, Size room) {
    waste_ -= room;
    if (open_bin(bin + 1)) return true;
    waste_ += room;
    return false;
  }

  std::span<const Size> sizes_;
  int bins_;
  Size height_;
  const FillOptions& options_;
  support::Random& random_;
  Effort& effort_;
  Size rest_ = 0;   // the sum of what is in no bin
  Size waste_ = 0;  // what the bins to come may leave unused
  std::vector<int> bin_of_;
  std::vector<std::size_t> next_;
  std::vector<std::size_t> previous_;
};

}  // namespace

Packing fill(std::span<const Size> sizes, int bins, Size height, const FillOptions& options, support::Random& random,
             Effort& effort) {
  Packing packing;
  packing.bin_of = Filling(sizes, bins, height, options, random, effort).run();
  if (packing.bin_of.empty()) return packing;
  const std::vector<Size> sums = heights(sizes, packing.bin_of, bins);
  packing.height = *std::max_element(sums.begin(), sums.end());
  return packing;
}

}  // namespace plimsoll::solvers::packing
