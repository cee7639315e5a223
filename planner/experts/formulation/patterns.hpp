// One layer under even dispatch, told by what a whole device holds: w[k,p] devices of class k hold pattern p, a set of
// parts (expert e cut into n) that one of them ends by a given time. The question is only whether there is a plan that
// ends by then; the layer's time is found by asking again.
//   sum_p w[k,p] <= devices of class k (= where slots are to be filled)
//   sum_p a[e,n,p] w[k,p] = n z[e,n],   sum_n z[e,n] = 1
// Whole tokens that do not part evenly make parts of two sizes, which slot gets the larger one left open; moves and
// memory over several layers are left out. Where they matter the model is a relaxation: what it refutes is refuted,
// what it finds has to be judged.
//
// Alike devices do not appear one by one, and the relaxation is that of Gilmore and Gomory (1961), so that it refutes
// nearly every time that is too short. It needs few patterns: few slots on a device.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "planner/experts/prepare.hpp"
#include "planner/experts/search/layer.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::experts {

class Patterns {
 public:
  // All plans of the layer, under even dispatch, in which every device ends by `seconds`. Nothing where there are more
  // than `most` patterns.
  static std::optional<Patterns> list(const Prepared& prepared, int layer, double seconds, std::size_t most);

  // The times that devices can end at, ascending, none above the limit.
  [[nodiscard]] const std::vector<double>& times() const { return times_; }
  [[nodiscard]] const solvers::mip::Model& model() const { return model_; }
  [[nodiscard]] LayerPlan decode(std::span<const double> point) const;

 private:
  struct Part {
    int expert = 0;
    int replicas = 0;  // of the expert; 0: their number does not matter
    int copies = 0;    // so many of them are like this one
    double seconds = 0;
  };
  struct Expert {
    int fewest = 1;
    int most = 1;
    bool constant = false;
  };
  struct Class {
    double speed = 1;
    int slots = 0;
    int node = 0;  // -1 where nodes do not matter
    std::vector<int> devices;
  };
  struct Pattern {
    std::size_t kind = 0;
    std::vector<std::size_t> parts;  // ascending, equal ones repeated
    int variable = -1;
  };

  Patterns(const Prepared& prepared, int layer, double seconds)
      : prepared_(&prepared), layer_(layer), limit_(seconds) {}
  [[nodiscard]] double load(int expert) const { return prepared_->load(layer_)[static_cast<std::size_t>(expert)]; }
  void list_classes();
  // The parts of an expert cut into so many, the large ones first.
  [[nodiscard]] std::vector<Part> cut(int expert, int replicas) const;
  // False where no plan ends by the limit.
  bool list_parts();
  bool list_patterns(std::size_t kind, std::size_t from, double seconds, Pattern& pattern, std::size_t most);
  void build();
  void add_expert(int expert, const std::vector<std::vector<solvers::mip::Entry>>& uses);

  const Prepared* prepared_;
  int layer_;
  double limit_;
  double work_ = 0;   // the least of all experts together, seconds at speed 1
  double speed_ = 0;  // of all devices together
  std::vector<Class> classes_;
  std::vector<Expert> experts_;
  std::vector<Part> parts_;  // longest first
  std::vector<Pattern> patterns_;
  std::vector<double> times_;
  std::vector<int> home_;  // [groups * nodes] variables where groups stay on a node
  solvers::mip::Model model_;
};

}  // namespace plimsoll::experts
