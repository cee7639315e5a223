// Golden files of assignment: what must be read, what must be refused, and what damage does.
#include "planner/assignment/json.hpp"

#include <gtest/gtest.h>

#include "planner/common/plan_file.hpp"
#include "support/file.hpp"
#include "tests/damage.hpp"
#include "tests/golden.hpp"

namespace plimsoll::assignment {
namespace {

using testing::Damage;
using testing::documents_in;
using testing::golden;
using testing::refusals_in;

AssignmentInstance read_path(const std::string& path) { return read_instance(common::read_document(path)); }

AssignmentInstance read_text_instance(const std::string& text) {
  common::Document document;
  document.json = support::parse(text);
  return read_instance(document);
}

TEST(AssignmentJson, ReadsEveryKey) {
  const AssignmentInstance instance = read_path(golden("assignment/valid/everything.json").string());
  EXPECT_EQ(instance.name, "base");
  EXPECT_EQ(instance.objective, AssignmentObjective::cost);
  EXPECT_EQ(instance.cost.at(1, 4), 1);
  EXPECT_EQ(instance.size.at(1, 0), 2);
  EXPECT_EQ(instance.capacity, (std::vector<double>{4, 8}));
  ASSERT_EQ(instance.dimensions.size(), 2U);
  EXPECT_EQ(instance.dimensions[0].name, "memory");
  EXPECT_EQ(instance.dimensions[0].size.at(1, 3), 2);
  EXPECT_EQ(instance.dimensions[1].capacity, (std::vector<double>{5, 5}));
  EXPECT_EQ(instance.forbidden, (std::vector<std::pair<int, int>>{{0, 1}}));
  EXPECT_EQ(instance.pinned, (std::vector<std::pair<int, int>>{{4, 1}}));
  EXPECT_EQ(instance.together, (std::vector<std::vector<int>>{{1, 2}}));
  EXPECT_EQ(instance.apart, (std::vector<std::vector<int>>{{3, 4}}));
  EXPECT_EQ(instance.current, (std::vector<int>{0, 0, -1, 1, 1}));
  EXPECT_EQ(instance.change_price, 0.5);
  EXPECT_EQ(instance.max_changes, 3);
}

TEST(AssignmentJson, OneRowOfSizesHoldsForEveryBin) {
  const AssignmentInstance instance = read_path(golden("assignment/valid/uniform.json").string());
  EXPECT_EQ(instance.size.rows(), 2U);
  EXPECT_EQ(instance.size.at(0, 2), instance.size.at(1, 2));
  EXPECT_EQ(instance.speed, (std::vector<double>{1, 2.5}));
  EXPECT_TRUE(instance.capacity.empty());
}

class ValidAssignment : public ::testing::TestWithParam<std::string> {};

TEST_P(ValidAssignment, SurvivesWriting) {
  const std::string text = write_instance(read_path(GetParam()));
  EXPECT_EQ(write_instance(read_text_instance(text)), text);
}

INSTANTIATE_TEST_SUITE_P(Golden, ValidAssignment, ::testing::ValuesIn(documents_in("assignment/valid")),
                         [](const auto& place) { return testing::stem_of(place.param); });

template <class Action>
void expect_refusal(const testing::Refusal& refusal, const Action& action) {
  try {
    action();
    FAIL() << refusal.file << " was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.pointer(), refusal.pointer);
    EXPECT_NE(std::string(error.what()).find(refusal.message), std::string::npos) << error.what();
    EXPECT_TRUE(testing::is_one_line(error.what()));
  }
}

TEST(AssignmentJson, RefusesEveryInvalidFileWithItsPlace) {
  const auto refusals = refusals_in("assignment/invalid");
  EXPECT_EQ(refusals.size(), documents_in("assignment/invalid").size());
  for (const testing::Refusal& refusal : refusals) {
    // Told by the verb, before a problem is asked.
    if (testing::stem_of(refusal.file) == "list" || testing::stem_of(refusal.file) == "problem_other") continue;
    SCOPED_TRACE(refusal.file);
    expect_refusal(refusal, [&] { static_cast<void>(read_path(refusal.file)); });
  }
}

class AssignmentPlanFile : public ::testing::Test {
 protected:
  void read(const support::Json& json) const {
    const Certificate certificate = common::read_envelope(json, "assignment", common::identity(document_));
    if (!certificate.objective) return;
    plan = read_plan(json, instance_);
    proof = read_proof(json, Prepared(instance_));
  }
  common::Document document_ = common::read_document(golden("assignment/plans/instance.json").string());
  AssignmentInstance instance_ = read_instance(document_);
  mutable AssignmentPlan plan;
  mutable Proof proof;
};

TEST_F(AssignmentPlanFile, IsReadWithItsProof) {
  read(common::read_document(golden("assignment/plans/valid/proof.json").string()).json);
  EXPECT_EQ(plan.bin_of, (std::vector<int>{0, 0, 0, 0, 1}));
  EXPECT_EQ(proof.item_price, (std::vector<double>{1, 2, 3, 4}));  // kernel items: two stay together
  EXPECT_EQ(proof.weight.at(1, 2), 1);
  EXPECT_EQ(proof.change_price, 0.5);
  EXPECT_EQ(proof.refuted, 3);
  const support::Json written = support::parse("{\"proof\": " + write_proof(proof) + "}");
  const Proof again = read_proof(written, Prepared(instance_));
  EXPECT_EQ(again.item_price, proof.item_price);
  EXPECT_EQ(again.weight, proof.weight);
}

TEST_F(AssignmentPlanFile, IsReadWhereValidAndRefusedWhereNot) {
  for (const std::string& path : documents_in("assignment/plans/valid")) {
    EXPECT_NO_THROW(read(common::read_document(path).json)) << path;
  }
  for (const testing::Refusal& refusal : refusals_in("assignment/plans/invalid")) {
    SCOPED_TRACE(refusal.file);
    expect_refusal(refusal, [&] { read(common::read_document(refusal.file).json); });
  }
}

TEST(AssignmentCorruption, DamagedFilesAreReadOrRefused) {
  const std::vector<std::string> valid = documents_in("assignment/valid");
  int refused = 0;
  int read = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    const std::string& path = valid[i % valid.size()];
    const std::string text = Damage(i).apply(support::read_file(path));
    SCOPED_TRACE(path + " with damage " + std::to_string(i));
    const bool was_refused = testing::refuses([&] {
      const std::string written = write_instance(read_text_instance(text));
      EXPECT_EQ(write_instance(read_text_instance(written)), written);
    });
    ++(was_refused ? refused : read);
  }
  EXPECT_GT(refused, 500);
  EXPECT_GT(read, 20);
}

TEST_F(AssignmentPlanFile, DamagedPlansAreReadOrRefused) {
  const std::vector<std::string> paths = documents_in("assignment/plans/valid");
  int refused = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::string text = Damage(i).apply(support::read_file(paths[i % paths.size()]));
    refused += testing::refuses([&] { read(support::parse(text)); });
  }
  EXPECT_GT(refused, 150);
}

}  // namespace
}  // namespace plimsoll::assignment
