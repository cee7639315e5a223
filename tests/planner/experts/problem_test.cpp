// `experts` behind the interface of the registry: a plan file that the program wrote is checked as a whole.
#include "planner/experts/problem.hpp"

#include <gtest/gtest.h>

#include "planner/common/plan_file.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll::experts {
namespace {

class PlanChecks : public ::testing::Test {
 protected:
  PlanChecks() {
    const auto document = common::read_document((testing::shipped_folder() / "twelve-experts-even.json").string());
    hash_ = common::identity(document);
    loaded_ = find_problem("experts").load(document);
    SolveOptions options;
    options.work_limit = 100'000;
    solved_ = loaded_->solve(options, support::Meter::Clock::now());
    text_ = common::write_plan("experts", loaded_->name(), hash_, solved_, 1);
  }

  [[nodiscard]] std::vector<std::string> check(const std::string& text) const {
    const support::Json json = support::parse(text);
    return loaded_->check(json, common::read_envelope(json, "experts", hash_));
  }

  // The plan file with the number behind a key replaced.
  [[nodiscard]] std::string with(const std::string& key, const std::string& value) const {
    const std::size_t place = text_.find("\"" + key + "\":");
    EXPECT_NE(place, std::string::npos) << key;
    const std::size_t begin = text_.find_first_not_of(" \n", place + key.size() + 3);
    const std::size_t end = text_.find_first_of(",}\n", begin);
    return text_.substr(0, begin) + value + text_.substr(end);
  }

  std::string hash_;
  std::unique_ptr<common::LoadedInstance> loaded_;
  common::SolvedPlan solved_;
  std::string text_;
};

TEST_F(PlanChecks, PassWhatWasWritten) { EXPECT_EQ(check(text_), std::vector<std::string>{}); }

TEST_F(PlanChecks, RefuseEveryOtherMetric) {
  for (const char* key : {"imbalance", "worst_imbalance", "moves", "moved_bytes"}) {
    SCOPED_TRACE(key);
    const auto found = check(with(key, "3"));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().rfind("/metrics/" + std::string(key) + ": claims 3", 0), 0U) << found.front();
  }
}

TEST_F(PlanChecks, RefuseOtherClaimsOfTheCertificate) {
  for (const char* key : {"objective", "bound", "gap"}) {
    SCOPED_TRACE(key);
    EXPECT_FALSE(check(with(key, "12345.5")).empty());
  }
  EXPECT_FALSE(check(with("verified", "false")).empty());
}

TEST_F(PlanChecks, RefuseThePlanOfAnotherInstance) {
  std::string other = text_;
  const std::size_t place = other.find(hash_);
  ASSERT_NE(place, std::string::npos);
  other[place] = other[place] == '0' ? '1' : '0';
  EXPECT_THROW(static_cast<void>(check(other)), Error);
}

TEST_F(PlanChecks, ExplainNamesEveryDevice) {
  const std::string text = loaded_->explain(support::parse(text_));
  for (int device = 0; device < 8; ++device) {
    EXPECT_NE(text.find(std::to_string(device)), std::string::npos);
  }
}

TEST_F(PlanChecks, SummariesNameObjectiveAndBound) {
  ASSERT_FALSE(solved_.summary.empty());
  EXPECT_EQ(solved_.summary.front().first, "objective");
  EXPECT_EQ(solved_.bars.size(), 8U);
}

}  // namespace
}  // namespace plimsoll::experts
