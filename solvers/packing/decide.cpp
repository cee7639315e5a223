#include "solvers/packing/decide.hpp"

#include <algorithm>
#include <numeric>

#include "solvers/packing/knapsack.hpp"

namespace plimsoll::solvers::packing {
namespace {

constexpr std::uint64_t most_price_steps = 500'000'000;  // of one height
constexpr std::uint64_t most_list_steps = 400'000'000;

}  // namespace

HeightDecision::HeightDecision(std::span<const Size> sizes, int bins) : items_(sizes.size()), bins_(bins) {
  const auto end = std::partition_point(sizes.begin(), sizes.end(), [](Size size) { return size > 0; });
  sizes_.assign(sizes.begin(), end);
}

void HeightDecision::begin(Size height) {
  if (height == height_) return;
  height_ = height;
  priced_ = hopeless_ = false;
  price_steps_ = 0;
  list_steps_ = 1'000'000;
  cover_.reset();
}

Decision HeightDecision::price(Size height, Effort& effort) {
  begin(height);
  if (!priced_) {
    if (!sizes_.empty() && height < sizes_.front()) {
      prices_ = area_prices(sizes_, height);
      return Decision::impossible;
    }
    const std::uint64_t before = effort.spent();
    prices_ = best_prices(sizes_, bins_, height, pool_, effort);
    price_steps_ += effort.spent() - before;
    priced_ = prices_.slack(bins_) < 0 || !effort.over() || price_steps_ >= most_price_steps;
  }
  return priced_ && prices_.slack(bins_) < 0 ? Decision::impossible : Decision::open;
}

Decision HeightDecision::decide(Size height, Effort& effort) {
  const Decision by_prices = price(height, effort);
  if (by_prices != Decision::open || !priced_ || hopeless_) return by_prices;
  if (!cover_) {
    Effort listing(std::max(effort.left(), list_steps_), effort.guard());
    cover_ = exact_cover(sizes_, bins_, height, prices_, listing);
    effort.spend(listing.spent());
    if (!cover_) {
      // Either the list is too long, or it may be finished with more steps in the next turn.
      hopeless_ = !listing.over() || list_steps_ >= most_list_steps;
      list_steps_ *= 2;
      return Decision::open;
    }
  }
  return cover_->run(effort);
}

std::vector<int> HeightDecision::bin_of() const {
  std::vector<int> bin_of = cover_->bin_of();
  bin_of.resize(items_, 0);
  return bin_of;
}

bool prices_refute(std::span<const Size> sizes, int bins, Size height, std::span<const Size> worth, Effort& effort) {
  constexpr Size most_worth = Size{1} << 40;
  Size sum = 0;
  for (const Size value : worth) {
    if (value < 0 || value > most_worth || sum > most_worth) return false;
    sum += value;
  }
  if (height < 0 || worth.size() != sizes.size()) return false;
  const Knapsack knapsack = best_filling(sizes, worth, height, 0, nullptr, effort);
  return knapsack.proven && sum > static_cast<Size>(bins) * knapsack.worth;
}

}  // namespace plimsoll::solvers::packing
