#include "planner/assignment/search/cost_join.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::assignment {
namespace {

constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();

}  // namespace

bool CostJoin::find(std::span<const Step> steps, std::span<const double> slack, std::span<const double> lambda,
                    double budget, std::size_t list_limit, const Accept& accept, Found& found, std::uint64_t& work) {
  capacities_ = slack.size();
  stride_ = capacities_ + 1;
  // Items in the order of their cheapest deviation, dealt to the halves in turn.
  std::vector<int> group_of;
  std::vector<std::vector<int>> groups[2];
  int side = 0;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const auto item = static_cast<std::size_t>(steps[k].item);
    if (item >= group_of.size()) group_of.resize(item + 1, -1);
    if (group_of[item] < 0) {
      group_of[item] = 2 * static_cast<int>(groups[side].size()) + side;
      groups[side].emplace_back();
      side = 1 - side;
    }
    const int group = group_of[item];
    groups[group % 2][static_cast<std::size_t>(group / 2)].push_back(static_cast<int>(k));
  }
  list_all(steps, groups[0], budget, list_limit, left_, work);
  list_all(steps, groups[1], budget, list_limit, right_, work);
  set_grid(lambda, budget);
  return join(steps, slack, lambda, budget, accept, found, work);
}

// Where the sets within the budget are too many, cheap sets of all items are worth more than all sets of a few: the
// budget of the half is lowered until its list is complete, or nearly.
void CostJoin::list_all(std::span<const Step> steps, const std::vector<std::vector<int>>& groups, double budget,
                        std::size_t limit, Half& half, std::uint64_t& work) {
  constexpr double first_part = 1.0;
  constexpr double smaller = 0.75;
  constexpr int attempts = 8;
  double part = first_part;
  for (int attempt = 0; attempt < attempts; ++attempt, part *= smaller) {
    const bool complete = list(steps, groups, part * budget, limit, half);
    work += half.last.size() * 2;
    if (complete) return;
  }
}

bool CostJoin::list(std::span<const Step> steps, const std::vector<std::vector<int>>& groups, double budget,
                    std::size_t limit, Half& half) {
  half.rows.assign(stride_, 0.0F);
  half.last.assign(1, nobody);
  half.before.assign(1, nobody);
  for (const std::vector<int>& group : groups) {
    const std::size_t sets = half.last.size();
    for (const int k : group) {
      const Step& step = steps[static_cast<std::size_t>(k)];
      const auto reduced = static_cast<float>(step.reduced);
      for (std::size_t set = 0; set < sets; ++set) {
        if (half.rows[set * stride_] + reduced > static_cast<float>(budget)) continue;
        const std::size_t begin = half.rows.size();
        half.rows.resize(begin + stride_);
        const float* source = half.rows.data() + set * stride_;
        float* target = half.rows.data() + begin;
        target[0] = source[0] + reduced;
        for (std::size_t c = 0; c < capacities_; ++c) target[c + 1] = source[c + 1] + static_cast<float>(step.load[c]);
        half.last.push_back(static_cast<std::uint32_t>(k));
        half.before.push_back(static_cast<std::uint32_t>(set));
        if (half.last.size() >= limit) return false;
      }
    }
  }
  return true;
}

