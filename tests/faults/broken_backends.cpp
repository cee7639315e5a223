#include "tests/faults/broken_backends.hpp"

#include <new>
#include <stdexcept>
#include <vector>

#include "plimsoll/error.hpp"
#include "solvers/mip/backends.hpp"

namespace plimsoll::testing {
namespace {

Breakage current = Breakage::none_found;

solvers::mip::Result broken(const solvers::mip::Model& model, solvers::mip::Search& search) {
  using What = solvers::mip::Claim::What;
  switch (current) {
    case Breakage::none_found:
      break;
    case Breakage::throws_error:
      throw Error(ErrorCode::internal, "the backend broke down: on purpose");
    case Breakage::throws_other:
      throw std::runtime_error("on purpose");
    case Breakage::out_of_memory:
      throw std::bad_alloc();
    case Breakage::infeasible_point:
      search.offer(std::vector<double>(static_cast<std::size_t>(model.variables()), 0.5));
      return search.finish({What::complete, -1e6, StoppedBy::optimal}, 1);
    case Breakage::too_good:
      return search.finish({What::complete, -1e6, StoppedBy::optimal}, 1);
    case Breakage::claims_infeasible:
      return search.finish({What::infeasible}, 1);
  }
  return search.finish({What::gave_up, solvers::mip::infinity, StoppedBy::exhausted, "on purpose"}, 0);
}

}  // namespace

void break_backends(Breakage breakage) { current = breakage; }

}  // namespace plimsoll::testing

namespace plimsoll::solvers::mip {

Result solve_with_glpk(const Model& model, const Options&, Search& search) { return testing::broken(model, search); }
Result solve_with_cbc(const Model& model, const Options&, Search& search) { return testing::broken(model, search); }

}  // namespace plimsoll::solvers::mip
