// Every shipped instance with every method.
#include <gtest/gtest.h>

#include "planner/experts/evaluate.hpp"
#include "planner/experts/method.hpp"
#include "plimsoll/solve.hpp"
#include "tests/golden.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll::experts {
namespace {

class ShippedInstance : public ::testing::TestWithParam<std::string> {};

TEST_P(ShippedInstance, HasACheckedPlanOfEveryMethodThatTakesIt) {
  const ExpertInstance instance = testing::shipped(GetParam());
  int plans = 0;
  for (const Method& method : methods()) {
    SCOPED_TRACE("method " + std::string(method.name));
    ExpertSolution solution;
    try {
      // No work left: what the methods construct. local_test.cpp and bench/ look at what the search makes of it.
      solution = testing::solve_with(instance, std::string(method.name), 1);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsupported) << error.what();
      EXPECT_TRUE(method.name != "auto" && method.name != "local");
      continue;
    }
    ++plans;
    const Certificate& certificate = solution.certificate;
    ASSERT_TRUE(certificate.objective.has_value()) << certificate.reason;
    EXPECT_TRUE(certificate.verified);
    ASSERT_TRUE(certificate.bound.has_value());
    EXPECT_LE(*certificate.bound, *certificate.objective);
    EXPECT_EQ(evaluate(instance, solution.plan).violations, std::vector<std::string>{});
    EXPECT_EQ(check(instance, solution.plan, &certificate), std::vector<std::string>{});
  }
  EXPECT_GE(plans, 3);
}

INSTANTIATE_TEST_SUITE_P(All, ShippedInstance, ::testing::ValuesIn(testing::shipped_names()),
                         [](const auto& shown) { return testing::stem_of(shown.param + ".json"); });

TEST(Methods, AreListedOnceAndSaidInOneLine) {
  std::vector<std::string_view> names;
  for (const Method& method : methods()) {
    EXPECT_EQ(std::count(names.begin(), names.end(), method.name), 0);
    names.push_back(method.name);
    EXPECT_TRUE(testing::is_one_line(std::string(method.supports)));
    EXPECT_TRUE(testing::is_one_line(std::string(method.help)));
    EXPECT_EQ(find_method(method.name).run, method.run);
  }
  for (const char* name : {"auto", "local", "branch", "shares", "wrap", "lpt", "eplb"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
}

TEST(Methods, OfUnknownNamesAreRefusedWithTheKnownOnes) {
  try {
    find_method("guess");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(error.advice().find("eplb"), std::string::npos);
  }
}

TEST(Methods, RefuseMoveLimitsWhereTheyPlanAfresh) {
  ExpertInstance instance = testing::shipped("twelve-experts-weighted");
  instance.placement = testing::solve_with(instance, "lpt").plan.slots;
  instance.limits.max_moves_per_device = 1;
  for (const char* name : {"wrap", "lpt", "eplb"}) {
    EXPECT_THROW(testing::solve_with(instance, name), Error) << name;
  }
  EXPECT_NO_THROW(testing::solve_with(instance, "shares"));
  EXPECT_NO_THROW(testing::solve_with(instance, "local"));
}

}  // namespace
}  // namespace plimsoll::experts
