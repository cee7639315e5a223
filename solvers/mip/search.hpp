// What every backend shares: limits, the best verified point, the bound, the callbacks, and the one place that turns a
// backend's claim into a Result. A backend calls it from one thread at a time.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "solvers/mip/model.hpp"
#include "solvers/mip/solver.hpp"

namespace plimsoll::solvers::mip {

// Moves the continuous variables of a point so that rows hold again, the integer ones staying put. False: it cannot.
using Repair = std::function<bool(std::vector<double>& point)>;

struct Claim {
  enum class What {
    complete,    // the whole space was searched; `value` is the least objective the backend knows
    infeasible,  // there is no point
    unbounded,   // of the relaxation
    stopped,     // by a limit
    gave_up,     // numerical trouble and the like
  };
  What what = What::gave_up;
  double value = infinity;
  StoppedBy stopped_by = StoppedBy::exhausted;  // where the backend stopped before the search noticed a reason
  std::string reason = {};
};

class Search {
 public:
  // Throws Error for options that make no sense. The start is offered here.
  Search(const Model& model, const Options& options);

  void set_repair(Repair repair) { repair_ = std::move(repair); }

  // Whether to end now: time, the stop flag, a closed gap, a callback that threw. Once true it stays true.
  bool should_stop();
  [[nodiscard]] bool stopped() const { return stopped_by_.has_value(); }
  [[nodiscard]] double seconds() const;
  [[nodiscard]] double seconds_left() const;  // at least 0; a large number without a limit

  // Verifies a point that a backend or a callback came up with. True: it is the new incumbent.
  bool offer(std::span<const double> point);
  // A bound the backend has proven. What lies above the incumbent is cut to it.
  void raise_bound(double bound);
  // Asks the caller's heuristic; true: it gave a better verified point, now the incumbent.
  bool ask_heuristic(std::span<const double> relaxation);

  [[nodiscard]] bool has_incumbent() const { return has_incumbent_; }
  [[nodiscard]] const std::vector<double>& point() const { return point_; }
  [[nodiscard]] double objective() const { return objective_; }
  [[nodiscard]] double bound() const { return bound_; }

  // Throws what a callback has thrown.
  Result finish(const Claim& claim, std::int64_t nodes);

 private:
  using Clock = std::chrono::steady_clock;

  void judge_complete(const Claim& claim, Result& result);
  void contradict(const std::string& what);
  template <class Call>
  void guarded(Call&& call);

  const Model& model_;
  const Options& options_;
  Repair repair_;
  Clock::time_point start_ = Clock::now();
  std::optional<StoppedBy> stopped_by_;
  std::exception_ptr thrown_;
  bool has_incumbent_ = false;
  std::vector<double> point_;
  double objective_ = infinity;
  double step_ = 0;  // of objective values, 0: none
  double trivial_bound_ = -infinity;
  double bound_ = -infinity;
  bool start_used_ = false;
  int rejected_ = 0;           // points that failed the evaluation
  std::string rejected_for_;   // what the last of them broke
  std::string contradiction_;  // empty while the backend's claims agree with what we know
};

}  // namespace plimsoll::solvers::mip
