#include "solvers/packing/knapsack.hpp"

#include <algorithm>
#include <numeric>

namespace plimsoll::solvers::packing {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

class Filling {
 public:
  Filling(std::span<const Size> sizes, std::span<const Size> worths, Size room, Size interesting,
          std::vector<std::vector<int>>* on_the_way, Effort& effort)
      : interesting_(interesting), on_the_way_(on_the_way), effort_(effort) {
    for (std::size_t item = 0; item < sizes.size(); ++item) {
      if (worths[item] > 0 && sizes[item] <= room) items_.push_back(static_cast<int>(item));
    }
    const auto density = [&](int item) {
      return static_cast<double>(worths[z(item)]) / static_cast<double>(std::max<Size>(1, sizes[z(item)]));
    };
    std::stable_sort(items_.begin(), items_.end(), [&](int a, int b) {
      return density(a) != density(b) ? density(a) > density(b) : sizes[z(a)] > sizes[z(b)];
    });
    size_sum_.push_back(0);
    worth_sum_.push_back(0);
    for (const int item : items_) {
      sizes_.push_back(sizes[z(item)]);
      worths_.push_back(worths[z(item)]);
      size_sum_.push_back(size_sum_.back() + sizes_.back());
      worth_sum_.push_back(worth_sum_.back() + worths_.back());
    }
    smallest_.assign(items_.size() + 1, std::numeric_limits<Size>::max());
    for (std::size_t k = items_.size(); k-- > 0;) smallest_[k] = std::min(smallest_[k + 1], sizes_[k]);
    best_.proven = extend(0, room, 0);
    std::sort(best_.items.begin(), best_.items.end());
  }
  Knapsack take() { return std::move(best_); }

 private:
  // What items from k on can add within the room, the last one in part.
  [[nodiscard]] Size most(std::size_t k, Size room) const {
    const auto begin = size_sum_.begin() + static_cast<std::ptrdiff_t>(k);
    const auto cut =
        static_cast<std::size_t>(std::upper_bound(begin, size_sum_.end(), size_sum_[k] + room) - size_sum_.begin()) - 1;
    const Size full = worth_sum_[cut] - worth_sum_[k];
    if (cut == items_.size()) return full;
    const double part = static_cast<double>(room - (size_sum_[cut] - size_sum_[k])) *
                        static_cast<double>(worths_[cut]) / static_cast<double>(sizes_[cut]);
    return full + static_cast<Size>(part * (1 + 1e-9) + 1e-6);
  }

  bool extend(std::size_t k, Size room, Size worth) {
    if (worth > best_.worth) record(worth);
    for (; k < items_.size() && smallest_[k] <= room; ++k) {
      if (sizes_[k] > room) continue;
      if (!effort_.spend(2)) return false;
      if (worth + most(k, room) <= best_.worth) return true;
      chosen_.push_back(items_[k]);
      const bool ended = extend(k + 1, room - sizes_[k], worth + worths_[k]);
      chosen_.pop_back();
      if (!ended) return false;
    }
    return true;
  }

  void record(Size worth) {
    best_.worth = worth;
    best_.items = chosen_;
    if (on_the_way_ == nullptr || worth <= interesting_) return;
    on_the_way_->push_back(chosen_);
    std::sort(on_the_way_->back().begin(), on_the_way_->back().end());
  }

  Size interesting_;
  std::vector<std::vector<int>>* on_the_way_;
  Effort& effort_;
  std::vector<int> items_;  // by worth per size
  std::vector<Size> sizes_;
  std::vector<Size> worths_;
  std::vector<Size> size_sum_;
  std::vector<Size> worth_sum_;
  std::vector<Size> smallest_;  // from here on
  std::vector<int> chosen_;
  Knapsack best_;
};

}  // namespace

Knapsack best_filling(std::span<const Size> sizes, std::span<const Size> worths, Size room, Size interesting,
                      std::vector<std::vector<int>>* on_the_way, Effort& effort) {
  return Filling(sizes, worths, room, interesting, on_the_way, effort).take();
}

}  // namespace plimsoll::solvers::packing
