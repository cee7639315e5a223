// Plans and texts through the C interface.
#include <algorithm>

#include "tests/c/handles.hpp"

namespace plimsoll::test {
namespace {

Instance eight() {
  const plimsoll_experts given = eight_experts();
  return Instance(plimsoll_instance_from_experts(&given, nullptr));
}

TEST(CPlan, ReadsItsOwnText) {
  const Instance instance = eight();
  const Plan plan(plimsoll_solve(instance.get(), nullptr, nullptr));
  const std::string text = text_of(plan);
  plimsoll_error error;
  const Plan again(plimsoll_plan_from_json(instance.get(), text.data(), text.size(), &error));
  ASSERT_NE(again, nullptr) << error.message;
  EXPECT_EQ(digest_of(again), digest_of(plan));
  EXPECT_EQ(text_of(again), text);
}

TEST(CPlan, CheckFindsWhatDoesNotHold) {
  const Instance instance = eight();
  const Plan plan(plimsoll_solve(instance.get(), nullptr, nullptr));
  std::string text = text_of(plan);
  const std::size_t at = text.find("\"objective\": 196.");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 17, "\"objective\": 197.");
  const Plan wrong(plimsoll_plan_from_json(instance.get(), text.data(), text.size(), nullptr));
  std::int64_t violations = 0;
  char lines[2000];
  ASSERT_EQ(plimsoll_check(instance.get(), wrong.get(), &violations, lines, sizeof lines, nullptr), PLIMSOLL_OK);
  ASSERT_GE(violations, 1);
  EXPECT_EQ(std::count(lines, lines + std::string(lines).size(), '\n'), violations);
  EXPECT_EQ(std::string(lines).rfind("/certificate/objective", 0), 0U) << lines;
  // Whole lines or none.
  ASSERT_EQ(plimsoll_check(instance.get(), wrong.get(), &violations, lines, 10, nullptr), PLIMSOLL_OK);
  EXPECT_STREQ(lines, "");
  EXPECT_GE(violations, 1);
}

TEST(CPlan, BelongsToItsInstance) {
  const Plan plan(plimsoll_solve(eight().get(), nullptr, nullptr));
  const Instance other = from_source("experts/eight-experts-weighted.json");
  const std::string text = text_of(plan);
  plimsoll_error error;
  EXPECT_EQ(plimsoll_plan_from_json(other.get(), text.data(), text.size(), &error), nullptr);
  EXPECT_EQ(error.code, PLIMSOLL_INPUT);
  EXPECT_STREQ(error.pointer, "/instance/sha256");
  std::int64_t violations = 0;
  EXPECT_EQ(plimsoll_check(other.get(), plan.get(), &violations, nullptr, 0, &error), PLIMSOLL_INPUT);
}

TEST(CPlan, BuffersThatAreTooSmall) {
  const Plan plan(plimsoll_solve(eight().get(), nullptr, nullptr));
  plimsoll_error error;
  std::vector<int32_t> slots(16, 77);
  EXPECT_EQ(plimsoll_plan_slots(plan.get(), slots.data(), 15, &error), PLIMSOLL_USAGE);
  EXPECT_EQ(slots, std::vector<int32_t>(16, 77));
  EXPECT_NE(std::string(error.message).find("16"), std::string::npos) << error.message;
  std::uint64_t bytes = 0;
  ASSERT_EQ(plimsoll_plan_json(plan.get(), nullptr, 0, &bytes, &error), PLIMSOLL_OK);
  std::string text(bytes, 'x');
  EXPECT_EQ(plimsoll_plan_json(plan.get(), text.data(), bytes - 1, &bytes, &error), PLIMSOLL_USAGE);
  EXPECT_EQ(text[0], '\0');
  EXPECT_EQ(bytes, text.size());
  EXPECT_EQ(plimsoll_plan_json(plan.get(), text.data(), bytes, nullptr, &error), PLIMSOLL_OK);
  EXPECT_EQ(text.back(), '\0');
  EXPECT_EQ(text.size(), std::string(text.c_str()).size() + 1);
}

TEST(CPlan, ProvenInfeasible) {
  plimsoll_experts given = eight_experts();
  given.slots = 1;
  given.devices_per_node = 4;
  const Instance instance(plimsoll_instance_from_experts(&given, nullptr));
  const Plan plan(plimsoll_solve(instance.get(), nullptr, nullptr));
  ASSERT_NE(plan, nullptr);
  const plimsoll_certificate certificate = certificate_of(plan);
  EXPECT_EQ(certificate.status, PLIMSOLL_STATUS_INFEASIBLE);
  EXPECT_STRNE(certificate.reason, "");
  EXPECT_NE(certificate.objective, certificate.objective);  // NaN
  std::int64_t rows = 7;
  std::int64_t columns = 7;
  EXPECT_EQ(plimsoll_plan_shape(plan.get(), &rows, &columns, nullptr), PLIMSOLL_OK);
  EXPECT_EQ(rows + columns, 0);
  int32_t slot = 0;
  EXPECT_EQ(plimsoll_plan_slots(plan.get(), &slot, 1, nullptr), PLIMSOLL_UNSUPPORTED);
  char digest[PLIMSOLL_DIGEST_BYTES];
  EXPECT_EQ(plimsoll_plan_digest(plan.get(), digest, nullptr), PLIMSOLL_UNSUPPORTED);
  std::int64_t violations = 0;
  EXPECT_EQ(plimsoll_check(instance.get(), plan.get(), &violations, nullptr, 0, nullptr), PLIMSOLL_OK);
  EXPECT_EQ(violations, 1);
}

TEST(CPlan, Microsteps) {
  const std::string text = R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 4},
    "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 2}, "microsteps": [[[5, 1, 1, 1]], [[1, 1, 1, 5]]]})";
  plimsoll_error error;
  const Instance instance = from_json(text, &error);
  ASSERT_NE(instance, nullptr) << error.pointer << error.message;
  EXPECT_EQ(plimsoll_instance_kind(instance.get()), PLIMSOLL_KIND_STEP);
  const Plan plan(plimsoll_solve(instance.get(), nullptr, &error));
  ASSERT_NE(plan, nullptr) << error.message;
  ASSERT_EQ(plimsoll_plan_microsteps(plan.get()), 2);
  std::vector<int32_t> base(4);
  std::vector<int32_t> slots(4);
  std::vector<double> shares(4);
  EXPECT_EQ(plimsoll_plan_slots(plan.get(), base.data(), 4, nullptr), PLIMSOLL_OK);
  EXPECT_EQ(plimsoll_plan_microstep(plan.get(), 1, slots.data(), shares.data(), 4, nullptr), PLIMSOLL_OK);
  EXPECT_EQ(slots, base);  // there are no transient slots
  EXPECT_EQ(shares, std::vector<double>(4, 1.0));
  EXPECT_EQ(plimsoll_plan_microstep(plan.get(), 2, slots.data(), nullptr, 4, &error), PLIMSOLL_USAGE);
  EXPECT_EQ(plimsoll_plan_shares(plan.get(), shares.data(), 4, &error), PLIMSOLL_UNSUPPORTED);
}

}  // namespace
}  // namespace plimsoll::test
