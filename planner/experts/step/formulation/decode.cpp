// What a point of the program says: what stands, what is transient where, and shares.
#include <algorithm>
#include <cmath>

#include "planner/experts/step/formulation/formulation.hpp"
#include "planner/experts/step/search/shares.hpp"

namespace plimsoll::experts::step {
namespace {

double value(std::span<const double> point, int variable) {
  return variable < 0 ? 0.0 : point[static_cast<std::size_t>(variable)];
}

// [layers * experts] the node of each expert's group in a layer, -1: none.
class Homes {
 public:
  Homes(const Prepared& prepared, const Matrix<int>& base) : prepared_(prepared) {
    if (!prepared.instance.experts.keep_groups_on_a_node) return;
    const int groups = prepared.instance.experts.model.groups;
    node_.assign(static_cast<std::size_t>(prepared.layers * groups), -1);
    for (int layer = 0; layer < prepared.layers; ++layer) {
      for (int column = 0; column < prepared.total_columns(); ++column) {
        const int expert = base.at(static_cast<std::size_t>(layer), static_cast<std::size_t>(column));
        if (expert < 0) continue;
        node_[at(layer, expert)] =
            prepared.columns.node[static_cast<std::size_t>(prepared.columns.device_of_slot(column))];
      }
    }
  }
  [[nodiscard]] bool allows(int layer, int expert, int device) const {
    return node_.empty() || node_[at(layer, expert)] == prepared_.columns.node[static_cast<std::size_t>(device)];
  }

