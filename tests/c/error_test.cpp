// What the C interface makes of bad calls and bad texts.
#include "plimsoll/error.hpp"

#include <new>

#include "c/call.hpp"
#include "c/text.hpp"
#include "tests/c/handles.hpp"

namespace plimsoll::test {
namespace {

TEST(CError, HasTheFormatsPointerAndAdvice) {
  plimsoll_error error;
  const std::string text = R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 2},
    "cluster": {"nodes": 1, "devices_per_node": 1, "slots": 2}, "load": [[1, "x"]]})";
  EXPECT_EQ(from_json(text, &error), nullptr);
  EXPECT_EQ(error.code, PLIMSOLL_INPUT);
  EXPECT_STREQ(error.pointer, "/load/0/1");
  EXPECT_EQ(from_json("{} garbage", &error), nullptr);
  EXPECT_EQ(error.code, PLIMSOLL_INPUT);
  // A text with a zero in it is not cut there.
  EXPECT_EQ(from_json(std::string("{}\0{}", 5), &error), nullptr);
  EXPECT_EQ(error.code, PLIMSOLL_INPUT);
  EXPECT_EQ(plimsoll_instance_from_file("/there/is/none", &error), nullptr);
  EXPECT_EQ(error.code, PLIMSOLL_FILE);
}

TEST(CError, ClearedBySuccess) {
  plimsoll_error error;
  EXPECT_EQ(from_json("", &error), nullptr);
  EXPECT_STRNE(error.message, "");
  const plimsoll_experts given = eight_experts();
  const Instance instance(plimsoll_instance_from_experts(&given, &error));
  EXPECT_EQ(error.code, PLIMSOLL_OK);
  EXPECT_STREQ(error.message, "");
  EXPECT_STREQ(error.pointer, "");
  EXPECT_STREQ(error.advice, "");
}

TEST(CError, NullsAreRefused) {
  plimsoll_error error;
  EXPECT_EQ(plimsoll_solve(nullptr, nullptr, &error), nullptr);
  EXPECT_EQ(error.code, PLIMSOLL_USAGE);
  EXPECT_EQ(plimsoll_instance_from_json(nullptr, 0, nullptr, &error), nullptr);
  EXPECT_EQ(plimsoll_instance_from_file(nullptr, &error), nullptr);
  EXPECT_EQ(plimsoll_instance_from_experts(nullptr, &error), nullptr);
  EXPECT_EQ(plimsoll_instance_from_assignment(nullptr, &error), nullptr);
  EXPECT_EQ(plimsoll_plan_from_json(nullptr, nullptr, 0, &error), nullptr);
  EXPECT_EQ(error.code, PLIMSOLL_USAGE);
  EXPECT_EQ(plimsoll_instance_kind(nullptr), -1);
  EXPECT_EQ(plimsoll_plan_microsteps(nullptr), 0);
  for (plimsoll_error* taker : {&error, static_cast<plimsoll_error*>(nullptr)}) {
    EXPECT_EQ(plimsoll_instance_json(nullptr, nullptr, 0, nullptr, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_check(nullptr, nullptr, nullptr, nullptr, 0, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_certificate(nullptr, nullptr, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_shape(nullptr, nullptr, nullptr, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_slots(nullptr, nullptr, 0, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_shares(nullptr, nullptr, 0, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_rank(nullptr, nullptr, 0, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_bin_of(nullptr, nullptr, 0, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_microstep(nullptr, 0, nullptr, nullptr, 0, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_metric(nullptr, nullptr, nullptr, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_json(nullptr, nullptr, 0, nullptr, taker), PLIMSOLL_USAGE);
    EXPECT_EQ(plimsoll_plan_digest(nullptr, nullptr, taker), PLIMSOLL_USAGE);
  }
  plimsoll_instance_free(nullptr);
  plimsoll_plan_free(nullptr);
  plimsoll_stop_free(nullptr);
  plimsoll_stop_request(nullptr);
  plimsoll_options_init(nullptr, sizeof(plimsoll_options));
  EXPECT_EQ(plimsoll_status_name(17), nullptr);
}

TEST(CError, EveryExceptionBecomesACode) {
  plimsoll_error error;
  EXPECT_EQ(c::call(&error, [] { throw std::bad_alloc(); }), PLIMSOLL_MEMORY);
  EXPECT_EQ(error.code, PLIMSOLL_MEMORY);
  EXPECT_EQ(c::call(&error, [] { throw Error(ErrorCode::memory, "none left"); }), PLIMSOLL_MEMORY);
  EXPECT_STREQ(error.message, "none left");
  EXPECT_EQ(c::call(&error, [] { throw std::runtime_error("odd"); }), PLIMSOLL_INTERNAL);
  EXPECT_STREQ(error.message, "odd");
  EXPECT_EQ(c::call(&error, [] { throw 17; }), PLIMSOLL_INTERNAL);
  EXPECT_EQ(c::call(nullptr, [] { throw 17; }), PLIMSOLL_INTERNAL);
  EXPECT_EQ(c::call(&error, [] { throw Error(ErrorCode::input, "m", "/p", "Maybe a."); }), PLIMSOLL_INPUT);
  EXPECT_STREQ(error.pointer, "/p");
  EXPECT_STREQ(error.advice, "Maybe a.");
}

TEST(CError, LongTextsAreCutBetweenCharacters) {
  char small[6];
  c::copy_cut("abcde", small);
  EXPECT_STREQ(small, "abcde");
  c::copy_cut("abcdef", small);
  EXPECT_STREQ(small, "abcde");
  c::copy_cut("abcd\xC3\xA9", small);  // é does not fit
  EXPECT_STREQ(small, "abcd");
  plimsoll_error error;
  EXPECT_EQ(c::call(&error, [] { throw Error(ErrorCode::input, std::string(5000, 'x')); }), PLIMSOLL_INPUT);
  EXPECT_EQ(std::string(error.message), std::string(sizeof error.message - 1, 'x'));
}

}  // namespace
}  // namespace plimsoll::test
