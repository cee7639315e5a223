// Backends that break down, or lie, in one way at a time. They stand in for GLPK and CBC in a test program.
#pragma once

namespace plimsoll::testing {

enum class Breakage {
  none_found,        // gives up at once
  throws_error,      // Error(internal)
  throws_other,      // an exception that is not ours
  out_of_memory,     // std::bad_alloc
  infeasible_point,  // "optimal", with a point that breaks the model
  too_good,          // "optimal", at a value below that of every point
  claims_infeasible  // although there are plans
};

inline constexpr Breakage all_breakages[] = {
    Breakage::none_found,       Breakage::throws_error, Breakage::throws_other,     Breakage::out_of_memory,
    Breakage::infeasible_point, Breakage::too_good,     Breakage::claims_infeasible};

// Of the solves to come. Not meant for more than one thread.
void break_backends(Breakage breakage);

}  // namespace plimsoll::testing
