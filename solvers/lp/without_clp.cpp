// Stands in for clp.cpp in a build without Clp.
#include <utility>

#include "plimsoll/error.hpp"
#include "solvers/lp/linear_program.hpp"

namespace plimsoll::solvers::lp {

namespace {

[[noreturn]] void refuse() {
  throw Error(ErrorCode::unsupported, "this build has no Clp", {},
              "Maybe install coinor-libclp-dev and build again with -DPLIMSOLL_CLP=ON");
}

}  // namespace

struct LinearProgram::Clp {};

bool available() { return false; }

LinearProgram::LinearProgram(mip::Model) { refuse(); }
LinearProgram::LinearProgram(LinearProgram&&) noexcept = default;
LinearProgram& LinearProgram::operator=(LinearProgram&&) noexcept = default;
LinearProgram::~LinearProgram() = default;
const mip::Model& LinearProgram::model() const { refuse(); }
void LinearProgram::set_bounds(int, double, double) { refuse(); }
void LinearProgram::set_cost(int, double) { refuse(); }
void LinearProgram::set_row_bounds(int, double, double) { refuse(); }
int LinearProgram::add_row(double, double, std::span<const mip::Entry>) { refuse(); }
Solution LinearProgram::solve(const Limits&) { refuse(); }

}  // namespace plimsoll::solvers::lp
