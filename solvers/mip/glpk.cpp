#include <glpk.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "solvers/mip/backends.hpp"
#include "solvers/mip/cost_unit.hpp"
#include "solvers/mip/glpk_environment.hpp"

namespace plimsoll::solvers::mip {

namespace {

int kind_of_bounds(double lower, double upper) {
  if (lower == upper) return GLP_FX;
  if (std::isinf(lower)) return std::isinf(upper) ? GLP_FR : GLP_UP;
  return std::isinf(upper) ? GLP_LO : GLP_DB;
}

// Indices of GLPK start at 1. The matrix is handed over in one piece: rows one by one take quadratic time. The
// environment frees what is not deleted; deleting while an error unwinds would raise the next error.
glp_prob* build(const Model& model, double unit) {
  glp_prob* problem = glp_create_prob();
  glp_set_obj_dir(problem, GLP_MIN);
  glp_add_cols(problem, model.variables());
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    glp_set_col_bnds(problem, j + 1, kind_of_bounds(variable.lower, variable.upper), variable.lower, variable.upper);
    glp_set_obj_coef(problem, j + 1, variable.cost / unit);
    if (variable.integer) glp_set_col_kind(problem, j + 1, GLP_IV);
  }
  glp_add_rows(problem, model.rows());
  std::vector<int> rows(1), columns(1);
  std::vector<double> coefficients(1);
  for (int row = 0; row < model.rows(); ++row) {
    const double lower = model.row_lower(row);
    const double upper = model.row_upper(row);
    glp_set_row_bnds(problem, row + 1, kind_of_bounds(lower, upper), lower, upper);
    for (const auto [index, coefficient] : model.row(row)) {
      rows.push_back(row + 1);
      columns.push_back(index + 1);
      coefficients.push_back(coefficient);
    }
  }
  glp_load_matrix(problem, static_cast<int>(rows.size()) - 1, rows.data(), columns.data(), coefficients.data());
  return problem;
}

int milliseconds(double seconds) { return static_cast<int>(std::clamp(seconds * 1000.0 + 1.0, 1.0, 2e9)); }

// One solve; lives on the thread of the environment.
class Glpk {
 public:
  Glpk(const Model& model, const Options& options, Search& search)
      : model_(model), options_(options), search_(search), unit_(cost_unit(model)) {}

  Claim run() {
    search_.set_repair([this](std::vector<double>& point) { return repair(point); });
    glp_prob* problem = build(model_, unit_);
    glp_scale_prob(problem, GLP_SF_AUTO);
    glp_adv_basis(problem, 0);
    if (const auto ended = solve_relaxation(problem)) return *ended;
    search_.raise_bound(glp_get_obj_val(problem) * unit_);
    if (!model_.has_integers()) {
      const double value = glp_get_obj_val(problem) * unit_;
      search_.offer(values(problem, glp_get_col_prim));
      return {Claim::What::complete, value, StoppedBy::optimal};
    }
    return branch(problem);
  }
  [[nodiscard]] std::int64_t nodes() const { return nodes_; }

 private:
  static constexpr double slice_seconds = 0.05;

  std::vector<double> values(glp_prob* problem, double (*of_column)(glp_prob*, int)) const {
    std::vector<double> point(static_cast<std::size_t>(model_.variables()));
    for (int j = 0; j < model_.variables(); ++j) point[static_cast<std::size_t>(j)] = of_column(problem, j + 1);
    return point;
  }

  // The simplex method has no callback, so it runs in slices: each goes on from the basis of the one before.
  std::optional<Claim> solve_relaxation(glp_prob* problem) {
    glp_smcp parameters;
    glp_init_smcp(&parameters);
    parameters.msg_lev = GLP_MSG_OFF;
    parameters.meth = GLP_PRIMAL;  // the dual method took 30 times as long on wide models
    while (true) {
      if (search_.should_stop()) return Claim{Claim::What::stopped};
      parameters.tm_lim = milliseconds(std::min(slice_seconds, search_.seconds_left()));
      int code = glp_simplex(problem, &parameters);
      if (code == GLP_ETMLIM) continue;
      if (code == GLP_EBADB || code == GLP_ESING || code == GLP_ECOND) {
        glp_std_basis(problem);
        code = glp_simplex(problem, &parameters);
        if (code == GLP_ETMLIM) continue;
      }
      if (code != 0) return gave_up("its simplex method failed with code " + std::to_string(code));
      switch (glp_get_status(problem)) {
        case GLP_OPT:
          return std::nullopt;
        case GLP_NOFEAS:
          return Claim{Claim::What::infeasible};
        case GLP_UNBND:
          return Claim{Claim::What::unbounded};
        default:
          return gave_up("its simplex method left the status undefined");
      }
    }
  }

