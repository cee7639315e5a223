// A few bins with the items in them, solved afresh: the exact part of the large neighbourhood search for least cost.
//
// With prices lambda of the capacities of these bins, every assignment of the free items costs
//     L(lambda) + sum of the reduced costs of its pairs + sum of lambda times what capacity it leaves,
// so one that is to cost no more than now deviates from the cheapest bins ("home") by no more than g = now - L in all.
// Deviations are sorted by reduced cost and their combinations enumerated depth first: every node is an assignment,
// and a subtree is cut where what must still be taken out of overfull bins costs more than is left of g. On
// type E most cells end after some dozen nodes; on type D most reach the limit of nodes and are left to the join.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "planner/assignment/search/capacity_prices.hpp"
#include "planner/assignment/search/cost_join.hpp"
#include "planner/assignment/search/cost_state.hpp"
#include "support/random.hpp"

namespace plimsoll::assignment {

class CostCell {
 public:
  explicit CostCell(const CostTables& tables)
      : tables_(tables), index_of_(static_cast<std::size_t>(tables.has_apart ? tables.items : 0), -1) {}

  enum class Outcome { better, equal, worse, none, limit };  // limit: nothing found, and not everything was tried

  // Frees the items of the bins and looks for a feasible assignment of them that costs less than `state` does, or as
  // much, or up to `worse` more: the least costly other than the present one that it comes across. The state must be
  // feasible. `changes()` then says what to move.
  Outcome solve(const CostState& state, std::span<const int> bins, const CapacityPrices& prices, double worse,
                int node_limit, support::Random& random, std::uint64_t& work);

  struct Change {
    int item = -1;
    int bin = -1;
  };
  [[nodiscard]] const std::vector<Change>& changes() const { return found_; }
  [[nodiscard]] double gain() const { return gain_; }
  [[nodiscard]] int nodes() const { return nodes_; }

 private:
  struct Option {  // leaving home for another bin of the cell
    double reduced = 0;
    int item = 0;  // index among the free ones
    int from = 0;  // of the cell's bins
    int to = 0;
  };

  void gather(const CostState& state, std::span<const int> bins);
  void tune(const CapacityPrices& prices);
  double relax(bool keep_home);
  void list_options(double budget);
  void enumerate(std::size_t first, double used);
  [[nodiscard]] bool fits() const;
  [[nodiscard]] bool meet() const;
  void note_found(double used);
  void join(std::uint64_t& work);
  void apply(const Option& option, double sign);
  [[nodiscard]] std::size_t at(int bin, int d) const {
    return static_cast<std::size_t>(bin) * static_cast<std::size_t>(tables_.dimensions) + static_cast<std::size_t>(d);
  }
  [[nodiscard]] const double* record(int index, int bin) const {
    return tables_.record(free_[static_cast<std::size_t>(index)], bins_[static_cast<std::size_t>(bin)]);
  }
  [[nodiscard]] double changes(int index, int bin) const {
    return tables_.changes(free_[static_cast<std::size_t>(index)], bins_[static_cast<std::size_t>(bin)]);
  }
  [[nodiscard]] bool open(int index, int bin) const {
    return open_[static_cast<std::size_t>(index) * bins_.size() + static_cast<std::size_t>(bin)] != 0;
  }

  const CostTables& tables_;
  std::vector<int> index_of_;               // [items] among the free ones, or -1; where something is apart
  std::vector<std::pair<int, int>> pairs_;  // of free items that must stay apart
  std::vector<int> bins_;
  std::vector<int> free_;           // items
  std::vector<std::uint8_t> open_;  // [free][bins] allowed
  std::vector<double> room_;        // [bins][dimensions] for the free items
  std::vector<double> lambda_;      // [bins][dimensions]
  std::vector<double> best_lambda_;
  std::vector<double> used_;   // [bins][dimensions] of the items at home
  std::vector<int> home_;      // [free] index of the bin with the least priced cost
  std::vector<int> now_;       // [free] where it is
  std::vector<int> place_;     // [free] during the enumeration
  std::vector<double> least_;  // [free] the least priced cost
  std::vector<Option> options_;
  std::vector<double> out_ratio_;  // [options + 1][bins] least reduced cost per size to leave a bin, from here on
  std::vector<double> out_size_;   // [options + 1][bins] what could leave, from here on
  std::vector<double> slack_;      // [bins][dimensions] during the enumeration
  CostJoin join_;
  std::vector<CostJoin::Step> steps_;
  std::vector<double> loads_;  // [options][bins][dimensions] what each adds
  std::vector<Change> found_;
  double bound_ = 0;
  double budget_ = 0;  // what reduced costs and unused capacity may sum up to
  double price_of_changes_ = 0;
  double changes_room_ = 0;  // budget of changes left to the free items
  double change_slack_ = 0;
  double now_value_ = 0;
  double now_excess_ = 0;
  double gain_ = 0;
  int equal_seen_ = 0;
  int nodes_ = 0;
  int node_limit_ = 0;
  support::Random* random_ = nullptr;
};

}  // namespace plimsoll::assignment
