#include "support/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/error_of.hpp"

namespace plimsoll::support {
namespace {

std::string refusal(std::string_view text) {
  return error_of([&] { parse(text); }).what();
}

TEST(JsonParse, KeepsWholeNumbersExact) {
  EXPECT_EQ(std::get<std::int64_t>(parse("9223372036854775807").value()), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(std::get<std::int64_t>(parse("-9223372036854775808").value()), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(std::get<std::int64_t>(parse("3000000000").value()), 3000000000);
  EXPECT_EQ(std::get<double>(parse("9223372036854775808").value()), 0x1p63);
  EXPECT_EQ(std::get<double>(parse("1000000000000000000000000000000").value()), 1e30);
  EXPECT_EQ(std::get<double>(parse("2.0").value()), 2.0);
  EXPECT_EQ(std::get<double>(parse("1e3").value()), 1000.0);
  EXPECT_TRUE(std::signbit(std::get<double>(parse("-0.0").value())));
}

TEST(JsonParse, KeepsTheOrderOfKeys) {
  const Json json = parse(R"({"b": 1, "a": [true, null, "x"], "": {}})");
  ASSERT_NE(json.object(), nullptr);
  EXPECT_EQ(json.object()->at(0).first, "b");
  EXPECT_EQ(json.object()->at(1).first, "a");
  ASSERT_NE(json.find("a"), nullptr);
  EXPECT_TRUE(json.find("a")->array()->at(1).is_null());
  EXPECT_EQ(json.find("c"), nullptr);
  EXPECT_EQ(json.find("a")->find("c"), nullptr);
}

TEST(JsonParse, RefusesWithLineAndColumn) {
  EXPECT_EQ(refusal("{\n  \"a\": 1,\n  \"b\": tru\n}"),
            "line 3, column 11: broken JSON: invalid literal at \"tru\\u000a\"");
  EXPECT_EQ(refusal("[1, 2"), "line 1, column 6: broken JSON: unexpected end of input; expected ']'");
  EXPECT_EQ(refusal("[1] 2"), "line 1, column 5: broken JSON: unexpected number literal; expected end of input");
  EXPECT_EQ(refusal("1e999"), "line 1, column 5: no finite number can hold \"1e999\"");
  EXPECT_EQ(refusal(std::string_view("1\0", 2)), "line 1, column 2: broken JSON: a byte of value 0");
}

TEST(JsonParse, RefusesDuplicatesAndDepth) {
  const Error twice = error_of([] { parse(R"([{}, {"a/b": 1, "c": 2, "a/b": 1}])"); });
  EXPECT_EQ(twice.pointer(), "/1/a~1b");
  EXPECT_STREQ(twice.what(), "the key \"a/b\" stands twice in the same object");
  EXPECT_NO_THROW(parse(std::string(64, '[') + std::string(64, ']')));
  EXPECT_EQ(refusal(std::string(65, '[') + std::string(65, ']')), "nested deeper than 64 levels");
  EXPECT_EQ(refusal(std::string(1000000, '[')), "nested deeper than 64 levels");
}

TEST(Json, ShownIsShort) {
  EXPECT_EQ(parse("2.0").shown(), "2.0");
  EXPECT_EQ(parse("1e300").shown(), "1e+300");
  EXPECT_EQ(parse("[1, [2], {\"a\": 3}, 4]").shown(), "[1, [...], {...}, ...] (4 elements)");
  EXPECT_EQ(parse("{\"a\": [], \"b\": {}}").shown(), "{\"a\": [], \"b\": {}}");
  EXPECT_EQ(parse("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}").shown(), "{\"a\": 1, \"b\": 2, \"c\": 3, ...} (4 keys)");
  EXPECT_LT(parse('"' + std::string(1000, 'x') + '"').shown().size(), 80U);
}

TEST(JsonReader, TypedValues) {
  const Json json = parse(R"({"flag": true, "text": "a", "whole": 3, "number": 2.5})");
  Reader reader(json);
  EXPECT_TRUE(reader.member("flag").boolean());
  EXPECT_EQ(reader.member("text").text(), "a");
  EXPECT_EQ(reader.member("whole").integer(3, 3), 3);
  EXPECT_EQ(reader.member("whole").number(0, 3), 3.0);
  EXPECT_EQ(reader.member("number").number(2.5, 2.5), 2.5);
  EXPECT_FALSE(reader.optional_member("other").has_value());
  EXPECT_NO_THROW(reader.done());
}

TEST(JsonReader, MessagesSayWhatWasExpected) {
  const auto message = [](std::string_view text, std::int64_t least, std::int64_t most) {
    const Json json = parse(text);
    return std::string(error_of([&] { return Reader(json, "/a").integer(least, most); }).what());
  };
  EXPECT_EQ(message("-3", 1, 9), "expected a whole number of at least 1, got -3");
  EXPECT_EQ(message("10", 1, 9), "expected a whole number of at most 9, got 10");
  EXPECT_EQ(message("2.0", 1, 9), "expected a whole number of at least 1, got 2.0");
  EXPECT_EQ(message("1e30", 1, 9), "expected a whole number of at most 9, got 1e+30");
  EXPECT_EQ(message("\"x\"", 1, 1), "expected 1, got \"x\"");
  EXPECT_EQ(message("true", std::numeric_limits<std::int64_t>::min(), 9), "expected a whole number, got true");
}

TEST(JsonReader, UnknownAndMissingKeysSuggest) {
  const Json json = parse(R"({"x-free": 1, "slotz": 2, "nodes": 1})");
  Reader reader(json, "/cluster");
  const Error missing = error_of([&] { return reader.member("slots"); });
  EXPECT_EQ(missing.pointer(), "/cluster");
  EXPECT_STREQ(missing.what(), "the key \"slots\" is missing");
  EXPECT_EQ(missing.advice(), "Maybe \"slotz\" should be \"slots\".");
  static_cast<void>(reader.member("nodes"));
  const Error unknown = error_of([&] { reader.done(); });
  EXPECT_EQ(unknown.pointer(), "/cluster/slotz");
  EXPECT_STREQ(unknown.what(), "unknown key \"slotz\"");
  EXPECT_EQ(unknown.advice(), "Maybe 'slots' was meant.");
}

TEST(JsonReader, PointersAreEscaped) {
  const Json json = parse(R"({"a/b~\n": [0, {"c": 1}]})");
  Reader reader(json);
  const Reader list = reader.member("a/b~\n");
  EXPECT_EQ(list.pointer(), "/a~1b~0\\u000a");
  EXPECT_EQ(list.elements().at(1).member("c").pointer(), "/a~1b~0\\u000a/1/c");
}

TEST(JsonReader, Tables) {
  const Json json = parse("[[1, 2, 3], [4, 5, 6.5]]");
  EXPECT_EQ(Reader(json).number_table(2, 3, 0, 9), (std::vector<double>{1, 2, 3, 4, 5, 6.5}));
  const Error fraction = error_of([&] { return Reader(json, "/t").integer_table(2, 3, 0, 9); });
  EXPECT_EQ(fraction.pointer(), "/t/1/2");
  const Error shape = error_of([&] { return Reader(json, "/t").number_table(2, 2, 0, 9); });
  EXPECT_EQ(shape.pointer(), "/t/0");
  EXPECT_EQ(Reader(json.array()->front()).integers(3, 0, 9), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(Reader(parse("[[], []]")).number_table(2, 0, 0, 1).size(), 0U);
  // Asks for 800 GB, but the text is compared with the shape first.
  const Json rows = parse("[[], []]");
  EXPECT_THROW(static_cast<void>(Reader(rows).number_table(2, 50'000'000'000, 0, 1)), Error);
}

TEST(JsonWriter, Layout) {
  Writer writer;
  writer.begin_object().key("a").value(1).key("b").begin_array().line(std::vector<int>{1, 2}).line(std::vector<int>{});
  writer.end_array().key("c").begin_object().end_object().key("d").value("x\"\n").key("e").null().key("f").value(true);
  writer.key("g").raw("{\n  \"h\": 1\n}\n").end_object();
  EXPECT_EQ(writer.take(), R"({
  "a": 1,
  "b": [
    [1, 2],
    []
  ],
  "c": {},
  "d": "x\"\u000a",
  "e": null,
  "f": true,
  "g": {
    "h": 1
  }
}
)");
}

TEST(JsonWriter, NumbersReadBackToTheSameBits) {
  const std::vector<double> numbers = {0.0,
                                       -0.0,
                                       1.0,
                                       0.1,
                                       1e5,
                                       3e9,
                                       1e15,
                                       1e16,
                                       1e22,
                                       1e30,
                                       -1e300,
                                       5e-324,
                                       1.0 / 3.0,
                                       9007199254740991.0,
                                       9007199254740992.0,
                                       9007199254740994.0,
                                       0x1p63,
                                       0x1p64};
  for (const double number : numbers) {
    Writer writer;
    writer.line(std::vector<double>{number});
    const Json json = parse(writer.take());
    const double back =
        Reader(json).numbers(1, std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max())[0];
    EXPECT_EQ(back, number);
    EXPECT_EQ(std::signbit(back), std::signbit(number));
  }
  Writer plain;
  EXPECT_EQ(plain.line(std::vector<double>{100000, 0.5, 1e16}).take(), "[100000, 0.5, 1e+16]\n");
}

TEST(JsonWriter, RefusesWhatJsonCannotHold) {
  Writer writer;
  EXPECT_EQ(error_of([&] { writer.value(std::nan("")); }).code(), ErrorCode::internal);
  EXPECT_EQ(error_of([&] { writer.value(std::numeric_limits<double>::infinity()); }).code(), ErrorCode::internal);
  EXPECT_EQ(error_of([&] { writer.value("\xff"); }).code(), ErrorCode::input);
  EXPECT_EQ(error_of([&] { writer.end_object(); }).code(), ErrorCode::internal);
}

}  // namespace
}  // namespace plimsoll::support
