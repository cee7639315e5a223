#include "planner/common/backend.hpp"

#include <algorithm>
#include <cmath>

#include "plimsoll/error.hpp"

namespace plimsoll::common {

namespace mip = solvers::mip;

namespace {

// What one node of branch and bound counts as work: each entry of the matrix is touched some times.
std::uint64_t work_of_node(const mip::Model& model) { return 1000 + 4 * static_cast<std::uint64_t>(model.entries()); }
// The relaxation takes about as many pivots as there are rows, of which a node needs a few; the cuts and heuristics of
// the root come on top.
std::uint64_t work_of_root(const mip::Model& model) {
  return work_of_node(model) * (20 + static_cast<std::uint64_t>(model.rows()) / 10);
}

}  // namespace

std::string milp_name(mip::Backend backend) { return "milp-" + mip::name(backend); }

std::string_view program_name(mip::Backend backend) { return backend == mip::Backend::glpk ? "GLPK" : "CBC"; }

std::string_view help_of_milp(mip::Backend backend) {
  const bool glpk = backend == mip::Backend::glpk;
  if (!mip::available(backend)) {
    return glpk ? "not in this build: needs GLPK (libglpk-dev)" : "not in this build: needs CBC (coinor-libcbc-dev)";
  }
  return glpk ? "a heuristic, then the integer program solved by GLPK: exact where it ends"
              : "a heuristic, then the integer program solved by CBC: exact where it ends";
}

void require_backend(mip::Backend backend) {
  if (mip::available(backend)) return;
  throw Error(
      ErrorCode::unsupported,
      "method " + milp_name(backend) + " needs " + std::string(program_name(backend)) + ", which this build lacks", {},
      std::string("Maybe install ") + (backend == mip::Backend::glpk ? "libglpk-dev" : "coinor-libcbc-dev") +
          " and build again.");
}

bool can_pay(const support::Meter& meter, const mip::Model& model) { return meter.work_left() >= work_of_root(model); }

mip::Options backend_options(const SolveOptions& solve, const support::Meter& meter, const mip::Model& model,
                             double part) {
  mip::Options options;
  if (solve.time_limit_seconds) {
    options.time_limit_seconds = part * std::max(0.0, *solve.time_limit_seconds - meter.seconds());
  }
  // Without a limit of work this is out of reach.
  const double nodes = static_cast<double>(meter.work_left() / work_of_node(model)) * part;
  options.node_limit = static_cast<std::int64_t>(std::min(nodes, 1e9)) + 1;
  options.gap = solve.gap;
  options.stop = solve.stop;
  options.seed = solve.seed;
  return options;
}

mip::Result solve_counted(const mip::Model& model, mip::Backend backend, const mip::Options& options,
                          support::Meter& meter) {
  mip::Result result = mip::solve(model, backend, options);
  meter.add_work(work_of_root(model) + static_cast<std::uint64_t>(result.nodes) * work_of_node(model));
  return result;
}

double proven_by(const mip::Result& result, double found) {
  const double slack = backend_tolerance * std::max(1.0, std::abs(found));
  if (result.status == mip::Status::optimal && std::isfinite(found) && std::abs(found - result.objective) <= slack) {
    return found;
  }
  if (!std::isfinite(result.bound)) return -mip::infinity;
  return std::min(found, result.bound - backend_tolerance * std::abs(result.bound));
}

}  // namespace plimsoll::common
