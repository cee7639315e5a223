// A placement that follows the load, for a loop that trains or serves: it sees the tokens per expert of each micro-step
// and says which few replicas to move, in an order in which the model can go on being served.
//
//   Balancer balancer(instance);                       // model, cluster, cost, dispatch, limits, price of a move
//   balancer.observe(load);                            // every micro-step
//   const Delta delta = balancer.plan();               // now and then
//   for each layer of delta.moves: move the weights, then balancer.commit(delta, {layer});
//
// Ranks that observe the same loads make the same plans; nothing depends on clocks or threads. An object is used by one
// thread at a time; calls that are const may run beside each other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/certificate.hpp"
#include "plimsoll/experts.hpp"
#include "plimsoll/export.h"
#include "plimsoll/matrix.hpp"

namespace plimsoll {

struct BalancerOptions {
  int window = 6;      // micro-steps that are remembered, at least 1
  double decay = 0.6;  // the weight of a micro-step relative to the one after it, above 0 and at most 1
  // A move is made only where it saves more than its price within so many micro-steps: seconds saved in each of them
  // times `horizon_microsteps` > ExpertInstance::move_seconds.
  std::int64_t horizon_microsteps = 100;
  // And only where it makes its layer faster by at least this part, divided by the slots of the layer (as the search
  // measures it: docs/methods.md, the balancer): so much would be gained if every slot changed at this rate. Below it,
  // the past and the future differ more than placements do.
  double least_gain = 0.02;
  // Two replicas may change places at the same time, through a small buffer. Without it a cycle of moves goes by way of
  // a slot that is free or holds a replica that has a twin; a layer that has no such slot stays as it is.
  bool exchanges = true;
  std::optional<std::uint64_t> work_limit;  // of each plan; not given: in proportion to the instance
  std::uint64_t seed = 1;
};

enum class MoveKind {
  load,      // the expert's weights come from a checkpoint: no device holds it any more. from_slot and from_device: -1
  copy,      // the weights at from_slot overwrite what to_slot holds; from_slot keeps its own
  exchange,  // both slots swap what they hold at the same time; `expert` is the one at from_slot
  clear,     // to_slot becomes empty, nothing is sent; from_slot and from_device: -1, expert: what it held
};

// Slots are columns of a row of all slots in device order.
struct BalancerMove {
  MoveKind kind = MoveKind::copy;
  int layer = 0;
  int expert = 0;         // that arrives at to_slot
  int other_expert = -1;  // exchange: that arrives at from_slot
  int from_slot = -1;
  int to_slot = 0;
  int from_device = -1;
  int to_device = 0;
  friend bool operator==(const BalancerMove&, const BalancerMove&) = default;
};

// Does the move to a row of slots. Throws Error(usage) where from_slot does not hold the expert (exchange: or to_slot
// the other one).
PLIMSOLL_API void apply(const BalancerMove& move, std::span<int> row);

struct LostExpert {
  int layer = 0;
  int expert = 0;
  friend bool operator==(const LostExpert&, const LostExpert&) = default;
};

// What to change now.
//
// The moves of a layer follow each other. Layers that lost an expert come first, and in them the loads; then the layers
// in the order of what a move in them saves. After every move every expert of a layer that had a replica on a live
// device still has one, and once the loads of a layer are done every expert has; no slot holds two; and what is copied
// stands at its source at that moment. Shares in between: Balancer::shares_of.
struct Delta {
  std::uint64_t epoch = 0;
  std::vector<BalancerMove> moves;
  std::vector<LostExpert> lost;  // experts that no live device holds: they cannot be served until their load is done
  // When all is moved; shares (and tokens) for the predicted load.
  ExpertPlan plan;
  // Seconds of one micro-step, all layers, without the price of moves. Even dispatch: the weighted mean over the
  // remembered micro-steps, each as if it came again. Weighted dispatch: for the predicted load, shares solved.
  std::optional<double> seconds_before;  // nothing where an expert is lost
  double seconds_after = 0;
  // No placement on the devices that live, however many moves it takes, has fewer seconds (for the same micro-steps).
  double bound_seconds = 0;
  double saved_seconds = 0;    // seconds_before - seconds_after; 0 where an expert is lost
  std::int64_t transfers = 0;  // experts whose weights are sent: 1 a load or a copy between devices, 2 an exchange
  double move_seconds = 0;     // price of all transfers
  // Why there is nothing to move, or what was left out; empty where nothing is to be said.
  std::string reason;
  // objective and bound are seconds_after and bound_seconds; infeasible: the devices that live cannot hold every
  // expert.
  Certificate certificate;

  [[nodiscard]] bool empty() const { return moves.empty(); }
};

class PLIMSOLL_API Balancer {
 public:
  // What stands is instance.placement; without one a first placement is made, for instance.load where that has tokens
  // and for equal loads elsewhere. instance.limits hold for each plan: max_moves of (layer, expert, device) and of
  // transfers; what a lost expert takes is free. instance.load is not an observation, and may be empty. Throws
  // Error(input) for what read_experts() refuses and for options out of range.
  explicit Balancer(const ExpertInstance& instance, const BalancerOptions& options = {});
  Balancer(const Balancer&);
  Balancer& operator=(const Balancer&);
  Balancer(Balancer&&) noexcept;
  Balancer& operator=(Balancer&&) noexcept;
  ~Balancer();

  // Tokens of one micro-step, [layers][experts], 0 or more. Throws Error(input) and forgets the micro-step otherwise.
  void observe(const Matrix<double>& load);

  // Changes nothing. Throws Error(usage) while a delta is committed in part.
  [[nodiscard]] Delta plan() const;

  // The moves of these layers (all that are left, where `layers` is empty) have been made. A delta may be committed in
  // several calls. Throws Error(usage), and changes nothing, for a delta that is not of this epoch, that is not the one
  // committed in part, or whose layers were committed already. A new epoch begins when a delta is committed in whole,
  // with rollback(), and when devices die or join.
  void commit(const Delta& delta, std::span<const int> layers = {});
  // Forgets what is planned and not committed: the layers committed so far stay, the others keep what they had.
  void rollback();

  // The slots of a dead device are empty, and stay so; a device that joins begins with empty slots, which plans fill
  // where that pays. Both roll back. Throws Error(usage) for a device that is dead (alive) already.
  void device_died(int device);
  void device_joined(int device);

  [[nodiscard]] std::uint64_t epoch() const;
  [[nodiscard]] const Matrix<int>& slots() const;  // what stands: [layers][all slots in device order], expert or -1
  [[nodiscard]] const std::vector<int>& dead() const;
  [[nodiscard]] int observations() const;  // that are remembered
  // The weighted mean of the remembered micro-steps, whole where tokens are counted; equal loads where there are none.
  [[nodiscard]] Matrix<double> predicted_load() const;
  // Shares for what stands, and for any table of slots (between two moves): even, or solved for the predicted load. An
  // expert without a replica has none.
  [[nodiscard]] Matrix<double> shares() const;
  [[nodiscard]] Matrix<double> shares_of(const Matrix<int>& slots) const;
  // The seconds of Delta::seconds_before for any table of slots that serves every expert.
  [[nodiscard]] double seconds_of(const Matrix<int>& slots) const;

  // Everything as JSON text: from_state() makes a balancer whose plans are the same. Throws Error(input).
  [[nodiscard]] std::string state() const;
  static Balancer from_state(std::string_view text);

 private:
  class State;
  explicit Balancer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