 private:
  [[nodiscard]] std::size_t at(int layer, int expert) const {
    return static_cast<std::size_t>(layer * prepared_.instance.experts.model.groups +
                                    prepared_.columns.group[static_cast<std::size_t>(expert)]);
  }
  const Prepared& prepared_;
  std::vector<int> node_;
};

}  // namespace

void Formulation::decode_base(std::span<const double> point, StepPlan& plan) const {
  plan.base =
      Matrix<int>(static_cast<std::size_t>(prepared_.layers), static_cast<std::size_t>(prepared_.total_columns()), -1);
  const Cluster& cluster = prepared_.instance.experts.cluster;
  for (int d = 0; d < prepared_.devices; ++d) {
    const int first = prepared_.columns.first_slot[static_cast<std::size_t>(d)];
    std::vector<bool> taken(static_cast<std::size_t>(prepared_.transient), false);  // of a pool
    for (int l = 0; l < prepared_.layers; ++l) {
      const auto row = plan.base.row(static_cast<std::size_t>(l));
      std::vector<int> held;
      for (int e = 0; e < prepared_.experts; ++e) {
        for (auto left = std::lround(value(point, frame_.base[frame_.at(l, e, d)])); left > 0; --left)
          held.push_back(e);
      }
      const int variable = frame_.serving[static_cast<std::size_t>(l * prepared_.devices + d)];
      const int slots = frame_.base_slots(d);
      const int proper = std::min(
          slots, static_cast<int>(held.size() - static_cast<std::size_t>(std::lround(value(point, variable)))));
      int column = first + slots;
      for (int k = 0; k < static_cast<int>(held.size()); ++k) {
        if (k < proper) {
          row[static_cast<std::size_t>(first + k)] = held[static_cast<std::size_t>(k)];
          continue;
        }
        while (column < first + frame_.columns(d) && prepared_.pool &&
               taken[static_cast<std::size_t>(column - first - slots)]) {
          ++column;
        }
        if (column >= first + frame_.columns(d)) break;
        taken[static_cast<std::size_t>(column - first - slots)] = true;
        row[static_cast<std::size_t>(column++)] = held[static_cast<std::size_t>(k)];
      }
    }
  }
  if (!cluster.fill_slots) return;
  // Base slots that stay empty hold what costs no move and is not there yet.
  const Homes homes(prepared_, plan.base);
  for (int l = 0; l < prepared_.layers; ++l) {
    const auto row = plan.base.row(static_cast<std::size_t>(l));
    for (int d = 0; d < prepared_.devices; ++d) {
      const int first = prepared_.columns.first_slot[static_cast<std::size_t>(d)];
      const auto holds = [&](int expert) {
        const auto begin = row.begin() + first;
        return std::find(begin, begin + frame_.columns(d), expert) != begin + frame_.columns(d);
      };
      for (int column = first; column < first + frame_.base_slots(d); ++column) {
        int& slot = row[static_cast<std::size_t>(column)];
        for (int pass = 0; pass < 2 && slot < 0; ++pass) {
          for (int e = 0; e < prepared_.experts && slot < 0; ++e) {
            if (holds(e) == (pass == 0) || !homes.allows(l, e, d)) continue;
            if (pass == 1 && !cluster.duplicates) continue;
            slot = e;
          }
        }
      }
    }
  }
}

// Transient replicas take the column that came free first.
void Formulation::decode_transient(std::span<const double> point, StepPlan& plan) const {
  const int groups = prepared_.pool ? 1 : prepared_.layers;
  std::vector<std::vector<int>> last_use(static_cast<std::size_t>(groups),
                                         std::vector<int>(static_cast<std::size_t>(prepared_.total_columns()), -1));
  for (std::size_t w = 0; w < prepared_.windows.size(); ++w) {
    const Window& window = prepared_.windows[w];
    if (window.pass == Pass::backward) continue;
    const auto l = static_cast<std::size_t>(window.layer);
    auto& last = last_use[prepared_.pool ? 0 : l];
    ExpertPlan& mine = plan.microsteps[static_cast<std::size_t>(window.microstep)];
    const auto row = mine.slots.row(l);
    for (int d = 0; d < prepared_.devices; ++d) {
      for (int e = 0; e < prepared_.experts; ++e) {
        auto left = std::lround(value(point, frame_.transient[frame_.at(window.microstep, window.layer, e, d)]));
        for (; left > 0; --left) {
          int best = -1;
          const int end = prepared_.columns.first_slot[static_cast<std::size_t>(d) + 1];
          for (int column = end - prepared_.transient; column < end; ++column) {
            const auto c = static_cast<std::size_t>(column);
            bool serves = false;
            for (int other = 0; other < prepared_.layers; ++other) {
              if (!prepared_.pool && other != window.layer) continue;
              serves = serves || plan.base.at(static_cast<std::size_t>(other), c) >= 0;
            }
            if (serves || row[c] >= 0 || last[c] >= static_cast<int>(w)) continue;
            if (best < 0 || last[c] < last[static_cast<std::size_t>(best)]) best = column;
          }
          if (best < 0) continue;
          row[static_cast<std::size_t>(best)] = e;
          last[static_cast<std::size_t>(best)] =
              prepared_.last_window.at(static_cast<std::size_t>(window.microstep), l);
        }
      }
    }
  }
}

StepPlan Formulation::decode(std::span<const double> point) const {
  StepPlan plan;
  decode_base(point, plan);
  ExpertPlan empty;
  empty.slots = plan.base;
  empty.shares = Matrix<double>(plan.base.rows(), plan.base.columns(), 0.0);
  if (flat_.whole_tokens) empty.tokens = Matrix<std::int64_t>(plan.base.rows(), plan.base.columns(), 0);
  plan.microsteps.assign(static_cast<std::size_t>(prepared_.microsteps), empty);
  decode_transient(point, plan);
  RowShares shares(prepared_);
  for (int m = 0; m < prepared_.microsteps; ++m) {
    for (int l = 0; l < prepared_.layers; ++l) {
      if (rows_.empty()) {
        shares.share(m, l, plan.microsteps[static_cast<std::size_t>(m)]);
      } else {
        decode_shares(point, m, l, plan);
      }
    }
  }
  return plan;
}

// The tokens of the point go to the slots of the same expert and device.
void Formulation::decode_shares(std::span<const double> point, int microstep, int layer, StepPlan& plan) const {
  const LayerPlan solved = rows_[static_cast<std::size_t>(frame_.flat(microstep, layer))]->decode(point);
  ExpertPlan& mine = plan.microsteps[static_cast<std::size_t>(microstep)];
  const auto l = static_cast<std::size_t>(layer);
  const auto load = prepared_.load(microstep, layer);
  std::vector<int> replicas(static_cast<std::size_t>(prepared_.experts), 0);
  std::vector<int> rank(replicas.size(), 0);
  for (const int expert : mine.slots.row(l)) {
    if (expert >= 0) ++replicas[static_cast<std::size_t>(expert)];
  }
  std::vector<bool> used(solved.replicas.size(), false);
  std::vector<double> given(replicas.size(), 0.0);
  for (int column = 0; column < prepared_.total_columns(); ++column) {
    const auto c = static_cast<std::size_t>(column);
    const int expert = mine.slots.at(l, c);
    if (expert < 0) continue;
    const auto e = static_cast<std::size_t>(expert);
    double tokens = 0;
    if (flat_.even) {
      tokens = load[e] / replicas[e];
      if (flat_.whole_tokens) {
        const auto whole = static_cast<std::int64_t>(load[e]);
        tokens = static_cast<double>(whole / replicas[e] + (rank[e]++ < whole % replicas[e] ? 1 : 0));
      }
    } else {
      for (std::size_t k = 0; k < used.size(); ++k) {
        const Replica& replica = solved.replicas[k];
        if (used[k] || replica.expert != expert || replica.device != prepared_.columns.device_of_slot(column)) continue;
        used[k] = true;
        tokens = replica.tokens;
        break;
      }
    }
    mine.shares.at(l, c) = load[e] > 0 ? tokens / load[e] : flat_.even ? 1.0 / replicas[e] : given[e] == 0 ? 1.0 : 0.0;
    given[e] += mine.shares.at(l, c);
    if (flat_.whole_tokens) mine.tokens.at(l, c) = static_cast<std::int64_t>(tokens);
  }
}

}  // namespace plimsoll::experts::step