  Claim branch(glp_prob* problem) {
    glp_iocp parameters;
    glp_init_iocp(&parameters);
    parameters.msg_lev = GLP_MSG_OFF;
    parameters.tol_int = 1e-6;
    parameters.tol_obj = 1e-9;
    parameters.mip_gap = std::min(options_.gap, 1e9);
    parameters.tm_lim = milliseconds(search_.seconds_left());
    parameters.gmi_cuts = GLP_ON;
    parameters.mir_cuts = GLP_ON;
    parameters.cov_cuts = GLP_ON;
    parameters.clq_cuts = GLP_ON;
    // The proximity search looks at no limit: it took 60 s of 2. And no presolve: it would leave us without points in
    // the callback, where starts and heuristics enter.
    parameters.ps_heur = GLP_OFF;
    parameters.presolve = GLP_OFF;
    parameters.cb_func = [](glp_tree* tree, void* info) { static_cast<Glpk*>(info)->callback(tree); };
    parameters.cb_info = this;
    const int code = glp_intopt(problem, &parameters);
    switch (code) {
      case 0:
        break;
      case GLP_EMIPGAP:
        return {Claim::What::stopped, infinity, StoppedBy::gap};
      case GLP_ETMLIM:
        return {Claim::What::stopped, infinity, StoppedBy::time};
      case GLP_ESTOP:
        return {Claim::What::stopped, infinity, StoppedBy::work};
      default:
        return gave_up("its branch and bound failed with code " + std::to_string(code));
    }
    // The return code is 0 for infeasible models too.
    const int status = glp_mip_status(problem);
    if (status == GLP_NOFEAS) return {Claim::What::infeasible};
    if (status != GLP_OPT) return gave_up("its branch and bound left the status undefined");
    search_.offer(values(problem, glp_mip_col_val));
    return {Claim::What::complete, glp_mip_obj_val(problem) * unit_, StoppedBy::optimal};
  }

  void callback(glp_tree* tree) {
    if (const int best = glp_ios_best_node(tree); best != 0) {
      const double bound = glp_ios_node_bound(tree, best);
      if (std::abs(bound) < 1e300) search_.raise_bound(bound * unit_);
    }
    const int reason = glp_ios_reason(tree);
    if (reason == GLP_ISELECT) count_nodes(tree);
    if (reason == GLP_IBINGO) search_.offer(values(glp_ios_get_prob(tree), glp_mip_col_val));
    if (reason == GLP_IHEUR) inject(tree);
    if (search_.should_stop() || over_node_limit()) glp_ios_terminate(tree);
  }

  void count_nodes(glp_tree* tree) {
    int ignored = 0;
    int total = 0;
    glp_ios_tree_size(tree, &ignored, &ignored, &total);
    nodes_ = std::max<std::int64_t>(nodes_, total);
  }
  bool over_node_limit() const { return options_.node_limit && nodes_ > *options_.node_limit; }

  // GLPK takes any whole-numbered point and then proves it optimal, so only the incumbent goes in, which was verified.
  void inject(glp_tree* tree) {
    if (options_.heuristic) search_.ask_heuristic(values(glp_ios_get_prob(tree), glp_get_col_prim));
    if (!search_.has_incumbent() || search_.objective() >= injected_) return;
    injected_ = search_.objective();
    std::vector<double> point(1);
    point.insert(point.end(), search_.point().begin(), search_.point().end());
    glp_ios_heur_sol(tree, point.data());
  }

  // The integer variables fixed where they are, the others solved for.
  bool repair(std::vector<double>& point) {
    glp_prob* problem = build(model_, unit_);
    for (int j = 0; j < model_.variables(); ++j) {
      const double value = point[static_cast<std::size_t>(j)];
      if (model_.variable(j).integer) glp_set_col_bnds(problem, j + 1, GLP_FX, value, value);
    }
    glp_smcp parameters;
    glp_init_smcp(&parameters);
    parameters.msg_lev = GLP_MSG_OFF;
    parameters.tol_bnd = 1e-9;
    parameters.tm_lim = milliseconds(std::min(1.0, search_.seconds_left()));
    glp_adv_basis(problem, 0);
    const bool solved_it = glp_simplex(problem, &parameters) == 0 && glp_get_status(problem) == GLP_OPT;
    const std::vector<double> solved = values(problem, glp_get_col_prim);
    glp_delete_prob(problem);
    if (!solved_it) return false;
    for (int j = 0; j < model_.variables(); ++j) {
      if (!model_.variable(j).integer) point[static_cast<std::size_t>(j)] = solved[static_cast<std::size_t>(j)];
    }
    return true;
  }

  static Claim gave_up(const std::string& why) {
    return {Claim::What::gave_up, infinity, StoppedBy::exhausted, "GLPK gave up: " + why};
  }

  const Model& model_;
  const Options& options_;
  Search& search_;
  double unit_;
  double injected_ = infinity;  // objective of the incumbent that GLPK was last given
  std::int64_t nodes_ = 0;
};

}  // namespace

Result solve_with_glpk(const Model& model, const Options& options, Search& search) {
  Claim claim;
  std::int64_t nodes = 0;
  in_glpk_environment([&] {
    Glpk glpk(model, options, search);
    claim = glpk.run();
    nodes = glpk.nodes();
  });
  search.set_repair({});
  return search.finish(claim, nodes);
}

}  // namespace plimsoll::solvers::mip
