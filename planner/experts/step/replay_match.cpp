#include "planner/experts/step/replay_match.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "support/json_text.hpp"

namespace plimsoll::experts::step {
namespace {

using std::to_string;
using support::number_text;

constexpr std::size_t none = static_cast<std::size_t>(-1);

std::string what(const Transfer& transfer) {
  return "expert " + to_string(transfer.expert) + " of layer " + to_string(transfer.layer) + " in micro-step " +
         to_string(transfer.microstep);
}

class Matcher {
 public:
  Matcher(const Scene& scene, const std::vector<int>& last_window, Violations& violations)
      : scene_(scene),
        last_window_(last_window),
        violations_(violations),
        devices_(scene.instance.experts.cluster.devices()),
        used_weights_(scene.replicas.size(), 0),
        used_gradient_(scene.replicas.size(), 0) {
    result_.sound.assign(scene.plan.transfers.size(), false);
    result_.weights.assign(scene.replicas.size(), -1);
    result_.gradient.assign(scene.replicas.size(), -1);
    first_of_row_.assign(scene.row(scene.instance.microsteps(), 0) + 1, 0);
    for (const TransientReplica& replica : scene.replicas) {
      ++first_of_row_[scene.row(replica.microstep, replica.layer) + 1];
    }
    for (std::size_t row = 1; row < first_of_row_.size(); ++row) first_of_row_[row] += first_of_row_[row - 1];
  }

  Matching run() {
    for (std::size_t index = 0; index < scene_.plan.transfers.size() && !violations_.full(); ++index) {
      const Transfer& transfer = scene_.plan.transfers[index];
      const std::string problem = flaw(transfer);
      if (!problem.empty()) {
        violations_.add(transfer_place(index) + problem);
        continue;
      }
      result_.sound[index] = true;
      if (transfer.kind == TransferKind::weights) {
        match_weights(index, transfer);
      } else {
        match_gradient(index, transfer);
      }
    }
    for (std::size_t replica = 0; replica < scene_.replicas.size() && !violations_.full(); ++replica) miss(replica);
    return std::move(result_);
  }

 private:
  // What is wrong with a transfer whatever the rest of the plan says; empty where nothing is.
  [[nodiscard]] std::string flaw(const Transfer& transfer) const {
    const StepInstance& instance = scene_.instance;
    const auto within = [](int value, int count) { return value >= 0 && value < count; };
    if (!within(transfer.microstep, instance.microsteps())) {
      return "micro-step " + to_string(transfer.microstep) + " does not exist";
    }
    if (!within(transfer.layer, instance.experts.model.layers)) {
      return "layer " + to_string(transfer.layer) + " does not exist";
    }
    if (!within(transfer.expert, instance.experts.model.experts)) {
      return "expert " + to_string(transfer.expert) + " does not exist";
    }
    if (!within(transfer.to, devices_)) return "to device " + to_string(transfer.to) + ", which does not exist";
    if (!alive(transfer.to)) return "to device " + to_string(transfer.to) + ", which is dead";
    if (!std::isfinite(transfer.start_seconds) || !std::isfinite(transfer.end_seconds)) {
      return "from " + number_text(transfer.start_seconds) + " to " + number_text(transfer.end_seconds) +
             " seconds; expected numbers";
    }
    return flaw_of_source(transfer);
  }

  [[nodiscard]] std::string flaw_of_source(const Transfer& transfer) const {
    const std::string name = (transfer.from_host ? "host:" : "device ") + to_string(transfer.from);
    const int count = transfer.from_host ? scene_.instance.experts.cluster.nodes : devices_;
    if (transfer.from < 0 || transfer.from >= count) return "from " + name + ", which does not exist";
    if (transfer.from_host) {
      if (transfer.kind == TransferKind::gradient) return "a gradient from " + name + "; it comes from a device";
      if (transfer.from != scene_.links.node(transfer.to)) {
        return "from " + name + " to device " + to_string(transfer.to) + " of node " +
               to_string(scene_.links.node(transfer.to)) + "; a host feeds devices of its own node";
      }
    } else {
      if (!alive(transfer.from)) return "from " + name + ", which is dead";
      if (transfer.from == transfer.to) return "from " + name + " to itself";
    }
    if (scene_.links.given() && !(scene_.links.of(transfer).rate > 0)) {
      return "from " + name + " to device " + to_string(transfer.to) +
             ": the cluster's link gives no rate for this path";
    }
    return {};
  }

  [[nodiscard]] bool alive(int device) const { return scene_.alive[static_cast<std::size_t>(device)]; }

