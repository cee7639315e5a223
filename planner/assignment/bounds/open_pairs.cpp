#include "planner/assignment/bounds/open_pairs.hpp"

#include <limits>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

OpenPairs::OpenPairs(const Prepared& prepared)
    : prepared_(prepared),
      open_(z(prepared.bins) * z(prepared.items)),
      bin_of_(z(prepared.items), -1),
      choices_(z(prepared.items), 0),
      changes_left_(prepared.max_changes.value_or(std::numeric_limits<std::int64_t>::max() / 2)),
      free_items_(prepared.items) {
  for (int item = 0; item < prepared.items; ++item) {
    for (int bin = 0; bin < prepared.bins; ++bin) {
      open_[at(bin, item)] = prepared.can(bin, item) ? 1 : 0;
      choices_[z(item)] += open_[at(bin, item)];
    }
    if (choices_[z(item)] == 1) forced_.push_back(item);
  }
  for (const Prepared::Dimension& dimension : prepared.dimensions) {
    room_.insert(room_.end(), dimension.capacity.begin(), dimension.capacity.end());
  }
}

bool OpenPairs::close(int bin, int item) {
  if (!open(bin, item)) return true;
  open_[at(bin, item)] = 0;
  trail_.push_back({bin, item, false});
  const int left = --choices_[z(item)];
  if (left == 1 && bin_of(item) < 0) forced_.push_back(item);
  return left > 0 && bin_of(item) != bin;
}

// What was there before is kept, so that undoing gives the same bits back.
void OpenPairs::take_room(int bin, int item) {
  for (std::size_t d = 0; d < prepared_.dimensions.size(); ++d) {
    double& room = room_[d * z(prepared_.bins) + z(bin)];
    rooms_before_.push_back(room);
    room -= prepared_.dimensions[d].size.at(z(bin), z(item));
  }
}

bool OpenPairs::assign(int bin, int item) {
  if (bin_of(item) == bin) return true;
  if (bin_of(item) >= 0 || !open(bin, item)) return false;
  work_ += 2 * z(prepared_.items) + z(prepared_.bins);
  bin_of_[z(item)] = bin;
  --free_items_;
  take_room(bin, item);
  trail_.push_back({bin, item, true});
  if (!prepared_.changes.empty()) {
    changes_left_ -= prepared_.changes.at(z(bin), z(item));
    if (changes_left_ < 0) return false;
  }
  for (int other = 0; other < prepared_.bins; ++other) {
    if (other != bin && open(other, item)) {
      open_[at(other, item)] = 0;
      --choices_[z(item)];
      trail_.push_back({other, item, false});
    }
  }
  for (const int other : prepared_.apart[z(item)]) {
    if (bin_of(other) == bin || !close(bin, other)) return false;
  }
  for (std::size_t d = 0; d < prepared_.dimensions.size(); ++d) {
    const double left = room(d, bin);
    const double slack = prepared_.dimensions[d].whole ? 0 : 1e-12 * prepared_.dimensions[d].capacity[z(bin)];
    if (left < -slack) return false;
    const auto sizes = prepared_.dimensions[d].size.row(z(bin));
    for (int other = 0; other < prepared_.items; ++other) {
      if (bin_of(other) >= 0 || sizes[z(other)] <= left + slack || !open(bin, other)) continue;
      if (!close(bin, other)) return false;
    }
  }
  if (prepared_.limits_changes()) {
    for (int other = 0; other < prepared_.items; ++other) {
      for (int target = 0; target < prepared_.bins && bin_of(other) < 0; ++target) {
        if (prepared_.changes.at(z(target), z(other)) > changes_left_ && !close(target, other)) return false;
      }
    }
  }
  return true;
}

bool OpenPairs::propagate() {
  while (!forced_.empty()) {
    const int item = forced_.back();
    forced_.pop_back();
    if (bin_of(item) >= 0 || choices(item) != 1) {
      if (choices(item) < 1) return false;
      continue;
    }
    int bin = 0;
    while (!open(bin, item)) ++bin;
    if (!assign(bin, item)) return false;
  }
  return true;
}

void OpenPairs::undo(std::size_t mark) {
  forced_.clear();
  work_ += trail_.size() - mark;
  while (trail_.size() > mark) {
    const Step step = trail_.back();
    trail_.pop_back();
    if (step.assigned) {
      bin_of_[z(step.item)] = -1;
      ++free_items_;
      for (std::size_t d = prepared_.dimensions.size(); d-- > 0;) {
        room_[d * z(prepared_.bins) + z(step.bin)] = rooms_before_.back();
        rooms_before_.pop_back();
      }
      if (!prepared_.changes.empty()) changes_left_ += prepared_.changes.at(z(step.bin), z(step.item));
    } else {
      open_[at(step.bin, step.item)] = 1;
      ++choices_[z(step.item)];
    }
  }
}

std::uint64_t OpenPairs::take_work() {
  const std::uint64_t work = work_;
  work_ = 0;
  return work;
}

}  // namespace plimsoll::assignment
