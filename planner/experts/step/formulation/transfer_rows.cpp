#include "planner/experts/step/formulation/transfer_rows.hpp"

#include <algorithm>

namespace plimsoll::experts::step {

using solvers::mip::infinity;

TransferRows::TransferRows(Frame& frame)
    : frame_(frame),
      prepared_(frame.prepared),
      links_(prepared_.instance.experts.cluster),
      of_(frame.transient.size()) {
  if (prepared_.transient == 0 || !links_.given()) return;
  add_arrivals();
  add_sources();
  add_lives();
  if (prepared_.instance.gradient_return) {
    add_lowest();
    add_gradients();
  }
  add_links();
}

// Who else uses the same physical slots: a layer's transient columns, or a pool's.
std::vector<TransferRows::Use> TransferRows::uses(int layer) const {
  std::vector<Use> list;
  for (int m = 0; m < prepared_.microsteps; ++m) {
    for (int l = 0; l < prepared_.layers; ++l) {
      if (prepared_.pool || l == layer) list.push_back({m, l});
    }
  }
  return list;
}

// z[m,l,e,d,path,release], and their sum over paths and releases is y.
void TransferRows::add_arrivals() {
  const double bytes = prepared_.instance.experts.model.expert_bytes;
  for (int m = 0; m < prepared_.microsteps; ++m) {
    for (int l = 0; l < prepared_.layers; ++l) {
      const int forward = forward_window(m, l);
      std::vector<int> releases{-1};
      for (const Use& use : uses(l)) {
        const int last = last_window(use.microstep, use.layer);
        if (last < forward) releases.push_back(last);
      }
      for (int e = 0; e < prepared_.experts; ++e) {
        for (int d = 0; d < prepared_.devices; ++d) {
          const std::size_t place = frame_.at(m, l, e, d);
          const int transient = frame_.transient[place];
          if (transient < 0) continue;
          const double most = frame_.model.variable(transient).upper;
          Sum one;
          const auto add = [&](bool from_host, int from) {
            if (!from_host && from == d) return;
            const Path path = from_host ? links_.from_host(d) : links_.between(from, d);
            if (!(path.rate > 0)) return;
            const double seconds = links_.seconds(path, bytes);
            for (const int release : releases) {
              const int variable = frame_.model.add_variable(
                  0, most, 0, true, label(from_host ? "host" : "z", {m, l, e, d, from, release + 1}));
              of_[place].push_back(static_cast<int>(arrivals_.size()));
              arrivals_.push_back({m, l, e, d, from_host, from, release, path, seconds / frame_.unit, variable});
              one.add(variable, 1.0);
            }
          };
          add(true, prepared_.columns.node[static_cast<std::size_t>(d)]);
          for (int from = 0; from < prepared_.devices; ++from) {
            if (frame_.alive(from)) add(false, from);
          }
          one.add(transient, -1.0).require(frame_.model, 0, 0, label("arrives", {m, l, e, d}));
        }
      }
    }
  }
}

// A device that sends holds the expert: by base, or by a transient replica that is still there when the transfer
// starts. Such replicas came from somewhere: the first one on a node from its host memory or from another node.
void TransferRows::add_sources() {
  for (int m = 0; m < prepared_.microsteps; ++m) {
    for (int l = 0; l < prepared_.layers; ++l) {
      for (int e = 0; e < prepared_.experts; ++e) {
        for (int d = 0; d < prepared_.devices; ++d) {
          const std::size_t place = frame_.at(m, l, e, d);
          for (const int index : of_[place]) {
            const Arrival& arrival = arrivals_[static_cast<std::size_t>(index)];
            if (arrival.from_host) continue;
            Sum held;
            held.add(frame_.base[frame_.at(l, e, arrival.from)], 1.0);
            for (int other = 0; other < prepared_.microsteps; ++other) {
              if (last_window(other, l) > arrival.release) {
                held.add(frame_.transient[frame_.at(other, l, e, arrival.from)], 1.0);
              }
            }
            const double most = frame_.model.variable(arrival.variable).upper;
            Sum().add(arrival.variable, 1.0).add(held, -most).require(frame_.model, -infinity, 0);
          }
          if (of_[place].empty()) continue;
          const auto node_of = [&](int device) { return prepared_.columns.node[static_cast<std::size_t>(device)]; };
          Sum brought;
          for (int other = 0; other < prepared_.devices; ++other) {
            if (node_of(other) != node_of(d)) continue;
            brought.add(frame_.base[frame_.at(l, e, other)], 1.0);
            for (int at = 0; at < prepared_.microsteps; ++at) {
              for (const int index : of_[frame_.at(at, l, e, other)]) {
                const Arrival& arrival = arrivals_[static_cast<std::size_t>(index)];
                if (arrival.from_host || node_of(arrival.from) != node_of(d)) brought.add(arrival.variable, 1.0);
              }
            }
          }
          const double most = frame_.model.variable(frame_.transient[place]).upper;
          Sum().add(frame_.transient[place], 1.0).add(brought, -most).require(frame_.model, -infinity, 0);
        }
      }
    }
  }
}

// Lives of one physical slot do not overlap. Of lives that share a moment one ends first; just before that end all of
// them are there, so that it is enough to look at the last window of each use: those who arrive for it, and those whose
// transfer started before its end.
void TransferRows::add_lives() {
  const int groups = prepared_.pool ? 1 : prepared_.layers;
  for (int group = 0; group < groups; ++group) {
    const std::vector<Use> list = uses(group);
    for (int d = 0; d < prepared_.devices; ++d) {
      for (const Use& use : list) {
        const int last = last_window(use.microstep, use.layer);
        Sum lives = frame_.transient_on(use.microstep, use.layer, d);
        bool alone = true;
        for (const Use& other : list) {
          if (last_window(other.microstep, other.layer) <= last) continue;
          for (int e = 0; e < prepared_.experts; ++e) {
            for (const int index : of_[frame_.at(other.microstep, other.layer, e, d)]) {
              const Arrival& arrival = arrivals_[static_cast<std::size_t>(index)];
              if (arrival.release >= last) continue;
              lives.add(arrival.variable, 1.0);
              alone = false;
            }
          }
        }
        // Uses alone are limited by the rows of slots.
        if (lives.empty() || (alone && !prepared_.pool)) continue;
        Sum with_base = lives;
        bool serving = false;
        for (int l = 0; l < prepared_.layers; ++l) {
          const int variable = frame_.serving[static_cast<std::size_t>(l * prepared_.devices + d)];
          if (variable < 0 || (!prepared_.pool && l != group)) continue;
          with_base.add(variable, 1.0);
          serving = true;
        }
        with_base.require(frame_.model, -infinity, prepared_.transient);
        if (serving) continue;
        lives.add(frame_.base_on(group, d), 1.0).require(frame_.model, -infinity, frame_.columns(d));
      }
    }
  }
}

// Of the transfers of a plan only its last release is needed: its start lies at or after it.
int TransferRows::release_of(const Transfer& transfer, const Evaluation& evaluation) const {
  const int forward = forward_window(transfer.microstep, transfer.layer);
  const double tiny = 1e-9 * evaluation.objective;
  int best = -1;
  for (const Use& use : uses(transfer.layer)) {
    const int last = last_window(use.microstep, use.layer);
    const auto w = static_cast<std::size_t>(last);
    const double end = evaluation.window_start[w] + evaluation.window_seconds[w];
    if (last < forward && last > best && end <= transfer.start_seconds + tiny) best = last;
  }
  return best;
}

bool TransferRows::encode(const StepPlan& plan, const Evaluation& evaluation, std::vector<double>& point) const {
  if (of_.empty() || arrivals_.empty()) return true;
  for (const Transfer& transfer : plan.transfers) {
    if (transfer.kind == TransferKind::gradient) continue;
    const int release = release_of(transfer, evaluation);
    const auto& list = of_[frame_.at(transfer.microstep, transfer.layer, transfer.expert, transfer.to)];
    const auto found = std::find_if(list.begin(), list.end(), [&](int index) {
      const Arrival& arrival = arrivals_[static_cast<std::size_t>(index)];
      return arrival.from_host == transfer.from_host && arrival.from == transfer.from && arrival.release == release;
    });
    if (found == list.end()) return false;
    point[static_cast<std::size_t>(arrivals_[static_cast<std::size_t>(*found)].variable)] += 1;
  }
  for (int l = 0; l < prepared_.layers && !lowest_.empty(); ++l) {
    for (int e = 0; e < prepared_.experts; ++e) {
      for (int d = 0; d < prepared_.devices; ++d) {
        const int base = frame_.base[frame_.at(l, e, d)];
        if (base < 0 || point[static_cast<std::size_t>(base)] < 0.5) continue;
        point[static_cast<std::size_t>(lowest_[frame_.at(l, e, d)])] = 1;
        break;
      }
    }
  }
  for (const Gradient& gradient : gradients_) {
    const auto l = frame_.at(gradient.layer, gradient.expert, gradient.to);
    const int transient =
        frame_.transient[frame_.at(gradient.microstep, gradient.layer, gradient.expert, gradient.from)];
    point[static_cast<std::size_t>(gradient.variable)] =
        point[static_cast<std::size_t>(lowest_[l])] > 0.5 ? point[static_cast<std::size_t>(transient)] : 0.0;
  }
  return true;
}

}  // namespace plimsoll::experts::step
