// The literature's text formats: the same numbers as in JSON, and refusals that name line and number.
#include "planner/assignment/convert/text.hpp"

#include <gtest/gtest.h>

#include "planner/assignment/json.hpp"
#include "planner/common/plan_file.hpp"
#include "plimsoll/solve.hpp"
#include "support/file.hpp"
#include "tests/damage.hpp"
#include "tests/golden.hpp"

namespace plimsoll::assignment {
namespace {

using testing::golden;

AssignmentInstance read_golden(const std::string& name, const std::string& format) {
  return read_text(common::read_text_document(golden("assignment/text/" + name).string(), format));
}

TEST(AssignmentText, GapHasCostsThenSizesThenCapacities) {
  const AssignmentInstance instance = read_golden("one.gap", "gap");
  EXPECT_EQ(instance.name, "one");
  EXPECT_EQ(instance.objective, AssignmentObjective::cost);
  EXPECT_EQ(instance.cost, Matrix<double>(2, 3, {4, 5, 6, 7, 8, 1}));
  EXPECT_EQ(instance.size, Matrix<double>(2, 3, {2, 3, 4, 3, 2, 2}));
  EXPECT_EQ(instance.capacity, (std::vector<double>{6, 5}));
}

TEST(AssignmentText, OneOfSeveralIsChosenByItsNumberAndHasAnIdentityOfItsOwn) {
  const std::string path = golden("assignment/text/several.gap").string();
  const common::Document first = common::read_text_document(path, "gap:1");
  const common::Document second = common::read_text_document(path, "gap:2");
  EXPECT_EQ(read_text(first).cost, read_golden("one.gap", "gap").cost);
  EXPECT_EQ(read_text(second).cost, Matrix<double>(1, 2, {3, 4}));
  EXPECT_EQ(read_text(second).name, "several-2");
  EXPECT_NE(common::identity(first), common::identity(second));
  EXPECT_THROW(read_golden("several.gap", "gap:3"), Error);
  EXPECT_THROW(read_golden("several.gap", "gap:0"), Error);
  EXPECT_THROW(read_golden("one.rcmax", "rcmax:1"), Error);
}

TEST(AssignmentText, MakespanFormats) {
  const AssignmentInstance unrelated = read_golden("one.rcmax", "rcmax");
  EXPECT_EQ(unrelated.objective, AssignmentObjective::makespan);
  EXPECT_EQ(unrelated.size, Matrix<double>(2, 3, {2, 3, 4, 3, 2, 2}));
  const AssignmentInstance identical = read_golden("one.pcmax", "pcmax");
  EXPECT_EQ(identical.size, Matrix<double>(2, 3, {5, 4, 3, 5, 4, 3}));
}

TEST(AssignmentText, InvalidFilesAreRefusedByOneLine) {
  const auto refusals = testing::refusals_in("assignment/text/invalid");
  EXPECT_GT(refusals.size(), 10U);
  for (const testing::Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.file);
    const std::string format = refusal.file.substr(refusal.file.rfind('.') + 1);
    try {
      static_cast<void>(read_text(common::read_text_document(refusal.file, format)));
      ADD_FAILURE() << "was read";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(refusal.message), std::string::npos) << error.what();
    }
  }
}

TEST(AssignmentText, DamagedFilesAreReadOrRefused) {
  int refused = 0;
  for (std::size_t i = 0; i < 600; ++i) {
    const std::string format = i % 3 == 0 ? "gap" : i % 3 == 1 ? "rcmax" : "pcmax";
    common::Document document = common::read_text_document(golden("assignment/text/one." + format).string(), format);
    document.text = testing::Damage(i).apply(document.text);
    refused += testing::refuses([&] {
      const AssignmentInstance instance = read_text(document);
      EXPECT_EQ(instance.size.rows(), static_cast<std::size_t>(instance.bins));
    });
  }
  EXPECT_GT(refused, 200);
  EXPECT_LT(refused, 600);
}

// The data of the literature stand outside the repository.
TEST(AssignmentText, ReadsThePublishedFiles) {
  const char* folder = std::getenv("PLIMSOLL_DATA");
  if (folder == nullptr) GTEST_SKIP() << "PLIMSOLL_DATA is not set";
  const std::string classic = std::string(folder) + "/classic/";
  EXPECT_EQ(read_assignment(classic + "gap/c20200", "gap").items, 200);
  EXPECT_EQ(read_assignment(classic + "rcmax/1.txt", "rcmax").bins, 10);
  EXPECT_EQ(read_assignment(classic + "pcmax/PCMAX_U_1_0010_05_3.txt", "pcmax").bins, 5);
}

}  // namespace
}  // namespace plimsoll::assignment