void CostJoin::set_grid(std::span<const double> lambda, double budget) {
  const std::size_t sets = right_.last.size();
  std::vector<std::pair<double, Axis>> choice;
  for (std::size_t c = 0; c < capacities_; ++c) {
    float low = std::numeric_limits<float>::max();
    float high = std::numeric_limits<float>::lowest();
    for (std::size_t set = 0; set < sets; ++set) {
      low = std::min(low, right_.rows[set * stride_ + c + 1]);
      high = std::max(high, right_.rows[set * stride_ + c + 1]);
    }
    if (!(high > low)) continue;
    const double window = lambda[c] > 0 ? budget / lambda[c] : std::numeric_limits<double>::infinity();
    Axis axis;
    axis.capacity = c;
    axis.low = low;
    axis.width = high - low;
    choice.emplace_back(window / (high - low), axis);
  }
  std::sort(choice.begin(), choice.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  axes_.clear();
  const std::size_t kept = std::min<std::size_t>(choice.size(), 3);
  const double cells = kept == 0 ? 1 : std::pow(static_cast<double>(sets), 1.0 / static_cast<double>(kept));
  std::size_t total = 1;
  for (std::size_t k = 0; k < kept; ++k) {
    Axis axis = choice[k].second;
    axis.cells = std::clamp(static_cast<int>(cells), 1, 1024);
    axis.width = axis.width / static_cast<float>(axis.cells) * 1.0001F;
    total *= static_cast<std::size_t>(axis.cells);
    axes_.push_back(axis);
  }
  start_.assign(total + 1, 0);
  cell_of_.resize(sets);
  for (std::size_t set = 0; set < sets; ++set) {
    std::size_t cell = 0;
    for (const Axis& axis : axes_) {
      const float place = (right_.rows[set * stride_ + axis.capacity + 1] - axis.low) / axis.width;
      cell = cell * static_cast<std::size_t>(axis.cells) +
             static_cast<std::size_t>(std::clamp(static_cast<int>(place), 0, axis.cells - 1));
    }
    cell_of_[set] = static_cast<std::uint32_t>(cell);
    ++start_[cell + 1];
  }
  for (std::size_t cell = 0; cell < total; ++cell) start_[cell + 1] += start_[cell];
  order_.resize(sets);
  sorted_.resize(right_.rows.size());
  std::vector<std::uint32_t> next(start_.begin(), start_.end() - 1);
  for (std::size_t set = 0; set < sets; ++set) {
    const std::uint32_t place = next[cell_of_[set]]++;
    order_[place] = static_cast<std::uint32_t>(set);
    std::copy_n(right_.rows.data() + set * stride_, stride_, sorted_.data() + place * stride_);
  }
}

void CostJoin::read(std::span<const Step> steps, const Half& half, std::uint32_t set, std::vector<int>& options,
                    std::vector<double>& slack, double& reduced) const {
  for (; half.last[set] != nobody; set = half.before[set]) {
    const Step& step = steps[half.last[set]];
    options.push_back(step.option);
    reduced += step.reduced;
    for (std::size_t c = 0; c < capacities_; ++c) slack[c] -= step.load[c];
  }
}

bool CostJoin::join(std::span<const Step> steps, std::span<const double> slack, std::span<const double> lambda,
                    double budget, const Accept& accept, Found& found, std::uint64_t& work) {
  bool any = false;
  std::vector<float> rest(capacities_);
  std::vector<float> price(lambda.begin(), lambda.end());
  std::vector<double> exact(capacities_);
  std::vector<int> options;
  std::uint64_t pairs = 0;
  const std::uint64_t most_pairs = 64 * (left_.last.size() + right_.last.size());
  int from[3] = {0, 0, 0};
  int to[3] = {0, 0, 0};
  for (std::uint32_t set = 0; set < left_.last.size() && pairs < most_pairs; ++set) {
    const float* row = left_.rows.data() + set * stride_;
    const float left = static_cast<float>(budget) - row[0];
    const float rounding = 1e-5F * static_cast<float>(budget);
    for (std::size_t c = 0; c < capacities_; ++c) rest[c] = static_cast<float>(slack[c]) - row[c + 1];
    bool empty = false;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      const Axis& axis = axes_[a];
      const float high = (rest[axis.capacity] - axis.low) / axis.width;
      const float window = price[axis.capacity] > 0 ? left / price[axis.capacity] : 1e30F;
      const float low = (rest[axis.capacity] - window - axis.low) / axis.width;
      if (high < -0.001F || low > static_cast<float>(axis.cells) || low > high) empty = true;
      to[a] = std::clamp(static_cast<int>(std::clamp(high, -1e6F, 1e6F)), 0, axis.cells - 1);
      from[a] = std::clamp(static_cast<int>(std::clamp(low, -1e6F, 1e6F)), 0, axis.cells - 1);
    }
    if (empty) continue;
    for (int x = from[0]; x <= to[0]; ++x) {
      for (int y = from[1]; y <= to[1]; ++y) {
        std::size_t first = static_cast<std::size_t>(x);
        std::size_t last = first;
        if (axes_.size() > 1) {
          first = first * static_cast<std::size_t>(axes_[1].cells) + static_cast<std::size_t>(y);
          last = first;
        }
        if (axes_.size() > 2) {
          last = first * static_cast<std::size_t>(axes_[2].cells) + static_cast<std::size_t>(to[2]);
          first = first * static_cast<std::size_t>(axes_[2].cells) + static_cast<std::size_t>(from[2]);
        }
        pairs += 1 + start_[last + 1] - start_[first];
        for (std::uint32_t place = start_[first]; place < start_[last + 1]; ++place) {
          const float* other = sorted_.data() + place * stride_;
          float excess = other[0];
          bool fits = true;
          for (std::size_t c = 0; c < capacities_; ++c) {
            const float open = rest[c] - other[c + 1];
            fits = fits & (open >= -1e-3F * (1 + std::abs(rest[c]) * 1e-3F));
            excess += price[c] * open;
          }
          if (!fits || excess > left + rounding) continue;
          options.clear();
          exact.assign(slack.begin(), slack.end());
          double sum = 0;
          read(steps, left_, set, options, exact, sum);
          read(steps, right_, order_[place], options, exact, sum);
          bool holds = true;
          for (std::size_t c = 0; c < capacities_; ++c) {
            holds = holds && exact[c] >= 0;
            sum += lambda[c] * exact[c];
          }
          if (!holds || sum > budget || !accept(options)) continue;
          any = true;
          budget = sum;
          found.excess = sum;
          found.options = options;
        }
      }
    }
  }
  work += pairs;
  return any;
}

}  // namespace plimsoll::assignment
