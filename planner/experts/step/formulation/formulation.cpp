#include "planner/experts/step/formulation/formulation.hpp"

#include <algorithm>
#include <cmath>

#include "planner/experts/bounds/refute.hpp"
#include "plimsoll/error.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts::step {

using solvers::mip::infinity;

namespace {

// The bytes of a model are some hundred times its variables, and what backends can do ends far below.
constexpr double most_variables = 3e5;

ExpertInstance flat_instance(const Prepared& prepared) {
  ExpertInstance flat = prepared.whole;
  const int layers = prepared.layers * prepared.microsteps;
  flat.model.layers = layers;
  flat.load = Matrix<double>(static_cast<std::size_t>(layers), static_cast<std::size_t>(prepared.experts));
  for (int m = 0; m < prepared.microsteps; ++m) {
    for (int l = 0; l < prepared.layers; ++l) {
      const auto from = prepared.load(m, l);
      std::copy(from.begin(), from.end(), flat.load.row(static_cast<std::size_t>(m * prepared.layers + l)).begin());
    }
  }
  return flat;
}

}  // namespace

Formulation::Formulation(const Prepared& prepared, Scope scope, Options options)
    : prepared_(prepared),
      scope_(std::move(scope)),
      options_(std::move(options)),
      flat_instance_(flat_instance(prepared)),
      flat_(flat_instance_),
      frame_{prepared, model_, 1, {}, {}, {}, {}, {}, {}, -1, {}} {
  refuse();
  choose_unit();
  try {
    build();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    throw Error(ErrorCode::unsupported,
                std::string("the numbers of this instance lie too far apart for an integer program: ") + error.what(),
                {}, "Maybe give loads, speeds and costs in other units.");
  }
}

void Formulation::refuse() const {
  if (!prepared_.instance.sources.empty()) {
    throw Error(ErrorCode::unsupported, "the integer program of a step does not know communication (`sources`)", {},
                "Maybe solve it with foresight or auto.");
  }
  const double pairs = static_cast<double>(flat_.layers) * prepared_.experts * prepared_.devices;
  const double kinds = prepared_.columns.even ? std::max(1, prepared_.total_columns() - prepared_.experts + 1) : 3.0;
  const double paths = prepared_.transient == 0 ? 0.0 : prepared_.devices + 1.0;
  const double variables = pairs * (kinds + paths * prepared_.microsteps);
  if (variables <= most_variables) return;
  throw Error(ErrorCode::unsupported,
              "the integer program would have about " + std::to_string(std::llround(variables)) +
                  " variables, more than the " + std::to_string(std::llround(most_variables)) + " that are supported",
              {}, "Maybe solve it with foresight or auto.");
}

void Formulation::choose_unit() {
  double largest = 0;
  for (int layer = 0; layer < flat_.layers; ++layer) {
    largest = std::max(largest, Refutation(flat_, flat_.load(layer)).area_seconds());
  }
  frame_.unit = largest > 0 ? std::ldexp(1.0, std::ilogb(largest * (1 + 1e-9)) - 7) : 1.0;
}

void Formulation::build() {
  const int flat_layers = flat_.layers;
  const auto pairs = static_cast<std::size_t>(prepared_.experts) * static_cast<std::size_t>(prepared_.devices);
  frame_.base.assign(pairs * static_cast<std::size_t>(prepared_.layers), -1);
  frame_.transient.assign(pairs * static_cast<std::size_t>(flat_layers), -1);
  frame_.serving.assign(static_cast<std::size_t>(prepared_.layers * prepared_.devices), -1);
  // The objective: the end of the step, and moves.
  frame_.end =
      model_.add_variable(scope_.bound / frame_.unit * (1 - 1e-9), scope_.best / frame_.unit, 1.0, false, "end");
  for (std::size_t window = 0; window < prepared_.windows.size(); ++window) {
    frame_.start.push_back(
        model_.add_variable(0, scope_.best / frame_.unit, 0, false, label("start", {static_cast<int>(window)})));
  }
  for (int l = 0; l < prepared_.layers; ++l) {
    for (int e = 0; e < prepared_.experts; ++e) {
      for (int d = 0; d < prepared_.devices; ++d) {
        if (frame_.columns(d) == 0) continue;
        frame_.base[frame_.at(l, e, d)] = model_.add_variable(0, most(d), 0, true, label("x", {l, e, d}));
      }
    }
  }
  for (int m = 0; m < prepared_.microsteps; ++m) {
    for (int l = 0; l < prepared_.layers; ++l) {
      add_layer(m, l);
      add_transient(m, l);
      if (options_.empty()) tie(m, l);
    }
  }
  add_placement_rows(frame_);
  for (int l = 0; l < prepared_.layers && !options_.empty(); ++l) {
    add_options(l, options_[static_cast<std::size_t>(l)]);
  }
  add_window_rows(frame_);
  transfers_ = std::make_unique<TransferRows>(frame_);
  if (!prepared_.impossible.empty()) model_.add_row(1, 1, {}, "impossible");
}