  // The replicas of a micro-step, layer, expert and device stand side by side. The first of them, or none.
  [[nodiscard]] std::size_t first_of(const Transfer& transfer, int device) const {
    const std::size_t row = scene_.row(transfer.microstep, transfer.layer);
    const auto end = scene_.replicas.begin() + static_cast<std::ptrdiff_t>(first_of_row_[row + 1]);
    const auto first = std::lower_bound(scene_.replicas.begin() + static_cast<std::ptrdiff_t>(first_of_row_[row]), end,
                                        std::make_pair(transfer.expert, device),
                                        [](const TransientReplica& replica, const std::pair<int, int>& wanted) {
                                          return std::make_pair(replica.expert, replica.device) < wanted;
                                        });
    if (first == end || first->expert != transfer.expert || first->device != device) return none;
    return static_cast<std::size_t>(first - scene_.replicas.begin());
  }

  // The replica after so many others of the same micro-step, layer, expert and device, or none.
  [[nodiscard]] std::size_t next_of(std::size_t first, std::size_t used) const {
    const std::size_t index = first + used;
    if (index >= scene_.replicas.size()) return none;
    const TransientReplica& one = scene_.replicas[first];
    const TransientReplica& other = scene_.replicas[index];
    const bool same = one.microstep == other.microstep && one.layer == other.layer && one.expert == other.expert &&
                      one.device == other.device;
    return same ? index : none;
  }

  void match_weights(std::size_t index, const Transfer& transfer) {
    const std::size_t first = first_of(transfer, transfer.to);
    if (first == none) {
      violations_.add(transfer_place(index) + "device " + to_string(transfer.to) + " has " + what(transfer) +
                      " in no transient slot" +
                      (scene_.base.holds(transfer.layer, transfer.expert, transfer.to) ? ", it holds it by base" : ""));
      return;
    }
    const std::size_t replica = next_of(first, used_weights_[first]);
    if (replica == none) {
      violations_.add(transfer_place(index) + "device " + to_string(transfer.to) + " gets " + what(transfer) +
                      " already by /plan/transfers/" + to_string(result_.weights[first + used_weights_[first] - 1]));
      return;
    }
    ++used_weights_[first];
    result_.weights[replica] = static_cast<int>(index);
  }

  void match_gradient(std::size_t index, const Transfer& transfer) {
    if (!scene_.instance.gradient_return) {
      violations_.add(transfer_place(index) + "a gradient, and gradient_return is not set");
      return;
    }
    if (!has_backward(transfer.microstep, transfer.layer)) {
      violations_.add(transfer_place(index) + "a gradient, and micro-step " + to_string(transfer.microstep) +
                      " has no backward pass");
      return;
    }
    const std::size_t first = first_of(transfer, transfer.from);
    const int target = scene_.base.lowest(transfer.layer, transfer.expert);
    if (first == none) {
      violations_.add(transfer_place(index) + "device " + to_string(transfer.from) + " has " + what(transfer) +
                      " in no transient slot");
      return;
    }
    const std::size_t replica = next_of(first, used_gradient_[first]);
    if (replica == none || target == transfer.from) {
      violations_.add(transfer_place(index) + "device " + to_string(transfer.from) + " has no further gradient of " +
                      what(transfer) + " to return");
      return;
    }
    ++used_gradient_[first];
    result_.gradient[replica] = static_cast<int>(index);
    if (transfer.to != target) {
      violations_.add(transfer_place(index) + "a gradient to device " + to_string(transfer.to) +
                      "; the lowest device that holds " + what(transfer) + " by base is " + to_string(target));
    }
  }

  // What should come and does not.
  void miss(std::size_t index) {
    const TransientReplica& replica = scene_.replicas[index];
    const auto place = [&] {
      return "/plan/microsteps/" + to_string(replica.microstep) + "/slots/" + to_string(replica.layer) + "/" +
             to_string(replica.column) + ": ";
    };
    if (result_.weights[index] < 0) {
      violations_.add(place() + "no transfer brings expert " + to_string(replica.expert) + " to device " +
                      to_string(replica.device));
    }
    if (result_.gradient[index] >= 0 || !scene_.instance.gradient_return) return;
    if (!has_backward(replica.microstep, replica.layer)) return;
    const int target = scene_.base.lowest(replica.layer, replica.expert);
    if (target < 0 || target == replica.device) return;
    violations_.add(place() + "no transfer returns the gradient of expert " + to_string(replica.expert) +
                    " from device " + to_string(replica.device) + " to device " + to_string(target));
  }

  [[nodiscard]] bool has_backward(int microstep, int layer) const {
    const int last = last_window_[scene_.row(microstep, layer)];
    return last >= 0 && scene_.windows[static_cast<std::size_t>(last)].pass == Pass::backward;
  }

  const Scene& scene_;
  const std::vector<int>& last_window_;
  Violations& violations_;
  int devices_;
  std::vector<std::size_t> first_of_row_;  // [micro-steps * layers + 1]
  // At the first replica of a group: how many of it have their transfer.
  std::vector<std::size_t> used_weights_;
  std::vector<std::size_t> used_gradient_;
  Matching result_;
};

}  // namespace

Matching match_transfers(const Scene& scene, const std::vector<int>& last_window, Violations& violations) {
  return Matcher(scene, last_window, violations).run();
}

}  // namespace plimsoll::experts::step
