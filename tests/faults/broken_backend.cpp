// A backend breaks down or lies inside a solve: the answer is an error, or a plan that holds with a bound that is no
// claim of the backend's alone; and the next solve is what it always was.
#include <gtest/gtest.h>

#include <new>

#include "plimsoll/solve.hpp"
#include "tests/faults/broken_backends.hpp"

namespace plimsoll::testing {
namespace {

std::string shipped(const std::string& name) { return std::string(PLIMSOLL_SOURCE_DIR) + "/instances/" + name; }

template <class Instance>
void survive(const Instance& instance, const std::string& method) {
  SolveOptions options;
  options.method = method;
  options.work_limit = 1'000'000;
  SolveOptions own = options;
  own.method = "auto";
  const auto before = solve(instance, own);
  for (const Breakage breakage : all_breakages) {
    break_backends(breakage);
    const std::string where = method + ", breakage " + std::to_string(static_cast<int>(breakage));
    try {
      const auto solution = solve(instance, options);
      ASSERT_NE(solution.certificate.status, Status::infeasible) << where;
      if (solution.certificate.objective) {
        // The plan's own claims; the bound may be a backend's word, which is marked so.
        EXPECT_TRUE(check(instance, solution.plan).empty()) << where;
        EXPECT_LE(solution.certificate.bound.value_or(0), *solution.certificate.objective) << where;
        if (before.certificate.status == Status::optimal) {
          EXPECT_GE(*solution.certificate.objective, *before.certificate.objective - 1e-6) << where;
        }
      }
    } catch (const Error& error) {
      EXPECT_EQ(breakage, Breakage::throws_error) << where << ": " << error.what();
    } catch (const std::bad_alloc&) {
      EXPECT_EQ(breakage, Breakage::out_of_memory) << where;
    } catch (const std::exception& error) {
      EXPECT_EQ(breakage, Breakage::throws_other) << where << ": " << error.what();
    }
    const auto after = solve(instance, own);
    EXPECT_EQ(after.plan, before.plan) << where;
    EXPECT_EQ(after.certificate.bound, before.certificate.bound) << where;
  }
}

TEST(BrokenBackend, Experts) {
  for (const char* method : {"milp-cbc", "milp-glpk"}) {
    survive(read_experts(shipped("experts/eight-experts-even.json")), method);
    survive(read_experts(shipped("experts/twelve-experts-weighted.json")), method);
  }
}

TEST(BrokenBackend, Assignment) {
  for (const char* method : {"milp-cbc", "milp-glpk"}) {
    survive(read_assignment(shipped("assignment/gap-c-5-60.json")), method);
  }
}

}  // namespace
}  // namespace plimsoll::testing
