#include "planner/experts/search/token_flow.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "solvers/flow/max_flow.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts {
namespace {

// Real tokens are counted in 2^-56 of the layer's total: finer than the 1e-9 that "optimal" means by six orders.
constexpr double fineness = 0x1.0p56;

// What a token costs: rate seconds each, in whole tiles where tile > 0, and a fixed charge for each replica.
struct Rates {
  double rate = 1;
  double tile = 0;
  double fixed = 0;
};

class TokenFlow {
 public:
  TokenFlow(const Prepared& prepared, std::span<const double> load, std::vector<Replica>& replicas, const Rates& rates)
      : prepared_(prepared),
        load_(load),
        replicas_(replicas),
        rates_(rates),
        fixed_(static_cast<std::size_t>(prepared.devices), 0.0),
        devices_(static_cast<std::size_t>(prepared.devices)),
        experts_(static_cast<std::size_t>(prepared.experts)),
        replicas_of_(experts_) {
    double total = 0.0;
    for (const double tokens : load) total += tokens;
    unit_ = tiled() ? rates.tile : std::max(total / fineness, 1e-290);
    for (const double tokens : load) {
      const double units = tokens / unit_;
      demand_.push_back(static_cast<std::int64_t>(tiled() ? std::ceil(units) : std::round(units)));
      wanted_ += demand_.back();
    }
    for (std::size_t index = 0; index < replicas.size(); ++index) {
      const auto expert = static_cast<std::size_t>(replicas[index].expert);
      replicas_of_[expert].push_back(index);
      if (load[expert] > 0) fixed_[static_cast<std::size_t>(replicas[index].device)] += rates.fixed;
    }
  }

  TightSet run() {
    TightSet tight;
    std::vector<char> held(devices_, 0);
    for (const Replica& replica : replicas_) held[static_cast<std::size_t>(replica.device)] = 1;
    std::vector<int> all;
    for (std::size_t device = 0; device < devices_; ++device) {
      if (held[device]) all.push_back(static_cast<int>(device));
    }
    tight.devices = all;
    for (std::size_t expert = 0; expert < experts_; ++expert) tight.experts.push_back(static_cast<int>(expert));
    double seconds = least_seconds(wanted_, all);
    build();
    // Every cut raises T strictly; the number of different cuts bounds the rounds, some ten are seen in practice.
    for (int round = 0; round < 200; ++round) {
      const auto flow = push(seconds);
      tight.work += arcs_.size() * 4;
      std::vector<int> experts;
      std::int64_t demand = 0;
      std::vector<char> reached(devices_, 0);
      for (std::size_t expert = 0; expert < experts_; ++expert) {
        if (!flow.source_side[1 + expert] || demand_[expert] == 0) continue;
        experts.push_back(static_cast<int>(expert));
        demand += demand_[expert];
        for (const std::size_t index : replicas_of_[expert]) {
          reached[static_cast<std::size_t>(replicas_[index].device)] = 1;
        }
      }
      std::vector<int> devices;
      for (std::size_t device = 0; device < devices_; ++device) {
        if (reached[device]) devices.push_back(static_cast<int>(device));
      }
      flow_ = flow.flow;
      const bool through = flow.value >= wanted_ - (tiled() ? 0 : slack());
      if (through || devices.empty()) break;
      const double next = least_seconds(demand, devices);
      tight.experts = std::move(experts);
      tight.devices = std::move(devices);
      if (!(next > seconds * (1 + 1e-15))) break;
      seconds = next;
    }
    tight.seconds = seconds;
    write_back();
    return tight;
  }

 private:
  [[nodiscard]] bool tiled() const { return rates_.tile > 0; }
  // Rounding of demands and capacities to whole units can hold back one unit at each node.
  [[nodiscard]] std::int64_t slack() const { return static_cast<std::int64_t>(devices_ + experts_); }

  [[nodiscard]] double capacity_units(int device, double seconds) const {
    const double budget = seconds * prepared_.speed(device) - fixed_[static_cast<std::size_t>(device)];
    if (budget <= 0) return 0.0;
    if (rates_.rate <= 0) return 0x1.0p58;
    const double units = budget / rates_.rate / unit_;
    return std::min(tiled() ? std::floor(support::rounded_up(units)) : units, 0x1.0p58);
  }

  // The least T at which these devices take so many units.
  [[nodiscard]] double least_seconds(std::int64_t demand, const std::vector<int>& devices) const {
    double speed = 0.0;
    double fixed = 0.0;
    for (const int device : devices) {
      speed += prepared_.speed(device);
      fixed += fixed_[static_cast<std::size_t>(device)];
    }
    if (demand == 0 || speed <= 0) return 0.0;
    const double seconds = (static_cast<double>(demand) * unit_ * rates_.rate + fixed) / speed;
    if (!tiled()) return seconds;
    // Whole tiles: the sum of floors grows in steps; the next step at or beyond the real answer.
    double step = seconds;
    for (int round = 0; round < 100000; ++round) {
      double units = 0.0;
      double next = std::numeric_limits<double>::infinity();
      for (const int device : devices) {
        const double here = capacity_units(device, step);
        units += here;
        const double cost = (here + 1) * unit_ * rates_.rate + fixed_[static_cast<std::size_t>(device)];
        next = std::min(next, cost / prepared_.speed(device));
      }
      if (units >= static_cast<double>(demand)) return step;
      step = std::max(next, step * (1 + 1e-15));
    }
    return step;
  }

