// What every method that hands an integer program to GLPK or CBC has in common: its place in the table of methods, and
// the way work is counted where the work is done by others.
#pragma once

#include <string>
#include <string_view>

#include "plimsoll/options.hpp"
#include "solvers/mip/solver.hpp"
#include "support/meter.hpp"

namespace plimsoll::common {

// "milp-cbc", as in the table and in certificates; "CBC", for people.
std::string milp_name(solvers::mip::Backend backend);
std::string_view program_name(solvers::mip::Backend backend);
// The line of the table, which says where this build lacks the backend.
std::string_view help_of_milp(solvers::mip::Backend backend);
// Throws Error(unsupported) where this build lacks the backend.
void require_backend(solvers::mip::Backend backend);

// Backends decide within about 1e-7 of what they compare. A bound short of optimality gives that much away.
inline constexpr double backend_tolerance = 1e-7;

// The work that is left pays for the relaxation of a model; that has no limits of its own.
bool can_pay(const support::Meter& meter, const solvers::mip::Model& model);
// Limits for one solve that may use `part` of what is left of time and work.
solvers::mip::Options backend_options(const SolveOptions& options, const support::Meter& meter,
                                      const solvers::mip::Model& model, double part);
// Solves and counts the work.
solvers::mip::Result solve_counted(const solvers::mip::Model& model, solvers::mip::Backend backend,
                                   const solvers::mip::Options& options, support::Meter& meter);
// What a solve proves about the least objective, where `found` (infinite: no plan) is the best plan's; minus infinity
// where it proves nothing.
double proven_by(const solvers::mip::Result& result, double found);

}  // namespace plimsoll::common
