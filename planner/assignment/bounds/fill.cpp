#include "planner/assignment/bounds/fill.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::assignment {
namespace {

constexpr double slack = 1e-12;                 // relative, of what comparing sums may lose
constexpr double most_cells = 16.0e6;           // of the table of one knapsack
constexpr double coarse_grid = 4096;            // where sizes are not whole or the room is large
constexpr std::uint64_t most_states = 200'000;  // of a list search
constexpr double grid_rounding = 1e-12;  // a size is rounded down by a little more than its division can round up

// Sorted by density, best first; sizes of 0 before all.
void sort_by_density(std::vector<Offer>& offers) {
  std::sort(offers.begin(), offers.end(), [](const Offer& a, const Offer& b) {
    const double left = a.profit * b.size;
    const double right = b.profit * a.size;
    if (left != right) return left > right;
    return a.item < b.item;
  });
}

void drop_useless(std::vector<Offer>& offers, double room) {
  std::erase_if(offers, [&](const Offer& offer) { return !(offer.profit > 0) || offer.size > room; });
}

double total_size(const std::vector<Offer>& offers) {
  double sum = 0;
  for (const Offer& offer : offers) sum += offer.size;
  return sum;
}

double total_profit(const std::vector<Offer>& offers) {
  double sum = 0;
  for (const Offer& offer : offers) sum += offer.profit;
  return sum;
}

// No set holds more offers than the smallest ones that fit; none is worth more than as many of the best.
double count_bound(const std::vector<Offer>& offers, double room, std::vector<double>& scratch) {
  scratch.clear();
  for (const Offer& offer : offers) scratch.push_back(offer.size);
  std::sort(scratch.begin(), scratch.end());
  std::size_t most = 0;
  for (double used = 0; most < scratch.size() && used + scratch[most] <= room * (1 + slack); ++most) {
    used += scratch[most];
  }
  if (most == offers.size()) return total_profit(offers);
  scratch.clear();
  for (const Offer& offer : offers) scratch.push_back(offer.profit);
  std::nth_element(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(most), scratch.end(),
                   std::greater<>());
  double sum = 0;
  for (std::size_t k = 0; k < most; ++k) sum += scratch[k];
  return sum;
}

struct Grid {
  double unit = 1;
  std::size_t cells = 0;  // the room in units
};

Grid grid_of(double room, bool whole, std::size_t offers) {
  const double finest = std::min(Fill::finest_grid, std::max(64.0, most_cells / static_cast<double>(offers + 1)));
  if (whole && room <= finest) return {1, static_cast<std::size_t>(room)};
  const double cells = std::min(finest, coarse_grid);
  return {room / cells, static_cast<std::size_t>(cells)};
}

std::size_t on_grid(const Grid& grid, double size) {
  if (grid.unit == 1) return static_cast<std::size_t>(size);
  return static_cast<std::size_t>(std::floor(size / grid.unit * (1 - grid_rounding)));
}

}  // namespace

Fill::Relaxed Fill::relax(const std::vector<Offer>& offers, double room) {
  Relaxed relaxed{0, 0, 0, 0};
  for (; relaxed.split < offers.size(); ++relaxed.split) {
    const Offer& offer = offers[relaxed.split];
    if (relaxed.used + offer.size > room) break;
    relaxed.used += offer.size;
    relaxed.profit += offer.profit;
  }
  relaxed.upper = relaxed.profit;
  if (relaxed.split < offers.size()) {
    const Offer& split = offers[relaxed.split];
    relaxed.upper += std::max(0.0, room - relaxed.used) / split.size * split.profit;
  }
  return relaxed;
}

double Fill::greedy(const std::vector<Offer>& offers, double room) {
  chosen_.clear();
  double used = 0;
  double profit = 0;
  for (const Offer& offer : offers) {
    if (used + offer.size > room) continue;
    used += offer.size;
    profit += offer.profit;
    chosen_.push_back(offer.item);
  }
  return profit;
}

// What is in every better set goes to fixed_, what is in none is dropped, the rest is the core. Returns the room left.
double Fill::settle(const std::vector<Offer>& offers, double room, const Relaxed& relaxed, double lower) {
  core_.clear();
  fixed_.clear();
  fixed_profit_ = 0;
  const Offer& split = offers[relaxed.split];
  const double density = split.profit / split.size;
  const double needed = lower - slack * std::abs(lower);
  double left = room;
  for (std::size_t k = 0; k < offers.size(); ++k) {
    const Offer& offer = offers[k];
    const double loss = std::abs(offer.profit - density * offer.size);
    if (relaxed.upper - loss >= needed || k == relaxed.split) {
      core_.push_back(offer);
    } else if (k < relaxed.split) {
      fixed_.push_back(offer.item);
      fixed_profit_ += offer.profit;
      left -= offer.size;
    }
  }
  return left;
}

