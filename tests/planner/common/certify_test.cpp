#include "planner/common/certify.hpp"

#include <gtest/gtest.h>

#include "planner/common/driver.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::common {
namespace {

Outcome outcome(std::optional<double> objective, std::optional<double> bound) {
  Outcome result;
  result.objective = objective;
  result.bound = bound;
  result.bound_method = "area";
  result.method = "local";
  result.seed = 3;
  result.work = 17;
  return result;
}

TEST(Certify, AnOpenGapIsFeasible) {
  const Certificate certificate = certify(outcome(10.0, 8.0));
  EXPECT_EQ(certificate.status, Status::feasible);
  EXPECT_EQ(certificate.stopped_by, StoppedBy::exhausted);
  EXPECT_DOUBLE_EQ(*certificate.gap, 0.2);
  EXPECT_TRUE(certificate.verified);
  EXPECT_EQ(certificate.bound_method, "area");
  EXPECT_EQ(certificate.method, "local");
  EXPECT_EQ(certificate.seed, 3U);
  EXPECT_EQ(certificate.work, 17U);
}

TEST(Certify, OptimalIsAGapOfAtMostTheTolerance) {
  EXPECT_EQ(certify(outcome(10.0, 10.0)).status, Status::optimal);
  EXPECT_EQ(certify(outcome(10.0, 10.0)).stopped_by, StoppedBy::optimal);
  EXPECT_EQ(certify(outcome(10.0, 10.0 - 9e-9)).status, Status::optimal);
  EXPECT_EQ(certify(outcome(10.0, 10.0 - 2e-8)).status, Status::feasible);
  EXPECT_EQ(certify(outcome(1e-3, 1e-3 - 9e-10)).status, Status::optimal);
  EXPECT_EQ(certify(outcome(0.0, 0.0)).status, Status::optimal);
}

TEST(Certify, SaysWhichLimitStoppedIt) {
  Outcome limited = outcome(10.0, 8.0);
  limited.limit = StoppedBy::work;
  EXPECT_EQ(certify(limited).stopped_by, StoppedBy::work);
  limited.gap_wanted = 0.25;
  EXPECT_EQ(certify(limited).stopped_by, StoppedBy::gap);
  limited.bound = 10.0;
  EXPECT_EQ(certify(limited).stopped_by, StoppedBy::optimal);
}

TEST(Certify, ABoundWithinRoundingAboveTheObjectiveIsTakenBack) {
  const Certificate certificate = certify(outcome(10.0, 10.0 + 5e-9));
  EXPECT_EQ(*certificate.bound, 10.0);
  EXPECT_EQ(*certificate.gap, 0.0);
  EXPECT_EQ(certificate.status, Status::optimal);
}

TEST(Certify, ABoundAboveTheObjectiveIsABug) {
  try {
    certify(outcome(10.0, 10.1));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::internal);
    EXPECT_NE(std::string(error.what()).find("area"), std::string::npos);
  }
}

TEST(Certify, WithoutAPlanNothingIsVerified) {
  Outcome none = outcome({}, 8.0);
  none.reason = "expert 3 found no slot";
  none.limit = StoppedBy::time;
  Certificate certificate = certify(none);
  EXPECT_EQ(certificate.status, Status::unknown);
  EXPECT_EQ(certificate.stopped_by, StoppedBy::time);
  EXPECT_FALSE(certificate.verified);
  EXPECT_FALSE(certificate.gap.has_value());
  EXPECT_EQ(certificate.reason, "expert 3 found no slot");
  none.impossible = "too few slots";
  certificate = certify(none);
  EXPECT_EQ(certificate.status, Status::infeasible);
  EXPECT_EQ(certificate.reason, "too few slots");
  EXPECT_FALSE(certificate.bound.has_value());
}

TEST(Certify, WithoutABoundThereIsNoGap) {
  const Certificate certificate = certify(outcome(10.0, {}));
  EXPECT_EQ(certificate.status, Status::feasible);
  EXPECT_FALSE(certificate.gap.has_value());
}

