// Finds a combination of deviations that fits several capacities at once, by meeting in the middle.
//
// A cell (cost_cell.hpp) wants a set of deviations, at most one per item, with a small sum of reduced costs, that makes
// every bin full but not overfull. Such sets are about one in 10^8, far too few for a depth-first search of thousands
// of nodes. The items are split into two halves; all sets of either half within the budget are listed (some thousands
// each), one list is put on a grid by what it adds to the three most selective capacities, and each set of the other
// half looks up only those that complete it: ten million pairs are judged for the price of some ten thousand (Horowitz
// and Sahni 1974 for one knapsack).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace plimsoll::assignment {

class CostJoin {
 public:
  // What a deviation adds: to the reduced costs, and to the use of each capacity (`load` has `capacities` entries).
  struct Step {
    double reduced = 0;
    int item = 0;
    int option = 0;
    const double* load = nullptr;
  };
  struct Found {
    double excess = 0;  // reduced costs and unused capacity at its price
    std::vector<int> options;
  };

  // Judges a set that fits: at most once per better set, so that it may be slow. Options in no order.
  using Accept = std::function<bool(const std::vector<int>&)>;

  // `steps` sorted by reduced cost; `slack`, `lambda`: [capacities], before any deviation. Looks for a set with
  // sum of reduced + lambda * (slack left) at most `budget`, the least among what it sees that is not `now` (options
  // ascending).
  bool find(std::span<const Step> steps, std::span<const double> slack, std::span<const double> lambda, double budget,
            std::size_t list_limit, const Accept& accept, Found& found, std::uint64_t& work);

 private:
  struct Half {
    std::vector<float> rows;            // [sets][stride]: reduced, loads
    std::vector<std::uint32_t> last;    // the step added last
    std::vector<std::uint32_t> before;  // the set without it
  };
  void list(std::span<const Step> steps, const std::vector<std::vector<int>>& groups, double budget, std::size_t limit,
            Half& half);
  void set_grid(std::span<const double> lambda, double budget);
  bool join(std::span<const Step> steps, std::span<const double> slack, std::span<const double> lambda, double budget,
            const Accept& accept, Found& found, std::uint64_t& work);
  void read(std::span<const Step> steps, const Half& half, std::uint32_t set, std::vector<int>& options,
            std::vector<double>& slack, double& reduced) const;

  std::size_t capacities_ = 0;
  std::size_t stride_ = 1;
  Half left_, right_;
  struct Axis {
    std::size_t capacity = 0;
    float low = 0;
    float width = 1;
    int cells = 1;
  };
  std::vector<Axis> axes_;
  std::vector<std::uint32_t> start_;  // [cells + 1] of the grid
  std::vector<std::uint32_t> order_;  // sets of the right half by cell
  std::vector<float> sorted_;         // their rows
  std::vector<std::uint32_t> cell_of_;
};

}  // namespace plimsoll::assignment
