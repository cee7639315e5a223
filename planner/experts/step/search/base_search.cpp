#include "planner/experts/step/search/base_search.hpp"

#include <algorithm>

#include "planner/experts/step/search/base_placement.hpp"

namespace plimsoll::experts::step {
namespace {

constexpr int most_idle = 400;        // changes without anything new before the search goes back to the best
constexpr int tries_per_change = 20;  // random draws until one is allowed

std::size_t index(int number) { return static_cast<std::size_t>(number); }

}  // namespace

BaseSearch::BaseSearch(const Prepared& prepared, const Bounds& bounds, std::uint64_t seed)
    : prepared_(prepared), bounds_(bounds), random_(seed, 31) {
  for (int column = 0; column < prepared.total_columns(); ++column) {
    if (prepared.columns.alive[index(prepared.columns.device_of_slot(column))]) live_columns_.push_back(column);
  }
}

bool BaseSearch::begin(const BuiltStep& built) {
  best_ = built;
  base_ = built.plan.base;
  seconds_ = built.seconds;
  return base_is_free(prepared_) && live_columns_.size() > 1;
}

bool BaseSearch::held_elsewhere(std::span<const int> row, int column) const {
  for (const int other : live_columns_) {
    if (other != column && row[index(other)] == row[index(column)]) return true;
  }
  return false;
}

bool BaseSearch::may_hold(std::span<const int> row, int device, int expert) const {
  for (int column = prepared_.columns.first_slot[index(device)];
       column < prepared_.columns.first_slot[index(device) + 1]; ++column) {
    if (row[index(column)] == expert) return false;
  }
  return true;
}

// Two base replicas of different devices change places.
bool BaseSearch::exchange(std::span<int> row) {
  const int a = live_columns_[random_.below(live_columns_.size())];
  const int b = live_columns_[random_.below(live_columns_.size())];
  const int device_a = prepared_.columns.device_of_slot(a);
  const int device_b = prepared_.columns.device_of_slot(b);
  if (device_a == device_b || row[index(a)] < 0 || row[index(b)] < 0) return false;
  if (!may_hold(row, device_b, row[index(a)]) || !may_hold(row, device_a, row[index(b)])) return false;
  std::swap(row[index(a)], row[index(b)]);
  return true;
}

// A replica of an expert that has others becomes one of another expert.
bool BaseSearch::replace(std::span<int> row) {
  const int column = live_columns_[random_.below(live_columns_.size())];
  if (row[index(column)] < 0 || !held_elsewhere(row, column)) return false;
  const int expert = static_cast<int>(random_.below(index(prepared_.experts)));
  if (!may_hold(row, prepared_.columns.device_of_slot(column), expert)) return false;
  row[index(column)] = expert;
  return true;
}

// A transient column becomes a base slot for the step, or is one no longer.
bool BaseSearch::give_or_take(std::span<int> row) {
  if (prepared_.pool) return false;
  const int column = live_columns_[random_.below(live_columns_.size())];
  if (!prepared_.transient_column[index(column)]) return false;
  if (row[index(column)] >= 0) {
    if (!held_elsewhere(row, column)) return false;
    row[index(column)] = -1;
    return true;
  }
  const int expert = static_cast<int>(random_.below(index(prepared_.experts)));
  if (!may_hold(row, prepared_.columns.device_of_slot(column), expert)) return false;
  row[index(column)] = expert;
  return true;
}

bool BaseSearch::change(Matrix<int>& base) {
  for (int attempt = 0; attempt < tries_per_change; ++attempt) {
    const auto row = base.row(random_.below(base.rows()));
    const std::size_t kind = random_.below(4);
    if (kind < 2 ? exchange(row) : kind == 2 ? replace(row) : give_or_take(row)) return true;
  }
  return false;
}

const StepPlan* BaseSearch::step() {
  if (++idle_ > most_idle) {
    idle_ = 0;
    base_ = best_.plan.base;
    seconds_ = best_.seconds;
  }
  Matrix<int> changed = base_;
  ++work_;
  if (!change(changed)) return nullptr;
  // Now and then two changes at once, which one by one would lead nowhere.
  if (random_.below(3) == 0) change(changed);
  BuiltStep built = build_step(prepared_, bounds_, changed, 1);
  work_ += built.work;
  if (built.seconds > seconds_) return nullptr;
  seconds_ = built.seconds;
  base_ = std::move(changed);
  if (built.seconds >= best_.seconds) return nullptr;
  best_ = std::move(built);
  idle_ = 0;
  return &best_.plan;
}

std::uint64_t BaseSearch::take_work() {
  const std::uint64_t work = work_;
  work_ = 0;
  return work;
}

}  // namespace plimsoll::experts::step
