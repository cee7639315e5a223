#include "planner/experts/search/exchange.hpp"

#include <algorithm>
#include <utility>

namespace plimsoll::experts {
namespace {

// A gain below rounding would let the steps run in circles.
constexpr double least_gain = 1e-12;

}  // namespace

Exchange::Exchange(std::span<const double> size, std::vector<std::vector<int>> bins)
    : size_(size), bins_(std::move(bins)), sum_(bins_.size(), 0.0) {
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
    std::stable_sort(bins_[bin].begin(), bins_[bin].end(), [&](int a, int b) {
      return size_[static_cast<std::size_t>(a)] > size_[static_cast<std::size_t>(b)];
    });
    for (const int item : bins_[bin]) sum_[bin] += size_[static_cast<std::size_t>(item)];
  }
}

std::size_t Exchange::highest() const {
  return static_cast<std::size_t>(std::max_element(sum_.begin(), sum_.end()) - sum_.begin());
}

double Exchange::height() const { return bins_.empty() ? 0.0 : sum_[highest()]; }

void Exchange::list_parts(std::size_t bin, bool pairs, std::vector<Part>& parts) const {
  parts.clear();
  const std::vector<int>& items = bins_[bin];
  for (std::size_t k = 0; k < items.size(); ++k) {
    const double size = size_[static_cast<std::size_t>(items[k])];
    if (!pairs) parts.push_back({size, items[k], -1});
    for (std::size_t j = k + 1; pairs && j < items.size(); ++j) {
      parts.push_back({size + size_[static_cast<std::size_t>(items[j])], items[k], items[j]});
    }
  }
  if (pairs) {
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
      return a.size != b.size ? a.size > b.size : std::pair(a.first, a.second) < std::pair(b.first, b.second);
    });
  }
}

// The best shift is half the difference of the two bins. Both lists fall, so that the part of the partner that comes
// closest to it moves one way only while the own part does.
void Exchange::judge(std::size_t bin, std::size_t partner, Step& best) const {
  const double half = 0.5 * (sum_[bin] - sum_[partner]);
  const auto attempt = [&](const Part& out, const Part& in) {
    const double shift = out.size - in.size;
    const double height = std::max(sum_[bin] - shift, sum_[partner] + shift);
    if (height < best.height) best = {height, partner, out, in};
  };
  std::size_t k = 0;
  for (const Part& out : mine_) {
    while (k < theirs_.size() && theirs_[k].size > out.size - half) ++k;
    if (k > 0) attempt(out, theirs_[k - 1]);
    if (k < theirs_.size()) attempt(out, theirs_[k]);
  }
}

void Exchange::put(std::size_t bin, const Part& out, const Part& in) {
  std::vector<int>& items = bins_[bin];
  std::erase_if(items, [&](int item) { return item == out.first || item == out.second; });
  for (const int item : {in.first, in.second}) {
    if (item < 0) continue;
    const double size = size_[static_cast<std::size_t>(item)];
    const auto place = std::find_if(items.begin(), items.end(),
                                    [&](int other) { return size_[static_cast<std::size_t>(other)] < size; });
    items.insert(place, item);
  }
  // Summed anew, so that no rounding error builds up.
  sum_[bin] = 0.0;
  for (const int item : items) sum_[bin] += size_[static_cast<std::size_t>(item)];
}

bool Exchange::step(std::size_t bin, bool pairs, std::uint64_t& work) {
  list_parts(bin, pairs, mine_);
  Step best;
  best.height = sum_[bin] * (1 - least_gain);
  for (std::size_t partner = 0; partner < bins_.size(); ++partner) {
    // Halfway to the partner is the best that an exchange with it can reach.
    if (partner == bin || 0.5 * (sum_[bin] + sum_[partner]) >= best.height) continue;
    list_parts(partner, pairs, theirs_);
    judge(bin, partner, best);
    work += mine_.size() + theirs_.size();
  }
  if (best.out.first < 0) return false;
  put(bin, best.out, best.in);
  put(best.bin, best.in, best.out);
  return true;
}

bool Exchange::lower(std::uint64_t& work) {
  if (bins_.size() < 2) return false;
  const std::size_t bin = highest();
  work += bins_.size();
  return step(bin, false, work) || step(bin, true, work);
}

void Exchange::level(double goal, std::uint64_t work_limit, std::uint64_t& work) {
  while (work < work_limit && height() > goal && lower(work)) {
  }
}

}  // namespace plimsoll::experts
