#include "solvers/packing/level.hpp"

#include <algorithm>
#include <numeric>

namespace plimsoll::solvers::packing {
namespace {

constexpr std::size_t most_bins = 6;    // of a step
constexpr std::size_t most_items = 26;  // of a step that change their bin
constexpr std::uint64_t fill_steps = 20'000;

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

Levelling::Levelling(std::span<const Size> sizes, int bins, std::vector<int> bin_of, std::uint64_t seed)
    : sizes_(sizes), bins_(bins), random_(seed, 0x1e7e1) {
  restart(std::move(bin_of));
}

void Levelling::restart(std::vector<int> bin_of) {
  bin_of_ = std::move(bin_of);
  height_ = heights(sizes_, bin_of_, bins_);
  items_of_.assign(z(bins_), {});
  for (std::size_t item = 0; item < bin_of_.size(); ++item)
    items_of_[z(bin_of_[item])].push_back(static_cast<int>(item));
}

Size Levelling::height() const { return *std::max_element(height_.begin(), height_.end()); }

bool Levelling::run(Size goal, Effort& effort) {
  while (height() > goal) {
    if (effort.over()) return false;
    step(goal, effort);
    effort.spend(z(bins_) + 50);
  }
  return true;
}

// A random one of those that are too high, and others at random, those with room twice as likely.
void Levelling::choose_bins(Size goal, std::size_t count) {
  std::vector<int> high;
  for (int bin = 0; bin < bins_; ++bin) {
    if (height_[z(bin)] > goal) high.push_back(bin);
  }
  chosen_ = {high[random_.below(high.size())]};
  while (chosen_.size() < count) {
    int bin = static_cast<int>(random_.below(z(bins_)));
    if (height_[z(bin)] >= goal && random_.below(2) == 0) bin = static_cast<int>(random_.below(z(bins_)));
    if (std::find(chosen_.begin(), chosen_.end(), bin) == chosen_.end()) chosen_.push_back(bin);
  }
}

void Levelling::choose_items() {
  moving_.clear();
  for (const int bin : chosen_) moving_.insert(moving_.end(), items_of_[z(bin)].begin(), items_of_[z(bin)].end());
  while (moving_.size() > most_items) {
    const std::size_t out = random_.below(moving_.size());
    moving_[out] = moving_.back();
    moving_.pop_back();
  }
  std::sort(moving_.begin(), moving_.end());
}

Size Levelling::excess(Size goal) const {
  Size sum = 0;
  for (const int bin : chosen_) sum += std::max<Size>(0, height_[z(bin)] - goal);
  return sum;
}

void Levelling::step(Size goal, Effort& effort) {
  choose_bins(goal, std::min(z(bins_), 2 + random_.below(most_bins - 1)));
  choose_items();
  // What stays in a bin is an item of its own: [chosen bins] then [moving items], in descending order of size.
  struct Part {
    Size size;
    int item;  // below 0: -1 - (what stays in the bin of this index)
  };
  std::vector<Part> parts;
  std::vector<Size> stays;
  Size total = 0;
  for (const int bin : chosen_) stays.push_back(height_[z(bin)]);
  for (const int item : moving_) {
    parts.push_back({sizes_[z(item)], item});
    const auto at = std::find(chosen_.begin(), chosen_.end(), bin_of_[z(item)]) - chosen_.begin();
    stays[static_cast<std::size_t>(at)] -= sizes_[z(item)];
  }
  for (std::size_t k = 0; k < chosen_.size(); ++k) {
    total += height_[z(chosen_[k])];
    if (stays[k] > 0) parts.push_back({stays[k], -1 - static_cast<int>(k)});
  }
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.size > b.size; });
  std::vector<Size> sizes;
  for (const Part& part : parts) sizes.push_back(part.size);

  const Size before = excess(goal);
  const Size least = std::max<Size>(0, total - goal * static_cast<Size>(chosen_.size()));
  FillOptions options;
  options.overflow = random_.below(2) == 0 ? before : std::max(least, before - 1 - (before - least) / 2);
  if (options.overflow < least) return;
  options.pass_one_in = 2 + random_.below(6);
  Effort attempt(std::min<std::uint64_t>(fill_steps, effort.left()), effort.guard());
  const Packing packing = fill(sizes, static_cast<int>(chosen_.size()), goal, options, random_, attempt);
  effort.spend(attempt.spent() + 4 * parts.size());
  if (packing.bin_of.empty()) return;

  std::vector<std::vector<int>> items(chosen_.size());
  for (std::size_t part = 0; part < parts.size(); ++part) {
    std::vector<int>& bin = items[z(packing.bin_of[part])];
    if (parts[part].item >= 0) {
      bin.push_back(parts[part].item);
      continue;
    }
    for (const int item : items_of_[z(chosen_[z(-1 - parts[part].item)])]) {
      if (!std::binary_search(moving_.begin(), moving_.end(), item)) bin.push_back(item);
    }
  }
  // An empty stay of items of size 0 has no part; they follow the first bin.
  for (std::size_t k = 0; k < chosen_.size(); ++k) {
    if (stays[k] > 0) continue;
    for (const int item : items_of_[z(chosen_[k])]) {
      if (!std::binary_search(moving_.begin(), moving_.end(), item)) items[0].push_back(item);
    }
  }
  for (std::size_t k = 0; k < chosen_.size(); ++k) {
    const int bin = chosen_[k];
    height_[z(bin)] = 0;
    for (const int item : items[k]) {
      bin_of_[z(item)] = bin;
      height_[z(bin)] += sizes_[z(item)];
    }
    items_of_[z(bin)] = std::move(items[k]);
  }
}

}  // namespace plimsoll::solvers::packing
