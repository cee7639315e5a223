// The evaluation of one row of a plan, that is of one layer (of one micro-step): who holds what, the shares of each
// expert's tokens, and the seconds of each device. Used for static plans and for every micro-step of a step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/experts/cost_curve.hpp"
#include "planner/experts/violations.hpp"
#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

// Where the row stands in the plan file.
struct RowPlace {
  std::size_t layer = 0;
  int microstep = -1;                // -1: not of a micro-step
  std::string_view slots = "slots";  // name of the table of slots

  // "/plan/microsteps/3/shares/0"
  [[nodiscard]] std::string of(std::string_view field) const;
  // "/plan/microsteps/3/shares/0/17: "
  [[nodiscard]] std::string of(std::string_view field, std::size_t slot) const;
};

// What a plan says about one row.
struct PlanRow {
  std::span<const int> slots;
  std::span<const double> shares;
  std::span<const std::int64_t> tokens;  // empty unless tokens come in tiles
};

class RowJudge {
 public:
  // `slots` of each device make the columns of a row; the last `transient` of each need not be filled.
  RowJudge(const ExpertInstance& instance, const std::vector<int>& slots, int transient, Violations& violations);

  // Slots in range, dead devices empty, every expert somewhere, duplicates, groups and empty slots as allowed. With a
  // `base` row (judged before), what it holds must stand here as well, and only the rest is judged anew.
  void judge_slots(const RowPlace& place, std::span<const int> slots, std::span<const int> base = {});
  // Shares (and tokens) per expert, then seconds per device. Of the row whose slots were judged last.
  void judge_shares(const RowPlace& place, const PlanRow& row, std::span<const double> load, std::span<double> seconds);

  [[nodiscard]] std::size_t columns() const { return device_of_slot_.size(); }
  [[nodiscard]] std::size_t device_of_slot(std::size_t slot) const { return device_of_slot_[slot]; }
  [[nodiscard]] bool transient(std::size_t slot) const { return transient_[slot]; }
  [[nodiscard]] bool alive(std::size_t device) const { return alive_[device]; }
  [[nodiscard]] bool tiled() const { return curve_.tiled(); }
  // The slot's expert where it exists, else -1.
  [[nodiscard]] int expert_of(int slot) const { return slot >= 0 && slot < static_cast<int>(experts_) ? slot : -1; }

 private:
  void judge_expert(const RowPlace& place, std::size_t slot, int expert);
  void judge_duplicates(const RowPlace& place, std::span<const int> slots, std::span<const int> base);
  void judge_groups(const RowPlace& place, std::span<const int> slots, std::span<const int> base);
  void judge_sums(const RowPlace& place, std::span<const double> load);
  void judge_tokens(const RowPlace& place, const PlanRow& row, std::size_t slot, double load);
  void judge_even(const RowPlace& place, const PlanRow& row, std::size_t slot, double load);
  [[nodiscard]] double tokens_of(const PlanRow& row, std::size_t slot, double load) const;

  const ExpertInstance& instance_;
  Violations& violations_;
  CostCurve curve_;
  std::size_t experts_;
  std::vector<bool> alive_;                  // [devices]
  std::vector<std::size_t> device_of_slot_;  // [columns]
  std::vector<bool> transient_;              // [columns]
  // Of the row at hand, [experts].
  std::vector<std::int64_t> replicas_;
  std::vector<std::int64_t> seen_;
  std::vector<std::int64_t> token_sum_;
  std::vector<double> share_sum_;
  std::vector<std::size_t> last_slot_;  // the slot before that holds the expert
  std::vector<int> home_;               // [groups] node
};

}  // namespace plimsoll::experts