// Replicas of one expert on a device: where shares are free and the cost is no table, two can be merged without loss.
int Formulation::most(int device) const {
  const bool merged = !prepared_.columns.even && !prepared_.columns.curve.table();
  return !merged && prepared_.instance.experts.cluster.duplicates ? frame_.columns(device) : 1;
}

void Formulation::add_layer(int microstep, int layer) {
  double sum = 0;
  const double other = prepared_.instance.experts.cost.other_seconds;
  for (int m = 0; m < prepared_.microsteps; ++m) {
    for (int l = 0; l < prepared_.layers; ++l) {
      sum +=
          prepared_.passes(m, l) * (scope_.lower.at(static_cast<std::size_t>(m), static_cast<std::size_t>(l)) + other);
    }
  }
  // What the best plan leaves for this layer when all others end at their bounds.
  const double lower = scope_.lower.at(static_cast<std::size_t>(microstep), static_cast<std::size_t>(layer));
  const double room = (scope_.best - support::rounded_down(sum)) / prepared_.passes(microstep, layer);
  const double upper = lower + std::max(0.0, room) + 1e-9 * lower;
  LayerFrame frame{flat_, model_, frame_.flat(microstep, layer), frame_.unit, upper, flat_.slots, 0};
  frame.time = model_.add_variable(support::rounded_down(lower) / frame_.unit, upper / frame_.unit, 0, false,
                                   label("T", {microstep, layer}));
  frame_.time.push_back(frame.time);
  if (!options_.empty()) return;
  rows_.push_back(prepared_.columns.even            ? even_rows(std::move(frame))
                  : prepared_.columns.curve.table() ? table_rows(std::move(frame))
                                                    : weighted_rows(std::move(frame)));
}

void Formulation::add_transient(int microstep, int layer) {
  for (int e = 0; e < prepared_.experts && prepared_.transient > 0; ++e) {
    for (int d = 0; d < prepared_.devices; ++d) {
      const int base = frame_.base[frame_.at(layer, e, d)];
      if (base < 0) continue;
      const int most_here = std::min(most(d), prepared_.transient);
      const int transient = model_.add_variable(0, most_here, 0, true, label("y", {microstep, layer, e, d}));
      frame_.transient[frame_.at(microstep, layer, e, d)] = transient;
      if (most(d) == 1) Sum().add(base, 1.0).add(transient, 1.0).require(model_, -infinity, 1);
    }
  }
}

// What serves in a micro-step stands in base or is transient.
void Formulation::tie(int microstep, int layer) {
  const LayerRows& rows = *rows_.back();
  const bool all_serve = prepared_.columns.even || prepared_.columns.curve.table();
  for (int e = 0; e < prepared_.experts; ++e) {
    for (int d = 0; d < prepared_.devices; ++d) {
      const int base = frame_.base[frame_.at(layer, e, d)];
      const int transient = frame_.transient[frame_.at(microstep, layer, e, d)];
      if (base < 0) continue;
      const std::vector<int>& count = rows.count(e, d);
      if (count.empty()) {
        // Every replica takes its part, and no part of this expert ends in time there.
        if (!all_serve) continue;
        model_.set_bounds(base, 0, 0);
        if (transient >= 0) model_.set_bounds(transient, 0, 0);
        continue;
      }
      Sum serves;
      serves.add(count, 1.0).add(base, -1.0).add(transient, -1.0);
      serves.require(model_, all_serve ? 0 : -infinity, 0);
    }
  }
}

}  // namespace plimsoll::experts::step
