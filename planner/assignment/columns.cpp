// Methods `columns` and `linear`: bounds of least cost from linear programs, and plans repaired from their prices.
#include "planner/assignment/bounds/columns.hpp"

#include "planner/assignment/bounds/ascent.hpp"
#include "planner/assignment/formulation.hpp"
#include "planner/assignment/method.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::assignment {
namespace {

void require(const Prepared& prepared, std::string_view method) {
  refuse_makespan(prepared, method);
  if (solvers::lp::available()) return;
  throw Error(ErrorCode::unsupported, "method " + std::string(method) + " needs Clp, which this build lacks", {},
              "Maybe install coinor-libclp-dev and build again.");
}

}  // namespace

void run_columns(const Prepared& prepared, Context& context) {
  require(prepared, "columns");
  ColumnGeneration columns(prepared);
  run_alone(columns, context);
}

// The duals of the items' rows are prices at which the Lagrangian is at least the relaxation's value (Geoffrion 1974),
// so that the bound has the same proof as every other.
void run_linear(const Prepared& prepared, Context& context) {
  require(prepared, "linear");
  const Formulation formulation(prepared);
  solvers::lp::LinearProgram program(formulation.model());
  solvers::lp::Limits limits;
  limits.stop = context.options().stop;
  limits.time_limit_seconds = context.options().time_limit_seconds;
  const solvers::lp::Solution solution = program.solve(limits);
  context.meter().add_work(static_cast<std::uint64_t>(solution.iterations + 1) *
                           static_cast<std::uint64_t>(formulation.model().rows() + prepared.items));
  if (solution.status != solvers::lp::Status::optimal) return;
  Lagrangian lagrangian(prepared);
  Lagrangian::Prices prices;
  for (int item = 0; item < prepared.items; ++item) {
    prices.item.push_back(solution.duals[static_cast<std::size_t>(item)]);  // the first rows
  }
  const Proof proof = lagrangian.proof(prices);
  context.raise({evaluate_lagrangian(prepared, proof), BoundKind::lagrangian, proof});
  static_cast<void>(lagrangian.evaluate(OpenPairs(prepared), prices));
  const std::vector<int> bins = repair(prepared, lagrangian);
  if (bins.empty() || !context.offer_bins(bins)) run_greedy(prepared, context);
}

}  // namespace plimsoll::assignment