  // Nodes: source, experts, devices, sink. One arc per expert and device that holds it.
  void build() {
    const int sink = static_cast<int>(1 + experts_ + devices_);
    for (std::size_t expert = 0; expert < experts_; ++expert) {
      arcs_.push_back({0, static_cast<int>(1 + expert), demand_[expert]});
    }
    for (std::size_t device = 0; device < devices_; ++device) {
      arcs_.push_back({static_cast<int>(1 + experts_ + device), sink, 0});
    }
    first_arc_ = arcs_.size();
    for (const Replica& replica : replicas_) {
      arcs_.push_back({1 + replica.expert, static_cast<int>(1 + experts_) + replica.device,
                       demand_[static_cast<std::size_t>(replica.expert)]});
    }
  }

  solvers::flow::MaxFlow push(double seconds) {
    for (std::size_t device = 0; device < devices_; ++device) {
      const double units = capacity_units(static_cast<int>(device), seconds);
      arcs_[experts_ + device].capacity = static_cast<std::int64_t>(tiled() ? units : std::ceil(units));
    }
    return solvers::flow::max_flow(static_cast<int>(2 + experts_ + devices_), arcs_, 0,
                                   static_cast<int>(1 + experts_ + devices_));
  }

  void write_back() {
    const auto units_of = [&](std::size_t index) { return flow_[first_arc_ + index]; };
    for (std::size_t expert = 0; expert < experts_; ++expert) {
      const auto& mine = replicas_of_[expert];
      std::int64_t sent = 0;
      for (const std::size_t index : mine) sent += units_of(index);
      double left = load_[expert];
      for (const std::size_t index : mine) {
        const auto units = static_cast<double>(units_of(index));
        if (tiled()) {
          // The last tile may be partial.
          replicas_[index].tokens = std::min(left, units * unit_);
          left -= replicas_[index].tokens;
        } else {
          replicas_[index].tokens = sent > 0           ? load_[expert] * (units / static_cast<double>(sent))
                                    : index == mine[0] ? load_[expert]
                                                       : 0.0;
        }
      }
      // A missing tile can only come from the round limit; the first replica takes it.
      if (tiled() && left > 0 && !mine.empty()) replicas_[mine[0]].tokens += left;
    }
  }

  const Prepared& prepared_;
  std::span<const double> load_;
  std::vector<Replica>& replicas_;
  Rates rates_;
  std::vector<double> fixed_;  // [devices] fixed charges of the replicas that stand there
  std::size_t devices_;
  std::size_t experts_;
  std::vector<std::vector<std::size_t>> replicas_of_;  // [experts]
  double unit_ = 1.0;
  std::vector<std::int64_t> demand_;  // [experts] units
  std::int64_t wanted_ = 0;
  std::vector<solvers::flow::Arc> arcs_;
  std::size_t first_arc_ = 0;  // of the replicas, in their order
  std::vector<std::int64_t> flow_;
};

}  // namespace

TightSet solve_shares(const Prepared& prepared, std::span<const double> load, std::vector<Replica>& replicas,
                      int levels) {
  const Rates rates{prepared.curve.rate(), prepared.curve.tile(), prepared.curve.fixed()};
  TightSet tight = TokenFlow(prepared, load, replicas, rates).run();
  std::vector<double> rest(load.begin(), load.end());
  std::vector<bool> full(static_cast<std::size_t>(prepared.devices), false);
  TightSet level = tight;
  for (int depth = 1; depth < levels; ++depth) {
    for (const int expert : level.experts) rest[static_cast<std::size_t>(expert)] = 0.0;
    for (const int device : level.devices) full[static_cast<std::size_t>(device)] = true;
    std::vector<Replica> open;
    std::vector<std::size_t> index;
    std::vector<bool> served(rest.size(), false);
    for (std::size_t k = 0; k < replicas.size(); ++k) {
      const auto expert = static_cast<std::size_t>(replicas[k].expert);
      if (rest[expert] <= 0 || full[static_cast<std::size_t>(replicas[k].device)]) continue;
      open.push_back(replicas[k]);
      index.push_back(k);
      served[expert] = true;
    }
    // An expert that has replicas on full devices alone stays as it is.
    bool split = false;
    for (std::size_t expert = 0; expert < rest.size(); ++expert) split = split || (rest[expert] > 0 && !served[expert]);
    if (split || open.empty()) break;
    level = TokenFlow(prepared, rest, open, rates).run();
    tight.work += level.work;
    for (Replica& replica : replicas) {
      if (rest[static_cast<std::size_t>(replica.expert)] > 0) replica.tokens = 0.0;
    }
    for (std::size_t k = 0; k < open.size(); ++k) replicas[index[k]].tokens = open[k].tokens;
    if (level.seconds < 0.8 * tight.seconds) break;
  }
  return tight;
}

TightSet relax_shares(const Prepared& prepared, std::span<const double> load, std::vector<Replica>& replicas) {
  return TokenFlow(prepared, load, replicas, {prepared.curve.least_rate(), 0.0, 0.0}).run();
}

TightSet solve_shares(LayerState& state, int levels) {
  std::vector<Replica> replicas;
  std::vector<int> slots;
  for (int slot = 0; slot < state.slot_count(); ++slot) {
    if (state.expert(slot) < 0) continue;
    replicas.push_back({state.expert(slot), state.device(slot), 0.0});
    slots.push_back(slot);
  }
  const TightSet tight = solve_shares(*state.problem().prepared, state.problem().load, replicas, levels);
  for (std::size_t index = 0; index < slots.size(); ++index) state.set_tokens(slots[index], replicas[index].tokens);
  return tight;
}

}  // namespace plimsoll::experts
