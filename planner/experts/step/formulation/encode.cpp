// A plan as a point of the program.
#include <algorithm>

#include "planner/experts/step/formulation/formulation.hpp"

namespace plimsoll::experts::step {
namespace {

double value(std::span<const double> point, int variable) {
  return variable < 0 ? 0.0 : point[static_cast<std::size_t>(variable)];
}

}  // namespace

std::optional<std::vector<double>> Formulation::encode(const StepPlan& plan, const Evaluation& evaluation) const {
  if (rows_.empty()) return std::nullopt;
  std::vector<double> point(static_cast<std::size_t>(model_.variables()), 0.0);
  const auto put = [&](int variable, double amount) {
    if (variable >= 0) point[static_cast<std::size_t>(variable)] = amount;
    return variable >= 0;
  };
  for (int l = 0; l < prepared_.layers; ++l) {
    for (int column = 0; column < prepared_.total_columns(); ++column) {
      const auto c = static_cast<std::size_t>(column);
      const int expert = plan.base.at(static_cast<std::size_t>(l), c);
      const int device = prepared_.columns.device_of_slot(column);
      if (expert >= 0) {
        const int variable = frame_.base[frame_.at(l, expert, device)];
        if (variable < 0) return std::nullopt;
        put(variable, std::min(value(point, variable) + 1, model_.variable(variable).upper));
        const int serving = frame_.serving[static_cast<std::size_t>(l * prepared_.devices + device)];
        if (prepared_.transient_column[c]) put(serving, value(point, serving) + 1);
        const int groups = prepared_.instance.experts.model.groups;
        const int home =
            (l * groups + prepared_.columns.group[static_cast<std::size_t>(expert)]) * prepared_.columns.nodes +
            prepared_.columns.node[static_cast<std::size_t>(device)];
        if (!frame_.home.empty()) put(frame_.home[static_cast<std::size_t>(home)], 1);
        continue;
      }
      for (int m = 0; m < prepared_.microsteps; ++m) {
        const int held = plan.microsteps[static_cast<std::size_t>(m)].slots.at(static_cast<std::size_t>(l), c);
        if (held < 0) continue;
        const int variable = frame_.transient[frame_.at(m, l, held, device)];
        // Two of an expert on a device where one is enough: another plan is the same without it.
        if (variable < 0) return std::nullopt;
        const int base = frame_.base[frame_.at(l, held, device)];
        const double most = model_.variable(variable).upper;
        if (value(point, variable) + 1 > most || value(point, variable) + value(point, base) + 1 > most) {
          return std::nullopt;
        }
        put(variable, value(point, variable) + 1);
      }
    }
  }
  for (const Frame::Move& move : frame_.moves) put(move.variable, value(point, move.base) > 0.5 ? 1 : 0);
  for (int m = 0; m < prepared_.microsteps; ++m) {
    for (int l = 0; l < prepared_.layers; ++l) {
      const int flat = frame_.flat(m, l);
      const LayerRows& rows = *rows_[static_cast<std::size_t>(flat)];
      if (!rows.encode(rows.canonical(layer_of(m, l, plan)), point)) return std::nullopt;
      double latest = model_.variable(frame_.time[static_cast<std::size_t>(flat)]).lower;
      for (const int row : rows.time_rows()) {
        if (row < 0) continue;
        double units = 0;
        for (const auto& [variable, coefficient] : model_.row(row)) {
          if (variable != frame_.time[static_cast<std::size_t>(flat)]) units += coefficient * value(point, variable);
        }
        latest = std::max(latest, units);
      }
      put(frame_.time[static_cast<std::size_t>(flat)], latest);
    }
  }
  for (std::size_t w = 0; w < frame_.start.size(); ++w) put(frame_.start[w], evaluation.window_start[w] / frame_.unit);
  put(frame_.end, std::max(evaluation.metrics.step_seconds / frame_.unit, model_.variable(frame_.end).lower));
  if (!transfers_->encode(plan, evaluation, point)) return std::nullopt;
  return point;
}

LayerPlan Formulation::layer_of(int microstep, int layer, const StepPlan& plan) const {
  const ExpertPlan& mine = plan.microsteps[static_cast<std::size_t>(microstep)];
  const auto load = prepared_.load(microstep, layer);
  LayerPlan found;
  for (int column = 0; column < prepared_.total_columns(); ++column) {
    const auto c = static_cast<std::size_t>(column);
    const auto l = static_cast<std::size_t>(layer);
    const int expert = mine.slots.at(l, c);
    if (expert < 0) continue;
    const double tokens = flat_.whole_tokens ? static_cast<double>(mine.tokens.at(l, c))
                                             : mine.shares.at(l, c) * load[static_cast<std::size_t>(expert)];
    found.replicas.push_back({expert, prepared_.columns.device_of_slot(column), tokens});
  }
  found.feasible = true;
  return found;
}

}  // namespace plimsoll::experts::step
