#include "planner/assignment/search/schedule.hpp"

#include <algorithm>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

Schedule::Schedule(const Times& times)
    : times_(times),
      plain_(times.prepared.dimensions.empty() && !times.prepared.has_apart() && !times.prepared.limits_changes() &&
             !times.priced),
      exact_(times.prepared.whole_size && std::all_of(times.prepared.speed.begin(), times.prepared.speed.end(),
                                                      [](double speed) { return speed == 1.0; })),
      bin_of_(z(times.items), -1),
      place_(z(times.items)),
      load_(z(times.bins)),
      content_(z(times.bins)),
      used_(times.prepared.dimensions.size(), z(times.bins)) {
  if (times.prepared.has_apart()) enemies_ = Matrix<int>(z(times.items), z(times.bins));
}

void Schedule::put(int item, int bin) {
  if (!enemies_.empty()) {
    conflicts_ += enemies(item, bin);
    for (const int other : times_.prepared.apart[z(item)]) ++enemies_.at(z(other), z(bin));
  }
  bin_of_[z(item)] = bin;
  place_[z(item)] = static_cast<int>(content_[z(bin)].size());
  content_[z(bin)].push_back(item);
  load_[z(bin)] += times_.at(item, bin);
  for (std::size_t d = 0; d < dimensions(); ++d) {
    used_.at(d, z(bin)) += times_.prepared.dimensions[d].size.at(z(bin), z(item));
  }
  cost_ += times_.cost.at(z(item), z(bin));
  changes_ += changes(item, bin);
}

void Schedule::take(int item) {
  const int bin = bin_of(item);
  std::vector<int>& content = content_[z(bin)];
  const int last = content.back();
  content[z(place_[z(item)])] = last;
  place_[z(last)] = place_[z(item)];
  content.pop_back();
  load_[z(bin)] -= times_.at(item, bin);
  for (std::size_t d = 0; d < dimensions(); ++d) {
    used_.at(d, z(bin)) -= times_.prepared.dimensions[d].size.at(z(bin), z(item));
  }
  cost_ -= times_.cost.at(z(item), z(bin));
  changes_ -= changes(item, bin);
  bin_of_[z(item)] = -1;
  if (enemies_.empty()) return;
  conflicts_ -= enemies(item, bin);
  for (const int other : times_.prepared.apart[z(item)]) --enemies_.at(z(other), z(bin));
}

// Sums anew what adding and subtracting would let drift.
void Schedule::sum(int bin) {
  if (exact_ && plain_) return;
  double load = 0;
  for (const int item : content_[z(bin)]) load += times_.at(item, bin);
  load_[z(bin)] = load;
  for (std::size_t d = 0; d < dimensions(); ++d) {
    double used = 0;
    for (const int item : content_[z(bin)]) used += times_.prepared.dimensions[d].size.at(z(bin), z(item));
    used_.at(d, z(bin)) = used;
  }
}

void Schedule::assign(std::span<const int> bin_of) {
  std::fill(load_.begin(), load_.end(), 0.0);
  used_ = Matrix<double>(used_.rows(), used_.columns());
  if (!enemies_.empty()) enemies_ = Matrix<int>(enemies_.rows(), enemies_.columns());
  for (std::vector<int>& content : content_) content.clear();
  changes_ = 0;
  conflicts_ = 0;
  cost_ = 0;
  for (int item = 0; item < times_.items; ++item) put(item, bin_of[z(item)]);
}

void Schedule::move(int item, int bin) {
  const int from = bin_of(item);
  take(item);
  put(item, bin);
  sum(from);
  sum(bin);
}

double Schedule::makespan() const { return *std::max_element(load_.begin(), load_.end()); }

bool Schedule::apart(int item, int other) const {
  const std::vector<int>& others = times_.prepared.apart[z(item)];
  return std::binary_search(others.begin(), others.end(), other);
}

int Schedule::changes(int item, int bin) const {
  return times_.prepared.changes.empty() ? 0 : times_.prepared.changes.at(z(bin), z(item));
}

bool Schedule::lawful() const {
  if (conflicts_ > 0) return false;
  if (times_.prepared.max_changes && changes_ > *times_.prepared.max_changes) return false;
  for (std::size_t d = 0; d < dimensions(); ++d) {
    const std::vector<double>& capacity = times_.prepared.dimensions[d].capacity;
    for (int bin = 0; bin < times_.bins; ++bin) {
      if (used(d, bin) > capacity[z(bin)]) return false;
    }
  }
  return true;
}

}  // namespace plimsoll::assignment
