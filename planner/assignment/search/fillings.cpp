#include "planner/assignment/search/fillings.hpp"

#include <algorithm>

namespace plimsoll::assignment {
namespace {

constexpr std::uint64_t most_steps = 200;  // per filling that may stay, and then the listing ends

bool loses_less(const Filling& a, const Filling& b) {
  if (a.loss != b.loss) return a.loss < b.loss;
  return a.items.words < b.items.words;
}

}  // namespace

bool Fillings::list(const std::vector<Offer>& offers, double room, double budget, std::size_t most,
                    std::vector<Filling>& fillings, std::uint64_t& work) {
  fillings.clear();
  if (room < 0) return true;
  tabulate(offers, room);
  best_ = worth_[width_ - 1];
  least_ = best_ - budget;
  most_ = most;
  complete_ = true;
  fillings_ = &fillings;
  steps_ = 0;
  extend(0, width_ - 1, 0, {});
  if (fillings.size() > most_) trim();
  std::sort(fillings.begin(), fillings.end(), loses_less);
  work += item_.size() * width_ / 8 + steps_ / 2 + 8 * fillings.size();
  return complete_;
}

void Fillings::tabulate(const std::vector<Offer>& offers, double room) {
  profit_.clear();
  size_.clear();
  item_.clear();
  double sum = 0;
  for (const Offer& offer : offers) {
    if (offer.size > room) continue;
    profit_.push_back(offer.profit);
    size_.push_back(static_cast<std::size_t>(offer.size));
    item_.push_back(offer.item);
    sum += offer.size;
  }
  width_ = static_cast<std::size_t>(std::min(room, sum)) + 1;
  worth_.resize(std::max(worth_.size(), (item_.size() + 1) * width_));
  std::fill_n(worth_.data() + item_.size() * width_, width_, 0.0);  // the other rows are written in full
  for (std::size_t k = item_.size(); k-- > 0;) {
    const double* without = worth_.data() + (k + 1) * width_;
    double* with = worth_.data() + k * width_;
    std::copy(without, without + width_, with);
    if (profit_[k] <= 0) continue;
    for (std::size_t c = size_[k]; c < width_; ++c) with[c] = std::max(with[c], without[c - size_[k]] + profit_[k]);
  }
}

// Lists what the items chosen so far become with offers from `first` on.
void Fillings::extend(std::size_t first, std::size_t room, double worth, ItemSet items) {
  for (std::size_t k = first; k < item_.size(); ++k) {
    if (++steps_ > most_steps * most_) {
      complete_ = false;
      return;
    }
    const double* rest = worth_.data() + (k + 1) * width_;
    if (size_[k] <= room && worth + profit_[k] + rest[room - size_[k]] >= least_) {
      ItemSet more = items;
      more.add(item_[k]);
      extend(k + 1, room - size_[k], worth + profit_[k], more);
    }
    if (worth + rest[room] < least_) return;
  }
  if (worth < least_) return;
  fillings_->push_back({std::max(0.0, best_ - worth), items});
  if (fillings_->size() >= 2 * most_) trim();
}

// Keeps the better part, and asks of what follows that it is no worse.
void Fillings::trim() {
  complete_ = false;
  const auto middle = fillings_->begin() + static_cast<std::ptrdiff_t>(most_);
  std::nth_element(fillings_->begin(), middle, fillings_->end(), loses_less);
  least_ = std::max(least_, best_ - middle->loss);
  fillings_->erase(middle, fillings_->end());
}

}  // namespace plimsoll::assignment