// Sizes that are not whole, or too much room for a table: the list search, which bounds what its limit leaves open.
double Fill::search_lists(double room) {
  profits_.clear();
  sizes_.clear();
  for (const Offer& offer : core_) {
    profits_.push_back(offer.profit);
    sizes_.push_back(offer.size);
  }
  const std::uint64_t before = lists_.work();
  const auto answer = lists_.solve(profits_, sizes_, room * (1 + slack), picked_, most_states);
  work_ += lists_.work() - before;
  chosen_ = fixed_;
  for (const int index : picked_) chosen_.push_back(core_[static_cast<std::size_t>(index)].item);
  return fixed_profit_ + answer.upper * (1 + slack);
}

double Fill::search(double room, bool whole) {
  const Grid grid = grid_of(room, whole, core_.size());
  if (!whole || grid.unit != 1) return search_lists(room);
  const std::size_t width = grid.cells + 1;
  layers_.resize(std::max(layers_.size(), (core_.size() + 1) * width));
  std::fill_n(layers_.begin(), width, 0.0);  // the other rows are written in full
  for (std::size_t k = 0; k < core_.size(); ++k) {
    const double* before = layers_.data() + k * width;
    double* after = layers_.data() + (k + 1) * width;
    const std::size_t size = std::min(on_grid(grid, core_[k].size), width);
    const double profit = core_[k].profit;
    std::copy(before, before + size, after);
    for (std::size_t c = size; c < width; ++c) {
      const double with = before[c - size] + profit;
      after[c] = before[c] > with ? before[c] : with;
    }
  }
  work_ += core_.size() * width / 8;
  chosen_ = fixed_;
  std::size_t c = grid.cells;
  for (std::size_t k = core_.size(); k-- > 0;) {
    if (layers_[(k + 1) * width + c] == layers_[k * width + c]) continue;
    chosen_.push_back(core_[k].item);
    c -= on_grid(grid, core_[k].size);
  }
  return fixed_profit_ + layers_[core_.size() * width + grid.cells];
}

double Fill::solve(std::vector<Offer>& offers, double room, bool whole) {
  work_ += 16 * offers.size() + 16;
  chosen_.clear();
  if (room < 0) return 0;
  drop_useless(offers, room);
  if (total_size(offers) <= room) {
    for (const Offer& offer : offers) chosen_.push_back(offer.item);
    return total_profit(offers);
  }
  sort_by_density(offers);
  const Relaxed relaxed = relax(offers, room);
  const double lower = greedy(offers, room);
  const double upper = std::min(relaxed.upper, count_bound(offers, room, sizes_));
  if (lower >= upper * (1 - slack)) return upper;
  const double left = settle(offers, room, relaxed, lower);
  const std::vector<int> kept = chosen_;
  const double best = search(left, whole);
  if (best < lower) {
    chosen_ = kept;
    return std::min(lower, upper);
  }
  return std::min(best, upper);
}

std::uint64_t Fill::take_work() {
  const std::uint64_t work = work_;
  work_ = 0;
  return work;
}

double plain_fill(std::vector<Offer> offers, double room, bool whole, double most_steps) {
  if (room < 0) return 0;
  drop_useless(offers, room);
  if (total_size(offers) <= room) return total_profit(offers);
  sort_by_density(offers);
  double upper = 0;
  double used = 0;
  for (const Offer& offer : offers) {
    const double part = used + offer.size > room ? std::max(0.0, room - used) / offer.size : 1.0;
    upper += part * offer.profit;
    used += offer.size;
    if (part < 1) break;
  }
  std::vector<double> scratch;
  upper = std::min(upper, count_bound(offers, room, scratch));
  double lower = 0;
  used = 0;
  for (const Offer& offer : offers) {
    if (used + offer.size > room) continue;
    used += offer.size;
    lower += offer.profit;
  }
  if (lower >= upper) return upper;
  const Grid grid = grid_of(room, whole, 0);
  if (static_cast<double>(offers.size()) * static_cast<double>(grid.cells) > most_steps) return upper;
  std::vector<double> best(grid.cells + 1, 0.0);
  for (const Offer& offer : offers) {
    const std::size_t size = on_grid(grid, offer.size);
    for (std::size_t c = best.size(); c-- > size;) best[c] = std::max(best[c], best[c - size] + offer.profit);
  }
  upper = std::min(upper, best.back());
  if (grid.unit == 1) return upper;
  std::vector<double> profits;
  std::vector<double> sizes;
  std::vector<int> chosen;
  for (const Offer& offer : offers) {
    profits.push_back(offer.profit);
    sizes.push_back(offer.size);
  }
  const auto answer = solvers::knapsack::Knapsack().solve(profits, sizes, room * (1 + slack), chosen, 10 * most_states);
  return std::min(upper, answer.upper * (1 + slack));
}

}  // namespace plimsoll::assignment
