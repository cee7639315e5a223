// A second opinion on what a plan of a step holds and on its shares, written from docs/formats.md alone. Rows are
// judged by testing::judge, as static plans.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "plimsoll/step.hpp"
#include "tests/planner/experts/judge.hpp"
#include "tests/planner/experts/step/judge_talk.hpp"
#include "tests/planner/experts/step/random_base.hpp"

namespace plimsoll::testing {

class StepRowsJudgement {
 public:
  struct Transient {
    int microstep;
    int layer;
    int expert;
    int column;
  };

  StepRowsJudgement(const StepInstance& step, const StepPlan& plan)
      : step_(step), plan_(plan), columns_(step), layers_(step.experts.model.layers) {}

  bool hold() { return shapes_hold() && base_holds() && rows_hold(); }

  // Known where the rows hold. By micro-step, layer and column:
  [[nodiscard]] const std::vector<Transient>& transient() const { return transient_; }
  [[nodiscard]] std::int64_t moves() const { return moves_; }
  // Of a (micro-step, layer), with other_seconds.
  [[nodiscard]] double compute(int microstep, int layer) const { return compute_.at({microstep, layer}); }
  // Nothing is said without sources.
  [[nodiscard]] Talk talk(int microstep, int layer) const {
    const auto found = talk_.find({microstep, layer});
    return found == talk_.end() ? Talk{} : found->second;
  }
  [[nodiscard]] const StepColumns& columns() const { return columns_; }
  [[nodiscard]] int base(int layer, std::size_t column) const {
    return plan_.base.at(static_cast<std::size_t>(layer), column);
  }
  [[nodiscard]] int slot(int microstep, int layer, std::size_t column) const {
    return plan_.microsteps[static_cast<std::size_t>(microstep)].slots.at(static_cast<std::size_t>(layer), column);
  }

 private:
  template <class T>
  [[nodiscard]] bool fits(const Matrix<T>& table) const {
    return table.rows() == static_cast<std::size_t>(layers_) && table.columns() == columns_.count();
  }
  [[nodiscard]] bool tiled() const {
    return step_.experts.cost.tile_tokens > 0 && step_.experts.cost.expert_seconds.empty();
  }
  [[nodiscard]] bool shapes_hold() const {
    if (!fits(plan_.base) || plan_.microsteps.size() != step_.load.size()) return false;
    return std::all_of(plan_.microsteps.begin(), plan_.microsteps.end(), [&](const ExpertPlan& rows) {
      return fits(rows.slots) && fits(rows.shares) && (!tiled() || fits(rows.tokens));
    });
  }

  // As a static plan that gives each expert to its first replica.
  bool base_holds() {
    ExpertInstance wide = wide_instance(step_);
    wide.dispatch = Dispatch::weighted;
    wide.cost.tile_tokens = 0;
    ExpertPlan rows{plan_.base, Matrix<double>(plan_.base.rows(), columns_.count(), 0.0), {}};
    std::map<int, int> held;
    std::map<std::size_t, int> pooled;
    for (int layer = 0; layer < layers_; ++layer) {
      std::set<int> seen;
      for (std::size_t column = 0; column < columns_.count(); ++column) {
        const int expert = base(layer, column);
        const bool must = step_.experts.cluster.fill_slots && columns_.alive[column] && !columns_.transient[column];
        if (expert == -1 && must) return false;
        if (expert == -1) continue;
        if (seen.insert(expert).second) rows.shares.at(static_cast<std::size_t>(layer), column) = 1.0;
        if (!columns_.transient[column]) ++held[columns_.device_of[column]];
        if (columns_.transient[column]) ++pooled[column];
      }
    }
    for (const auto& [column, count] : pooled) {
      if (step_.transient_pool_slots > 0 && count > 1) return false;
    }
    for (std::size_t column = 0; column < columns_.count() && step_.experts.cluster.memory_bytes; ++column) {
      if (!columns_.alive[column]) continue;
      const int all = held[columns_.device_of[column]] + step_.transient_slots * layers_ + step_.transient_pool_slots;
      if (all * step_.experts.model.expert_bytes > *step_.experts.cluster.memory_bytes) return false;
    }
    wide.move_seconds = 0;
    const auto without = judge(wide, rows);
    if (!without) return false;
    wide.move_seconds = 1;
    moves_ = std::llround(*judge(wide, rows) - *without);
    return true;
  }

  // Each row as a static plan of one layer.
  bool rows_hold() {
    ExpertInstance one = wide_instance(step_);
    one.model.layers = 1;
    one.placement.reset();
    one.limits = {};
    one.move_seconds = 0;
    one.cost.other_seconds = 0;
    for (int m = 0; m < step_.microsteps(); ++m) {
      for (int layer = 0; layer < layers_; ++layer) {
        if (!row_agrees_with_base(m, layer)) return false;
        const auto l = static_cast<std::size_t>(layer);
        const ExpertPlan& rows = plan_.microsteps[static_cast<std::size_t>(m)];
        one.load = row_of(step_.load[static_cast<std::size_t>(m)], l);
        const ExpertPlan row{row_of(rows.slots, l), row_of(rows.shares, l),
                             tiled() ? row_of(rows.tokens, l) : Matrix<std::int64_t>{}};
        const auto seconds = judge(one, row);
        if (!seconds) return false;
        compute_[{m, layer}] = *seconds + step_.experts.cost.other_seconds;
        if (step_.sources.empty()) continue;
        const auto talk = TalkJudgement(step_, rows, m, layer).seconds();
        if (!talk) return false;
        talk_[{m, layer}] = *talk;
      }
    }
    return true;
  }

  template <class T>
  static Matrix<T> row_of(const Matrix<T>& table, std::size_t row) {
    const auto span = table.row(row);
    return Matrix<T>(1, table.columns(), std::vector<T>(span.begin(), span.end()));
  }

  [[nodiscard]] bool row_agrees_with_base(int m, int layer) {
    for (std::size_t column = 0; column < columns_.count(); ++column) {
      const int expert = slot(m, layer, column);
      if (base(layer, column) != -1 || !columns_.transient[column]) {
        if (expert != base(layer, column)) return false;
        continue;
      }
      if (expert == -1) continue;
      for (int other = 0; other < layers_ && step_.transient_pool_slots > 0; ++other) {
        if (base(other, column) != -1) return false;
      }
      transient_.push_back({m, layer, expert, static_cast<int>(column)});
    }
    return true;
  }

  const StepInstance& step_;
  const StepPlan& plan_;
  StepColumns columns_;
  int layers_;
  std::map<std::pair<int, int>, double> compute_;
  std::map<std::pair<int, int>, Talk> talk_;
  std::vector<Transient> transient_;
  std::int64_t moves_ = 0;
};

}  // namespace plimsoll::testing
