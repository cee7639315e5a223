// Depth-first search for a plan within a target, or for the proof that there is none. Every node is judged by the
// Lagrangian of bounds/target.hpp on what is still open: the knapsack of a bin is solved anew only where its best set
// has lost an item or room, and the prices take a few steps where the node is nearly refuted. At the root, pairs that
// no plan can contain are taken out the same way.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "planner/assignment/bounds/target.hpp"
#include "planner/assignment/exact/target_node.hpp"
#include "support/meter.hpp"

namespace plimsoll::assignment {

class TargetTree {
 public:
  // Called with the bins of a plan within the target; returns the target from then on (at most the present one), or
  // minus infinity to end.
  using Found = std::function<double(std::span<const int>)>;

  explicit TargetTree(const Times& times);

  // Starts anew. `prices`: of items, weights, change price; any are valid, good ones prune more.
  void begin(double target, const Proof& prices, const support::Meter& meter);
  // Goes on for about so much work; true: nothing is left to try.
  bool run(std::uint64_t work, const Found& found, const support::Meter& meter);
  [[nodiscard]] std::uint64_t nodes() const { return nodes_; }
  std::uint64_t take_work();

 private:
  // What the Lagrangian knows at a node.
  struct Judged {
    std::vector<double> price;          // [items]
    std::vector<double> value;          // [bins] of the best sets
    std::vector<std::uint64_t> chosen;  // [bins][words] the best sets
  };
  struct Level {
    int item = -1;
    std::vector<int> bins;  // to try
    std::size_t next = 0;
    TargetNode::Mark mark;
    Judged judged;
  };

  [[nodiscard]] bool in(const Judged& judged, int bin, int item) const;
  [[nodiscard]] double profit(const std::vector<double>& price, int item, int bin) const;
  void solve(Judged& judged, int bin);
  double knapsack(const Judged& judged, int bin, double room, int without);
  [[nodiscard]] double lagrangian(const Judged& judged) const;
  [[nodiscard]] double margin(const Judged& judged) const;
  void cover(const Judged& judged);
  bool refuted_after(TargetNode::Mark mark, double spent);
  bool improve();
  bool fix_at_root(const support::Meter& meter);
  void branch();
  void classify();
  [[nodiscard]] bool symmetric(const Level& level, int bin) const;

  const Times& times_;
  TargetNode node_;
  Proof prices_;
  Judged now_;
  std::vector<Level> levels_;
  std::size_t depth_ = 0;
  std::size_t words_;
  std::vector<int> alike_;  // [bins] the first bin that is the same in everything
  std::vector<int> cover_;  // [items]
  std::vector<Offer> offers_;
  Fill fill_;
  bool over_ = true;
  bool complete_at_root_ = false;
  std::uint64_t nodes_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::assignment
