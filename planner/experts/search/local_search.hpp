// Local search over all layers, as a sequence of rounds: construct, spend the move budget where it gains most, then
// rounds in which every open layer gets work in proportion to its gap. Layers meet only at the ends of rounds, so that
// the plan does not depend on threads. Other methods work between rounds on the same layers.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "planner/experts/context.hpp"
#include "planner/experts/search/layer_search.hpp"

namespace plimsoll::experts {

class LocalSearch {
 public:
  LocalSearch(const Prepared& prepared, Context& context);

  // Everything before the first round: a plan, the stronger bounds unless the caller sees to them, the move budget
  // spent.
  void begin(bool with_bounds = true);
  // One round; false where no layer is open.
  bool round();

  [[nodiscard]] std::vector<LayerSearch>& layers() { return searches_; }
  // Joins the layers' best plans and offers the result.
  void offer();

 private:
  void each(const std::function<void(std::size_t)>& task);
  void construct();
  [[nodiscard]] std::vector<double> layer_seconds() const;
  void hand_out_moves(const std::vector<double>& gaps);
  void share_memory(const std::vector<double>& gaps);

  const Prepared& prepared_;
  Context& context_;
  std::vector<LayerSearch> searches_;
  double round_work_;
};

}  // namespace plimsoll::experts
