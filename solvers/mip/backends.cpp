#include "solvers/mip/backends.hpp"

#include <algorithm>
#include <cmath>

#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::solvers::mip {

namespace {

#ifdef PLIMSOLL_HAS_GLPK
constexpr bool has_glpk = true;
#else
constexpr bool has_glpk = false;
#endif
#ifdef PLIMSOLL_HAS_CBC
constexpr bool has_cbc = true;
#else
constexpr bool has_cbc = false;
#endif

[[noreturn]] void refuse_missing(Backend backend) {
  const bool glpk = backend == Backend::glpk;
  const std::string title = glpk ? "GLPK" : "CBC";
  throw Error(ErrorCode::unsupported, "this build has no " + title, {},
              "Maybe install " + std::string(glpk ? "libglpk-dev" : "coinor-libcbc-dev") +
                  " and build again with -DPLIMSOLL_" + title + "=ON");
}

// Without entries the variables do not meet: each goes to its better bound. Backends stumble over empty matrices.
Result solve_without_entries(const Model& model, Search& search) {
  std::vector<double> point;
  bool endless = false;
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    double value = variable.cost < 0 ? variable.upper : variable.lower;
    if (std::isinf(value)) {
      endless = endless || variable.cost != 0;
      value = std::clamp(0.0, variable.lower, variable.upper);
    }
    point.push_back(value);
  }
  for (int row = 0; row < model.rows(); ++row) {
    if (model.row_lower(row) > 0 || model.row_upper(row) < 0) return search.finish({Claim::What::infeasible}, 0);
  }
  if (endless) return search.finish({Claim::What::unbounded}, 0);
  double value = 0;
  for (int j = 0; j < model.variables(); ++j) value += model.variable(j).cost * point[static_cast<std::size_t>(j)];
  search.offer(point);
  return search.finish({Claim::What::complete, value, StoppedBy::optimal}, 0);
}

}  // namespace

std::vector<Backend> backends() {
  std::vector<Backend> all;
  if (has_glpk) all.push_back(Backend::glpk);
  if (has_cbc) all.push_back(Backend::cbc);
  return all;
}

bool available(Backend backend) { return backend == Backend::glpk ? has_glpk : has_cbc; }

std::string name(Backend backend) { return backend == Backend::glpk ? "glpk" : "cbc"; }

Backend backend_named(std::string_view name) {
  if (name == "glpk") return Backend::glpk;
  if (name == "cbc") return Backend::cbc;
  const std::string near = support::nearest(name, {"glpk", "cbc"});
  throw Error(ErrorCode::usage, "there is no backend " + support::in_quotes(name) + "; expected \"glpk\" or \"cbc\"",
              {}, near.empty() ? "" : "Maybe \"" + near + "\" was meant");
}

Result solve(const Model& model, Backend backend, const Options& options) {
  if (!available(backend)) refuse_missing(backend);
  Search search(model, options);
  if (model.variables() == 0 || model.entries() == 0) return solve_without_entries(model, search);
  if (search.should_stop()) return search.finish({Claim::What::stopped}, 0);
#ifdef PLIMSOLL_HAS_GLPK
  if (backend == Backend::glpk) return solve_with_glpk(model, options, search);
#endif
#ifdef PLIMSOLL_HAS_CBC
  if (backend == Backend::cbc) return solve_with_cbc(model, options, search);
#endif
  refuse_missing(backend);
}

}  // namespace plimsoll::solvers::mip
