#ifdef PLIMSOLL_HAS_GLPK
#include "solvers/mip/glpk_environment.hpp"

#include <glpk.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "plimsoll/error.hpp"
#include "solvers/mip/solver.hpp"
#include "tests/solvers/captured.hpp"
#include "tests/solvers/mip/models.hpp"

namespace plimsoll::solvers::mip {
namespace {

// GLPK by itself prints and aborts the process.
TEST(GlpkEnvironment, TurnsErrorsIntoExceptions) {
  std::string message;
  const auto bad_index = [] {
    glp_prob* problem = glp_create_prob();
    glp_add_cols(problem, 2);
    glp_set_col_bnds(problem, 99, GLP_LO, 0, 0);
  };
  const std::string printed = written_during([&] {
    try {
      in_glpk_environment(bad_index);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::internal);
      message = error.what();
    }
  });
  EXPECT_NE(message.find("GLPK broke down: glp_set_col_bnds: j = 99; column number out of range"), std::string::npos)
      << message;
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_EQ(printed, "");
  EXPECT_EQ(solve(models::knapsack(), Backend::glpk).objective, -21);
}

TEST(GlpkEnvironment, SurvivesADuplicateEntry) {
  const auto duplicate = [] {
    glp_prob* problem = glp_create_prob();
    glp_add_cols(problem, 2);
    glp_add_rows(problem, 1);
    const std::vector<int> rows = {0, 1, 1};
    const std::vector<int> columns = {0, 2, 2};
    const std::vector<double> coefficients = {0, 1, 1};
    glp_load_matrix(problem, 2, rows.data(), columns.data(), coefficients.data());
  };
  for (int again = 0; again < 20; ++again) EXPECT_THROW(in_glpk_environment(duplicate), Error);
}

TEST(GlpkEnvironment, PassesOnWhatTheTaskThrows) {
  EXPECT_THROW(in_glpk_environment([] { throw std::out_of_range("mine"); }), std::out_of_range);
}

// Freeing the environment of the caller's thread would destroy these.
TEST(GlpkEnvironment, ModelsOfTheHostSurvive) {
  glp_prob* host = glp_create_prob();
  glp_set_prob_name(host, "host");
  glp_add_cols(host, 3);
  glp_set_col_bnds(host, 2, GLP_DB, 1, 4);
  solve(models::knapsack(), Backend::glpk);
  EXPECT_THROW(in_glpk_environment([] { glp_set_obj_dir(glp_create_prob(), 77); }), Error);
  EXPECT_STREQ(glp_get_prob_name(host), "host");
  EXPECT_EQ(glp_get_num_cols(host), 3);
  EXPECT_EQ(glp_get_col_ub(host, 2), 4);
  glp_delete_prob(host);
  glp_free_env();
}

// Run under LeakSanitizer: an environment that is left behind is 5 KiB each.
TEST(GlpkEnvironment, IsFreedAfterEverySolve) {
  for (int again = 0; again < 50; ++again) {
    EXPECT_EQ(solve(models::knapsack(), Backend::glpk).objective, -21);
    // Nothing has touched the environment of this thread.
    EXPECT_EQ(glp_free_env(), 1);
  }
}

}  // namespace
}  // namespace plimsoll::solvers::mip
#endif
