// Planning again and again, as engines do: what has been is known, the next micro-step is not. A method plans on the
// last `window` micro-steps with its own last placement standing; what it planned is then scored on the next one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "planner/common/problem.hpp"
#include "plimsoll/options.hpp"

namespace plimsoll::common {

struct RollingOptions {
  int window = 1;                           // micro-steps that are known
  SolveOptions solve;                       // method, and limits of each planning
  std::optional<std::int64_t> max_moves{};  // of each planning once something stands
  std::function<void(int microstep)> progress{};
};

// One planning, and what became of it.
struct RollingPlan {
  int microstep = 0;                // that was planned for
  bool first = false;               // nothing stood before, moves are not counted
  double planned_imbalance = 1;     // of the plan on what was known
  double imbalance = 1;             // on the micro-step, mean over layers with load
  double worst_imbalance = 1;       // the largest of them
  std::vector<double> layers = {};  // imbalance of each layer, 0 without load
  std::int64_t moves = 0;
  double moved_bytes = 0;
  std::uint64_t work = 0;
  std::vector<std::string> violations = {};  // what the checker says against the plan
};

struct RollingRun {
  std::vector<RollingPlan> plans;
  bool keeps_limit = true;  // false: the method takes no limit of moves, and was left to move what it likes
  std::string refused;      // why there are no plans
};

class RollingPlanner {
 public:
  virtual ~RollingPlanner() = default;
  [[nodiscard]] virtual int microsteps() const = 0;
  // Methods that can plan so.
  [[nodiscard]] virtual MethodList methods() const = 0;
  // Those that are compared unless others are asked for.
  [[nodiscard]] virtual std::vector<std::string> usual_methods() const = 0;
  // For each micro-step, the imbalance that no placement can undercut.
  [[nodiscard]] virtual std::vector<double> least_imbalance() const = 0;
  // For the micro-steps from `window` on, in order. Deterministic where the limit is work.
  [[nodiscard]] virtual RollingRun run(const RollingOptions& options) const = 0;
};

}  // namespace plimsoll::common
