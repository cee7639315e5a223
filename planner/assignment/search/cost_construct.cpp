#include "planner/assignment/search/cost_construct.hpp"

#include <algorithm>
#include <limits>
#include <queue>

namespace plimsoll::assignment {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::size_t z(int index) { return static_cast<std::size_t>(index); }

class Construction {
 public:
  Construction(const CostTables& tables, const CapacityPrices& prices, Desire desire)
      : tables_(tables), prices_(prices), desire_(desire), slack_(tables.capacity), bin_of_(z(tables.items), -1) {
    change_room_ = tables.limits_changes ? tables.max_changes : infinite;
    for (int item = 0; item < tables.items; ++item) {
      for (int bin = 0; bin < tables.bins; ++bin) {
        if (tables.can(item, bin)) lowest_ = std::min(lowest_, tables.cost(item, bin));
      }
    }
  }

  // Regrets only grow while bins fill up, so that an entry of the queue that is out of date is put back with what it
  // is now.
  std::vector<int> build(std::uint64_t& work) {
    std::priority_queue<Entry> queue;
    for (int item = 0; item < tables_.items; ++item) queue.push(judge(item));
    while (!queue.empty()) {
      const Entry entry = queue.top();
      queue.pop();
      const Entry now = judge(entry.item);
      if (now.bin != entry.bin || now.regret < entry.regret) {
        if (now.bin >= 0 && !queue.empty() && now < queue.top()) {
          queue.push(now);
          continue;
        }
      }
      place(entry.item, now.bin >= 0 ? now.bin : least_harm(entry.item));
    }
    work += work_;
    return bin_of_;
  }

 private:
  struct Entry {
    double regret = 0;
    int item = 0;
    int bin = -1;
    bool operator<(const Entry& other) const {
      return regret != other.regret ? regret < other.regret : item > other.item;
    }
  };

  [[nodiscard]] bool fits(int item, int bin) const {
    if (!tables_.can(item, bin)) return false;
    for (int d = 0; d < tables_.dimensions; ++d) {
      if (tables_.size(item, bin, d) > slack_[z(bin) * z(tables_.dimensions) + z(d)]) return false;
    }
    if (tables_.changes(item, bin) > change_room_) return false;
    return meets(item, bin) == 0;
  }
  [[nodiscard]] int meets(int item, int bin) const {
    if (!tables_.has_apart) return 0;
    int count = 0;
    for (const int other : tables_.prepared.apart[z(item)]) count += bin_of_[z(other)] == bin ? 1 : 0;
    return count;
  }
  // The largest part of a capacity that the item takes.
  [[nodiscard]] double part(int item, int bin) const {
    double largest = 0;
    for (int d = 0; d < tables_.dimensions; ++d) {
      largest = std::max(largest, tables_.size(item, bin, d) / std::max(1.0, tables_.room(bin, d)));
    }
    return largest;
  }
  [[nodiscard]] double desire(int item, int bin) const {
    switch (desire_) {
      case Desire::priced:
        return prices_.priced(tables_, item, bin);
      case Desire::size:
        return part(item, bin);
      case Desire::leverage:
        return (tables_.cost(item, bin) - lowest_) * (1e-6 + part(item, bin));
      case Desire::standing:
        return tables_.cost(item, bin) + 1e6 * (prices_.change_price + 1) * tables_.changes(item, bin);
      case Desire::cost:
        break;
    }
    return tables_.cost(item, bin);
  }

  Entry judge(int item) {
    double first = infinite;
    double second = infinite;
    Entry entry{infinite, item, -1};
    work_ += z(tables_.bins);
    for (int bin = 0; bin < tables_.bins; ++bin) {
      if (!fits(item, bin)) continue;
      const double value = desire(item, bin);
      if (value < first) {
        second = first;
        first = value;
        entry.bin = bin;
      } else if (value < second) {
        second = value;
      }
    }
    if (entry.bin >= 0) entry.regret = second - first;
    return entry;
  }

  int least_harm(int item) const {
    int best = -1;
    double least = infinite;
    for (int bin = 0; bin < tables_.bins; ++bin) {
      if (!tables_.can(item, bin)) continue;
      double harm = meets(item, bin) + std::max(0.0, tables_.changes(item, bin) - change_room_);
      for (int d = 0; d < tables_.dimensions; ++d) {
        const double over = tables_.size(item, bin, d) - slack_[z(bin) * z(tables_.dimensions) + z(d)];
        harm += std::max(0.0, over) / std::max(1.0, tables_.room(bin, d));
      }
      if (harm < least) {
        least = harm;
        best = bin;
      }
    }
    return best;
  }

  void place(int item, int bin) {
    bin_of_[z(item)] = bin;
    for (int d = 0; d < tables_.dimensions; ++d) {
      slack_[z(bin) * z(tables_.dimensions) + z(d)] -= tables_.size(item, bin, d);
    }
    change_room_ -= tables_.changes(item, bin);
  }

  const CostTables& tables_;
  const CapacityPrices& prices_;
  const Desire desire_;
  std::vector<double> slack_;
  std::vector<int> bin_of_;
  double change_room_ = 0;
  double lowest_ = infinite;
  std::uint64_t work_ = 0;
};

}  // namespace

std::vector<int> construct_by_regret(const CostTables& tables, const CapacityPrices& prices, Desire desire,
                                     std::uint64_t& work) {
  return Construction(tables, prices, desire).build(work);
}

}  // namespace plimsoll::assignment