TEST(Gap, IsRelativeToTheObjectiveAndNeverNegative) {
  EXPECT_DOUBLE_EQ(gap_of(4, 3), 0.25);
  EXPECT_EQ(gap_of(3, 4), 0);
  EXPECT_EQ(gap_of(0, 0), 0);
}

TEST(Contradictions, OfAnHonestCertificateThereAreNone) {
  EXPECT_TRUE(contradictions(certify(outcome(10.0, 8.0)), 10.0, 8.0).empty());
  EXPECT_TRUE(contradictions(certify(outcome(10.0, 10.0)), 10.0, 10.0).empty());
  // A weaker bound than could be derived is no lie.
  EXPECT_TRUE(contradictions(certify(outcome(10.0, 8.0)), 10.0, 9.0).empty());
}

TEST(Contradictions, AreEachSaidWithTheirPlace) {
  const auto expect_place = [](const Certificate& certificate, const std::string& key) {
    const auto found = contradictions(certificate, 10.0, 8.0);
    ASSERT_FALSE(found.empty()) << key;
    EXPECT_EQ(found.front().rfind("/certificate/" + key + ":", 0), 0U) << found.front();
  };
  const Certificate honest = certify(outcome(10.0, 8.0));
  Certificate lie = honest;
  lie.objective = 9.0;
  expect_place(lie, "objective");
  lie = honest;
  lie.objective.reset();
  expect_place(lie, "objective");
  lie = honest;
  lie.bound = 9.0;
  expect_place(lie, "bound");
  lie = honest;
  lie.gap = 0.1;
  expect_place(lie, "gap");
  lie = honest;
  lie.status = Status::optimal;
  expect_place(lie, "status");
  lie = honest;
  lie.status = Status::unknown;
  expect_place(lie, "status");
  lie = honest;
  lie.verified = false;
  expect_place(lie, "verified");
}

struct Number {
  int value = 0;
};

TEST(Drive, CertifiesTheBestOfferedPlan) {
  SolveOptions options;
  options.method = "stub";
  support::Meter meter(1000, {}, nullptr);
  Context<Number> context(
      [](const Number& plan) {
        return Verdict{static_cast<double>(plan.value), plan.value < 0 ? "negative" : ""};
      },
      options, meter);
  const Certificate certificate = drive(context, "", [](Context<Number>& window) {
    EXPECT_FALSE(window.offer({-5}));
    EXPECT_EQ(window.last_violation(), "negative");
    EXPECT_TRUE(window.offer({7}));
    EXPECT_FALSE(window.offer({9}));
    EXPECT_TRUE(window.offer({5}));
    window.raise_bound(2, "weak");
    window.raise_bound(1, "weaker");
    window.meter().add_work(12);
    EXPECT_FALSE(window.should_stop());
  });
  EXPECT_EQ(*certificate.objective, 5);
  EXPECT_EQ(*certificate.bound, 2);
  EXPECT_EQ(certificate.bound_method, "weak");
  EXPECT_EQ(certificate.work, 12U);
  EXPECT_EQ(context.best()->value, 5);
}

TEST(Drive, RunsNothingWhereNoPlanExists) {
  SolveOptions options;
  support::Meter meter(1000, {}, nullptr);
  Context<Number> context([](const Number&) { return Verdict{}; }, options, meter);
  const Certificate certificate =
      drive(context, "no slots", [](Context<Number>&) { ADD_FAILURE() << "the method was run"; });
  EXPECT_EQ(certificate.status, Status::infeasible);
  EXPECT_EQ(certificate.reason, "no slots");
}

TEST(Drive, StopsAtTheGapAskedFor) {
  SolveOptions options;
  options.gap = 0.5;
  support::Meter meter(1000, {}, nullptr);
  Context<Number> context(
      [](const Number& plan) {
        return Verdict{static_cast<double>(plan.value), ""};
      },
      options, meter);
  const Certificate certificate = drive(context, "", [](Context<Number>& window) {
    window.raise_bound(6, "area");
    window.offer({20});
    EXPECT_FALSE(window.should_stop());
    window.offer({11});
    EXPECT_TRUE(window.should_stop());
  });
  EXPECT_EQ(certificate.stopped_by, StoppedBy::gap);
}

}  // namespace
}  // namespace plimsoll::common
