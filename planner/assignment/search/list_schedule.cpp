#include "planner/assignment/search/list_schedule.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

class List {
 public:
  explicit List(const Times& times)
      : times_(times),
        prepared_(times.prepared),
        load_(z(times.bins)),
        used_(times.prepared.dimensions.size(), z(times.bins)),
        bin_of_(z(times.items), -1) {
    budget_ = prepared_.max_changes.value_or(0);
    for (int item = 0; prepared_.limits_changes() && item < times.items; ++item) budget_ -= fewest_changes(item);
  }

  std::vector<int> schedule() {
    std::vector<int> order(z(times_.items));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return least(a) > least(b); });
    for (const int item : order) place(item);
    return bin_of_;
  }

 private:
  [[nodiscard]] double least(int item) const { return times_.at(item, times_.open[z(item)].front()); }

  [[nodiscard]] std::int64_t fewest_changes(int item) const {
    int fewest = prepared_.changes.at(z(times_.open[z(item)].front()), z(item));
    for (const int bin : times_.open[z(item)]) fewest = std::min(fewest, prepared_.changes.at(z(bin), z(item)));
    return fewest;
  }

  // Beyond what the item needs at the least.
  [[nodiscard]] std::int64_t extra_changes(int item, int bin) const {
    return prepared_.limits_changes() ? prepared_.changes.at(z(bin), z(item)) - fewest_changes(item) : 0;
  }

  [[nodiscard]] int broken(int item, int bin) const {
    int count = extra_changes(item, bin) > budget_ ? 1 : 0;
    for (std::size_t d = 0; d < prepared_.dimensions.size(); ++d) {
      const Prepared::Dimension& dimension = prepared_.dimensions[d];
      count += used_.at(d, z(bin)) + dimension.size.at(z(bin), z(item)) > dimension.capacity[z(bin)] ? 1 : 0;
    }
    for (const int other : prepared_.apart[z(item)]) count += bin_of_[z(other)] == bin ? 1 : 0;
    return count;
  }

  void place(int item) {
    std::tuple<int, double, double> best{};
    int chosen = -1;
    for (const int bin : times_.open[z(item)]) {
      const double time = times_.at(item, bin);
      const double end = load_[z(bin)] + time + times_.cost.at(z(item), z(bin));
      const std::tuple<int, double, double> rank{broken(item, bin), end, time};
      if (chosen >= 0 && rank >= best) continue;
      best = rank;
      chosen = bin;
    }
    bin_of_[z(item)] = chosen;
    load_[z(chosen)] += times_.at(item, chosen);
    budget_ -= extra_changes(item, chosen);
    for (std::size_t d = 0; d < prepared_.dimensions.size(); ++d) {
      used_.at(d, z(chosen)) += prepared_.dimensions[d].size.at(z(chosen), z(item));
    }
  }

  const Times& times_;
  const Prepared& prepared_;
  std::vector<double> load_;
  Matrix<double> used_;
  std::int64_t budget_ = 0;  // of changes, beyond those that cannot be avoided
  std::vector<int> bin_of_;
};

}  // namespace

std::vector<int> list_schedule(const Times& times) { return List(times).schedule(); }

}  // namespace plimsoll::assignment
