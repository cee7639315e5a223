#include "planner/common/plan_file.hpp"

#include <gtest/gtest.h>

#include "planner/experts/json.hpp"
#include "tests/golden.hpp"

namespace plimsoll::common {
namespace {

using testing::documents_in;
using testing::golden;
using testing::Refusal;
using testing::refusals_in;

struct Read {
  Certificate certificate;
  ExpertPlan plan;
};

// The instance that a golden plan answers is told by the name of its file.
Read read_golden(const std::string& path) {
  const bool tiled = testing::stem_of(path).substr(0, 5) == "tiled";
  const std::string name = tiled ? "experts/plans/instance_tiled.json" : "experts/plans/instance.json";
  const Document instance_file = read_document(golden(name).string());
  const ExpertInstance instance = experts::read_instance(instance_file);
  const Document plan_file = read_document(path);
  Read read{read_envelope(plan_file.json, "experts", identity(instance_file)), {}};
  if (read.certificate.objective) read.plan = experts::read_plan(plan_file.json, instance);
  return read;
}

Read read_valid(const std::string& name) {
  return read_golden(golden("experts/plans/valid/" + name + ".json").string());
}

TEST(PlanFile, EveryKeyArrives) {
  const Read read = read_valid("feasible");
  const Certificate& certificate = read.certificate;
  EXPECT_EQ(certificate.status, Status::feasible);
  EXPECT_EQ(certificate.objective, 470.5);
  EXPECT_EQ(certificate.bound, 460.25);
  EXPECT_TRUE(certificate.gap.has_value());
  EXPECT_EQ(certificate.bound_method, "area");
  EXPECT_EQ(certificate.bound_evidence, BoundEvidence::recomputed);
  EXPECT_EQ(certificate.method, "eplb");
  EXPECT_TRUE(certificate.verified);
  EXPECT_EQ(certificate.seed, 1U);
  EXPECT_EQ(certificate.stopped_by, StoppedBy::work);
  EXPECT_EQ(certificate.work, 12345U);
  EXPECT_EQ(read.plan.slots.at(1, 5), 2);
  EXPECT_EQ(read.plan.shares.at(0, 0), 0.7);
  EXPECT_TRUE(read.plan.tokens.empty());
  EXPECT_EQ(read_valid("tiled").plan.tokens.at(0, 2), 420);
  EXPECT_EQ(read_valid("infeasible").certificate.reason, "device 1 needs 2 slots more");
}

TEST(PlanFile, WrittenPlansAreReadBack) {
  const std::string hash(64, 'a');
  SolvedPlan solved;
  solved.certificate.status = Status::feasible;
  solved.certificate.objective = 1.0 / 3.0;
  solved.certificate.bound = 0.25;
  solved.certificate.gap = 0.25;
  solved.certificate.bound_method = "area";
  solved.certificate.method = "local_search";
  solved.certificate.verified = true;
  solved.certificate.seed = 7;
  solved.certificate.stopped_by = StoppedBy::gap;
  solved.certificate.work = 99;
  solved.metrics_json = experts::write_metrics({1.5, 2.0, 3, 4.5});
  const ExpertPlan plan{
      Matrix<int>(2, 2, std::vector<int>{0, 1, 1, 0}), Matrix<double>(2, 2, std::vector<double>{1, 1, 0.1, 1}), {}};
  solved.plan_json = experts::write_plan_object(plan);
  solved.seconds = 0.5;
  const std::string text = write_plan("experts", "a \"name\"", hash, solved, 2);
  EXPECT_EQ(text, R"({
  "plimsoll": 1,
  "problem": "experts",
  "instance": {
    "name": "a \"name\"",
    "sha256": ")" + hash +
                      R"("
  },
  "certificate": {
    "status": "feasible",
    "objective": 0.3333333333333333,
    "bound": 0.25,
    "gap": 0.25,
    "bound_method": "area",
    "bound_evidence": "recomputed",
    "method": "local_search",
    "verified": true,
    "seed": 7,
    "stopped_by": "gap",
    "work": 99
  },
  "metrics": {
    "imbalance": 1.5,
    "worst_imbalance": 2,
    "moves": 3,
    "moved_bytes": 4.5
  },
  "plan": {
    "slots": [
      [0, 1],
      [1, 0]
    ],
    "shares": [
      [1, 1],
      [0.1, 1]
    ]
  },
  "run": {
    "seconds": 0.5,
    "threads": 2,
    "version": "0.1.0"
  }
}
)");
  const support::Json json = support::parse(text);
  const Certificate certificate = read_envelope(json, "experts", hash);
  EXPECT_EQ(certificate.objective, solved.certificate.objective);
  EXPECT_EQ(certificate.stopped_by, StoppedBy::gap);
  ExpertInstance instance;
  instance.model.layers = 2;
  instance.model.experts = 2;
  instance.cluster.slots = {2};
  EXPECT_EQ(experts::read_plan(json, instance), plan);
}

TEST(PlanFile, NoPlanIsNull) {
  SolvedPlan solved;
  solved.certificate.status = Status::infeasible;
  solved.certificate.reason = "too few slots";
  const support::Json json = support::parse(write_plan("experts", "", std::string(64, '0'), solved, 1));
  EXPECT_TRUE(json.find("plan")->is_null());
  const Certificate certificate = read_envelope(json, "experts", std::string(64, '0'));
  EXPECT_EQ(certificate.status, Status::infeasible);
  EXPECT_FALSE(certificate.objective.has_value());
  EXPECT_EQ(certificate.reason, "too few slots");
}

TEST(PlanFile, IdentityIsTheHashOfTheBytes) {
  Document document;
  document.text = "ab";
  document.attachments.contents = {"c"};
  EXPECT_EQ(identity(document), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // of "abc"
}

TEST(PlanFile, NamesAreThoseOfTheFormat) {
  EXPECT_EQ(name_of(Status::optimal), "optimal");
  EXPECT_EQ(name_of(Status::unknown), "unknown");
  EXPECT_EQ(name_of(StoppedBy::interrupt), "interrupt");
  EXPECT_EQ(name_of(BoundEvidence::backend), "backend");
}

TEST(PlanFile, AMissingPlanIsAnErrorOnlyWhereItIsAskedFor) {
  const Document plan_file = read_document(golden("experts/plans/valid/unknown.json").string());
  EXPECT_THROW(experts::read_plan(plan_file.json, ExpertInstance{}), Error);
}

class ValidPlan : public ::testing::TestWithParam<std::string> {};

TEST_P(ValidPlan, IsRead) { EXPECT_NO_THROW(read_golden(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Golden, ValidPlan, ::testing::ValuesIn(documents_in("experts/plans/valid", false)),
                         [](const auto& info) { return testing::stem_of(info.param); });

class InvalidPlan : public ::testing::TestWithParam<Refusal> {};

TEST_P(InvalidPlan, IsRefusedInOneLine) {
  try {
    read_golden(GetParam().file);
    ADD_FAILURE() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input);
    EXPECT_EQ(error.pointer(), GetParam().pointer);
    EXPECT_NE(std::string(error.what()).find(GetParam().message), std::string::npos) << error.what();
    EXPECT_TRUE(testing::is_one_line(error.what())) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, InvalidPlan, ::testing::ValuesIn(refusals_in("experts/plans/invalid", false)),
                         [](const auto& info) { return testing::stem_of(info.param.file); });

}  // namespace
}  // namespace plimsoll::common
