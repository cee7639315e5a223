// The linear relaxation of a model, solved by Clp and solved again after changes from the basis of the solve before.
// Everything speaks of a minimisation: a row's dual is what its bounds cost, d objective / d bound, so it is 0 or more
// at a lower bound and 0 or less at an upper one; the reduced cost of x_j is cost_j - sum_i dual_i a_ij.
//
// One object belongs to one thread at a time; any number of objects may work at once. Clp runs on the caller's thread,
// prints nothing and touches no signal handler.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plimsoll/certificate.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::lp {

enum class Status { optimal, infeasible, unbounded, unknown };

struct Limits {
  std::optional<double> time_limit_seconds;  // wall clock
  std::optional<int> iteration_limit;        // of the simplex method; stops at the same place twice
  const std::atomic<bool>* stop = nullptr;   // set it from anywhere
};

struct Solution {
  Status status = Status::unknown;
  double objective = mip::infinity;           // of the point, computed by us; where the status is optimal
  double bound = -mip::infinity;              // from the duals, computed by us (dual_bound.hpp): holds whatever Clp did
  std::vector<double> point;                  // [variables] where optimal, else empty
  std::vector<double> duals;                  // [rows] where optimal
  std::vector<double> reduced_costs;          // [variables] where optimal
  std::vector<double> ray;                    // [rows] where infeasible and verified: multipliers that prove it
  StoppedBy stopped_by = StoppedBy::optimal;  // `work`: the iteration limit; `exhausted`: Clp gave up (reason)
  std::string reason;
  int iterations = 0;
};

// Whether this build has Clp.
bool available();

class LinearProgram {
 public:
  // Integrality is ignored. Throws Error(unsupported) in a build without Clp.
  explicit LinearProgram(mip::Model model);
  LinearProgram(LinearProgram&&) noexcept;
  LinearProgram& operator=(LinearProgram&&) noexcept;
  ~LinearProgram();

  [[nodiscard]] const mip::Model& model() const;

  // The next solve starts from the last basis. Errors as in mip::Model.
  void set_bounds(int variable, double lower, double upper);
  void set_cost(int variable, double cost);
  void set_row_bounds(int row, double lower, double upper);
  // Returns the index of the new row.
  int add_row(double lower, double upper, std::span<const mip::Entry> entries);

  // Throws Error: usage (limits that make no sense), internal (Clp broke down).
  Solution solve(const Limits& limits = {});

 private:
  struct Clp;
  std::unique_ptr<Clp> clp_;
};

}  // namespace plimsoll::solvers::lp
