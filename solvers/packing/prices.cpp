#include "solvers/packing/prices.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "solvers/lp/linear_program.hpp"
#include "solvers/packing/knapsack.hpp"

namespace plimsoll::solvers::packing {
namespace {

constexpr double scale = 1 << 24;  // what a bin is worth, nearly
constexpr int most_rounds = 200;
constexpr std::uint64_t knapsack_steps = 20'000'000;  // for one exact filling

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// The dual program: maximise what all items are worth, so that no filling is worth more than 1. Each round adds
// fillings that the last prices overrate.
class Generation {
 public:
  Generation(std::span<const Size> sizes, int bins, Size height, FillingPool& pool, Effort& effort)
      : sizes_(sizes), bins_(bins), height_(height), pool_(pool), effort_(effort), best_(area_prices(sizes, height)) {
    for (std::size_t item = 0; item < sizes.size(); ++item) {
      const bool another = item == 0 || sizes[item] != sizes[item - 1];
      if (another) number_.push_back(0);
      type_of_.push_back(static_cast<int>(number_.size()) - 1);
      ++number_.back();
    }
    for (const int number : number_) model_.add_variable(0, 1, -number, false);
    std::vector<std::vector<int>> kept;
    kept.swap(pool_.fillings);
    for (std::vector<int>& filling : kept) add(std::move(filling));
    const std::vector<Size> by_size(sizes.begin(), sizes.end());
    for (std::size_t item = 0; item < sizes.size(); ++item) add(greedy(item, by_size));
  }

  Prices run() {
    for (int round = 0; round < most_rounds && best_.slack(bins_) >= 0; ++round) {
      if (!improve()) break;
    }
    return std::move(best_);
  }

 private:
  void add(std::vector<int> filling) {
    if (filling.size() < 2) return;
    Size sum = 0;
    for (const int item : filling) sum += sizes_[z(item)];
    if (sum > height_ || !known_.insert(filling).second) return;
    std::vector<mip::Entry> entries;
    for (const int item : filling) {
      const int type = type_of_[z(item)];
      if (!entries.empty() && entries.back().variable == type) {
        entries.back().coefficient += 1;
      } else {
        entries.push_back({type, 1.0});
      }
    }
    model_.add_row(-mip::infinity, 1, entries);
    pool_.fillings.push_back(std::move(filling));
  }

  // The item, and then what fits by worth per size.
  std::vector<int> greedy(std::size_t first, std::span<const Size> worth) const {
    std::vector<int> order(sizes_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto density = [&](int item) {
      return static_cast<double>(worth[z(item)]) / static_cast<double>(std::max<Size>(1, sizes_[z(item)]));
    };
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return density(a) > density(b); });
    std::vector<int> filling{static_cast<int>(first)};
    Size room = height_ - sizes_[first];
    for (const int item : order) {
      if (z(item) == first || sizes_[z(item)] > room) continue;
      room -= sizes_[z(item)];
      filling.push_back(item);
    }
    std::sort(filling.begin(), filling.end());
    return filling;
  }

  bool improve() {
    const std::size_t rows = z(model_.rows());
    if (!effort_.spend(2000 + 10 * model_.entries())) return false;
    lp::LinearProgram program(model_);
    const lp::Solution solution = program.solve();
    effort_.spend(static_cast<std::uint64_t>(solution.iterations) * (rows + sizes_.size()));
    if (solution.status != lp::Status::optimal) return false;
    Prices prices;
    for (const int type : type_of_) {
      prices.worth.push_back(static_cast<Size>(std::clamp(solution.point[z(type)], 0.0, 1.0) * scale));
    }
    std::vector<std::vector<int>> found;
    const auto overrated = static_cast<Size>(scale) + static_cast<Size>(sizes_.size());
    Effort filling_effort(std::min(effort_.left(), knapsack_steps), effort_.guard());
    const Knapsack knapsack = best_filling(sizes_, prices.worth, height_, overrated, &found, filling_effort);
    effort_.spend(filling_effort.spent());
    if (!knapsack.proven) return false;
    prices.most = knapsack.worth;
    if (better(prices)) best_ = prices;
    for (std::vector<int>& filling : found) add(std::move(filling));
    for (std::size_t item = 0; item < sizes_.size(); ++item) {
      std::vector<int> filling = greedy(item, prices.worth);
      Size worth = 0;
      for (const int other : filling) worth += prices.worth[z(other)];
      if (worth > overrated) add(std::move(filling));
    }
    effort_.spend(20 * sizes_.size() * sizes_.size());
    return z(model_.rows()) > rows;
  }

  // By the slack in bins.
  [[nodiscard]] bool better(const Prices& prices) const {
    return prices.most > 0 && static_cast<double>(prices.slack(bins_)) / static_cast<double>(prices.most) <
                                  static_cast<double>(best_.slack(bins_)) / static_cast<double>(best_.most);
  }

  std::span<const Size> sizes_;
  int bins_;
  Size height_;
  FillingPool& pool_;
  Effort& effort_;
  Prices best_;
  std::vector<int> type_of_;  // [items] those of one size have one price
  std::vector<int> number_;   // [types] of items
  mip::Model model_;          // a variable for each type, a row for each filling
  std::set<std::vector<int>> known_;
};

}  // namespace

Size Prices::slack(int bins) const {
  return static_cast<Size>(bins) * most - std::accumulate(worth.begin(), worth.end(), Size{0});
}

Prices area_prices(std::span<const Size> sizes, Size height) { return {{sizes.begin(), sizes.end()}, height}; }

Prices best_prices(std::span<const Size> sizes, int bins, Size height, FillingPool& pool, Effort& effort) {
  constexpr std::size_t most_items = 300;
  constexpr std::size_t most_in_a_bin = 6;
  const bool pays = sizes.size() <= most_items && sizes.size() <= most_in_a_bin * z(bins);
  if (!pays || !lp::available() || height <= 0) return area_prices(sizes, height);
  return Generation(sizes, bins, height, pool, effort).run();
}

}  // namespace plimsoll::solvers::packing
