// Which transient replicas one layer of one micro-step needs, and how its tokens are shared then.
//
// A target time T is fixed; a maximum flow serves what the standing replicas allow within T; what is left over is given
// new replicas on the devices with the most room, experts that the minimum cut names first, until all is served. T
// rises from the static bound in small steps until this succeeds. Replicas that end up with no tokens are dropped.
// Candidates are taken in batches between two flows, so that the time grows with the size of the layer and not with its
// square.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "planner/experts/search/layer.hpp"
#include "planner/experts/step/prepare.hpp"
#include "planner/experts/step/search/share_flow.hpp"

namespace plimsoll::experts::step {

// What a copy to a device costs, relative; infinity where there is no such path.
struct CopyPrice {
  double node = 1.0;     // a base replica stands in the node
  double network = 1.0;  // in another node
  double host = 1.0;
};

struct TransientNeed {
  int expert = 0;
  int device = 0;
  double tokens = 0;  // that it would serve
};

// One per thread: it keeps its tables from call to call.
class TransientFiller {
 public:
  explicit TransientFiller(const Prepared& prepared);

  struct Task {
    int layer = 0;
    std::span<const double> load;                // [experts]
    std::span<const int> base;                   // [columns] expert or -1
    std::vector<TransientNeed> taken;            // replicas that are on their way already
    std::vector<int> free_columns;               // [devices] transient replicas that the device may still get
    std::vector<std::pair<int, int>> forbidden;  // (expert, device) pairs, sorted
    double least_seconds = 0;                    // no plan is faster
  };
  // The replicas to add, most tokens first, and the time they promise. Under even dispatch see even_transients.hpp.
  std::vector<TransientNeed> fill(const Task& task, double& seconds);

  [[nodiscard]] std::uint64_t work() const { return flow_.work() + work_; }

 private:
  void bind_groups(const Task& task);
  std::vector<TransientNeed> fill_evenly(const Task& task, double& seconds);
  bool serve(const Task& task, double seconds);
  bool add_batch(const Task& task);
  bool add_for_potential(const Task& task);
  bool add_passing_on(const Task& task);
  [[nodiscard]] int choose(const Task& task, int device, std::int64_t room) const;
  [[nodiscard]] bool holds(int expert, int device) const {
    return held_[static_cast<std::size_t>(expert) * static_cast<std::size_t>(prepared_.devices) +
                 static_cast<std::size_t>(device)];
  }
  void hold(int expert, int device);
  [[nodiscard]] std::int64_t units(int device, double seconds) const;

  const Prepared& prepared_;
  CopyPrice price_;
  ShareFlow flow_;
  double unit_ = 1;
  std::vector<std::int64_t> demand_;        // [experts]
  std::vector<char> held_;                  // [experts * devices]
  std::vector<std::pair<int, int>> pairs_;  // set in held_
  std::vector<std::vector<int>> of_node_;   // [nodes] experts with a base replica there
  std::vector<char> on_node_;               // [nodes * experts]
  std::vector<int> home_;                   // [experts] the node it is bound to; empty where experts are free
  std::vector<int> columns_;                // [devices] left
  std::vector<std::int64_t> potential_;     // [experts] units that may be pushed to it in this batch
  std::vector<int> order_;
  int first_added_ = 0;  // number of the first replica that is not standing
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::experts::step
