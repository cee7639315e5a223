// One layer under even dispatch, and the next thing to move in it.
//
// What is made small is the weighted mean over the scenarios of a soft maximum of the device times x_d: the norm
// (sum_d x_d^8)^(1/8). It ranks placements as the largest time does where one device is far ahead, and where several
// are nearly alike it rewards a relief of each, so that one move at a time finds its way; and a device that is close to
// the largest in the past is likely to be the largest in the future. Its sums change by the devices that a move
// touches.
//
// Candidates, all of which relieve a device that weighs most in the norm:
//   swap      one of its replicas changes places with one elsewhere (or goes to an empty slot's place)
//   recount   one of its experts gets a further replica elsewhere, in an empty slot or one whose expert has others; or
//             one of its own slots, whose expert has other replicas, goes to another expert
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "planner/experts/balancer/scenarios.hpp"
#include "planner/experts/prepare.hpp"

namespace plimsoll::experts::balancer {

// What is left for all layers together.
struct Allowance {
  std::int64_t moves = 0;
  std::vector<std::int64_t> device_moves;  // [devices] or empty: no limit
  std::vector<std::int64_t> device_room;  // [devices] replicas that still fit in the memory, or empty: it does not bind
};

// `slot` gets `expert`; or, where `other` is a slot, the two change places.
struct Step {
  int slot = -1;
  int other = -1;
  int expert = -1;
  double gain = 0;  // seconds of the norm
  int moves = 0;    // how many more (expert, device) there are that did not stand before; may be below 0
  [[nodiscard]] bool exists() const { return slot >= 0; }
  // What makes one step better than another.
  [[nodiscard]] double value() const { return moves > 0 ? gain / moves : 1e3 * gain; }
};

class EvenLayer {
 public:
  // `extra_moves`: what a swap sends beyond the two replicas.
  EvenLayer(const Prepared& prepared, int layer, const Scenarios& scenarios, std::span<const int> row, int extra_moves);

  // The best step within what is left whose gain is above `least_gain` of the layer's seconds plus `least_seconds`,
  // each for every move; one that does not exist where there is none.
  [[nodiscard]] Step best_step(const Allowance& allowance, double least_gain, double least_seconds);
  // The best slot for an expert that has no replica, whatever it costs.
  [[nodiscard]] Step best_place(int expert, const Allowance& allowance);
  // Does it, and takes what it uses from the allowance.
  void take(const Step& step, Allowance& allowance);

  [[nodiscard]] std::span<const int> row() const { return row_; }
  [[nodiscard]] double seconds() const { return value_; }  // of the norm, weighted mean over scenarios
  // A step found earlier still keeps to what is left.
  [[nodiscard]] bool fits(const Step& step, const Allowance& allowance);
  // Seconds a move of the best step that gained too little since the last one taken; 0: none was seen.
  [[nodiscard]] double best_refused() const { return best_refused_; }
  [[nodiscard]] std::uint64_t take_work();

 private:
  static constexpr std::size_t shortlisted = 48;

  // Tables have a lane for each scenario, after one for the mean load, by which candidates are shortlisted.
  struct Lanes {
    std::size_t first = 0;
    std::size_t last = 0;
  };
  static constexpr Lanes mean_lane{0, 1};
  [[nodiscard]] Lanes scenario_lanes() const { return {1, lanes_}; }
  [[nodiscard]] std::size_t expert_cell(int expert, std::size_t lane) const {
    return lane * slots_of_.size() + static_cast<std::size_t>(expert);
  }
  [[nodiscard]] std::size_t device_cell(int device, std::size_t lane) const {
    return lane * static_cast<std::size_t>(devices_) + static_cast<std::size_t>(device);
  }
  [[nodiscard]] int& copies(int expert, int device) {
    return copies_[static_cast<std::size_t>(expert) * static_cast<std::size_t>(devices_) +
                   static_cast<std::size_t>(device)];
  }
  [[nodiscard]] bool stood(int expert, int device) const {
    return stood_[static_cast<std::size_t>(expert) * static_cast<std::size_t>(devices_) +
                  static_cast<std::size_t>(device)] != 0;
  }
  [[nodiscard]] bool may_hold(int expert, int device);
  [[nodiscard]] int arrival(int expert, int device);
  [[nodiscard]] int departure(int expert, int device);
  [[nodiscard]] std::vector<int> critical_devices() const;

  void count_again(int expert);
  void retime(int device);
  void revalue();
  void put(int slot, int expert);

  void consider_swaps(int device);
  void consider_recounts(int device);
  void consider_swap(int slot, int other, double estimate);
  void consider_recount(int slot, int expert, double thinning);
  [[nodiscard]] double thinning(int expert) const;
  [[nodiscard]] bool hopeless(double estimate, int slot, int other) const;
  void remember(const Step& step, double estimate);
  [[nodiscard]] double mean_piece(int expert, int more = 0) const {
    return piece_[static_cast<std::size_t>(more + 1)][expert_cell(expert, 0)];
  }
  // How much lower the sum of powers gets in each of these lanes.
  void relief_of(const Step& step, Lanes lanes);
  void relief_of_swap(int slot, int other, Lanes lanes);
  void relief_of_recount(int slot, int expert, Lanes lanes);
  // A replica on the device changes its size: from and to one of piece_, or -1 for none.
  void touch(int device, int expert, int before, int after, Lanes lanes);
  [[nodiscard]] double exact_gain() const;
  Step pick(const Allowance& allowance, double least_gain, double least_seconds);

  const Prepared& prepared_;
  int devices_;
  int extra_moves_;
  std::size_t lanes_;
  std::vector<double> weight_;    // [lanes] times the mean device seconds, the unit of all times here
  std::vector<double> tokens_;    // [lanes][experts]
  std::vector<double> unit_;      // [lanes] seconds
  std::vector<double> slowness_;  // [devices] 1 / speed
  std::vector<int> row_;
  std::vector<int> stood_row_;
  std::vector<double> slot_piece_;          // [slots] time of what it holds, in the mean lane
  std::vector<std::vector<int>> slots_of_;  // [experts]
  std::vector<int> copies_;                 // [experts][devices]
  std::vector<char> stood_;                 // [experts][devices]
  std::vector<int> home_;                   // [experts] node, or -1: any
  // [lanes][experts] time of a replica: with one replica less, as it is, with one more.
  std::array<std::vector<double>, 3> piece_;
  std::vector<double> time_;   // [lanes][devices]
  std::vector<double> power_;  // [lanes][devices]
  std::vector<double> sum_;    // [lanes] of powers
  std::vector<double> norm_;   // [lanes] root of the sum
  double value_ = 0;
  double best_refused_ = 0;
  std::vector<double> relief_;      // [lanes] of the candidate at hand
  std::vector<double> change_;      // [lanes][devices], zero between calls
  std::vector<int> touched_;        // devices whose time the candidate at hand changes
  std::vector<char> touched_mark_;  // [devices], zero between calls
  struct Candidate {
    Step step;
    double worth = 0;  // estimated, per move
  };
  std::vector<Candidate> list_;  // a heap, the least worth in front
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::experts::balancer
