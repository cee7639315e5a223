// Devices and nodes that are alike may change places without changing a plan's worth. Of all the plans that come from
// one another in this way the model keeps those in which
//   - the numbers of replicas of a few large experts fall lexicographically from device to device of a class, and
//   - groups that stay on a node fill the nodes of a class in the order of their lowest groups,
// and a plan is brought into that order before it becomes a point.
#pragma once

#include <functional>
#include <vector>

#include "planner/experts/formulation/layer_rows.hpp"

namespace plimsoll::experts {

class Symmetry {
 public:
  // No classes at all.
  Symmetry() = default;
  // For one layer, or for the first of several that have to change places together. `capacity` as in LayerFrame.
  Symmetry(const Prepared& prepared, int layer, const std::vector<int>& capacity);

  // home(group, node): the variable that says that the group stays there.
  void add_rows(solvers::mip::Model& model, const LayerRows& rows, const std::function<int(int, int)>& home) const;
  // [devices] where each device's replicas go so that the rows hold.
  [[nodiscard]] std::vector<int> order(const Prepared& prepared, const LayerPlan& plan) const;

 private:
  std::vector<std::vector<int>> devices_;  // classes of two and more, ascending
  std::vector<std::vector<int>> nodes_;
  std::vector<int> experts_;  // whose numbers of replicas are compared, most important first
  double base_ = 2;           // above the largest number of replicas on a device
  int groups_ = 0;            // the first groups, which nodes are compared by
};

}  // namespace plimsoll::experts
