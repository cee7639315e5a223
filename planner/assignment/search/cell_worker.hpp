// Large neighbourhood search for least cost: a few bins at a time are solved afresh (cost_cell.hpp), equals are
// accepted, and where nothing is found for long slightly worse plans too, for a while.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "planner/assignment/search/cost_cell.hpp"
#include "planner/assignment/search/cost_guide.hpp"
#include "planner/assignment/search/cost_oscillation.hpp"
#include "planner/assignment/worker.hpp"

namespace plimsoll::assignment {

class CellWorker : public Worker {
 public:
  explicit CellWorker(const Prepared& prepared) : prepared_(prepared), random_(1) {}
  void turn(Context& context, std::uint64_t work) override;
  // With a single bin there is nothing to choose.
  [[nodiscard]] bool done() const override { return prepared_.bins < 2; }

 private:
  static constexpr int least_size = 2;
  static constexpr int sizes = 5;  // cells of 2 to 6 bins
  struct Size {
    double share = 1;  // of the work
    double spent = 0;
  };

  void start(Context& context);
  bool find_first(Context& context, std::uint64_t limit);
  void step(Context& context, std::uint64_t& work);
  int choose_size();
  void choose_bins(int count);
  [[nodiscard]] double reduced(int item) const;

  const Prepared& prepared_;
  support::Random random_;
  std::unique_ptr<CostGuide> guide_;
  std::unique_ptr<CostOscillation> repair_;
  std::unique_ptr<CostState> state_;
  std::unique_ptr<CostCell> cell_;
  std::array<Size, sizes> sizes_;
  std::vector<int> bins_;
  std::vector<int> best_plan_;
  double best_ = 0;
  double heat_ = 0;  // how much worse a plan may be at the start of a cycle
  int cycle_ = 0;    // cells since the cycle began
  int since_ = 0;    // cells since something better was found
};

}  // namespace plimsoll::assignment
