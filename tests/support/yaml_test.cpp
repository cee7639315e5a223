#include "support/yaml.hpp"

#include <gtest/gtest.h>

#include "plimsoll/error.hpp"

namespace plimsoll::support {
namespace {

template <class Action>
std::string refusal_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input);
    return error.what();
  }
  return "taken";
}

std::string refusal(const std::string& text) {
  return refusal_of([&] { parse_yaml(text); });
}

TEST(Yaml, MappingsAndSequencesInBothStyles) {
  const Yaml root = parse_yaml("# a comment\nslots: 4\nrows:\n  3: [0, 1,\n      2]\n  4:\n    - 5\n    - 6\n");
  ASSERT_NE(root.find("slots"), nullptr);
  EXPECT_EQ(root.find("slots")->integer(1, 10), 4);
  EXPECT_EQ(root.find("nothing"), nullptr);
  const Yaml& rows = *root.find("rows");
  ASSERT_EQ(rows.members().size(), 2U);
  EXPECT_EQ(rows.members()[0].first.integer(0, 9), 3);
  EXPECT_EQ(rows.members()[0].second.elements().size(), 3U);
  EXPECT_EQ(rows.members()[1].second.elements()[1].integer(0, 9), 6);
  EXPECT_EQ(parse_yaml("{a: [], b: {}}").find("a")->elements().size(), 0U);
  EXPECT_EQ(parse_yaml("---\na: 1\n").members().size(), 1U);
}

TEST(Yaml, OnlyPlainDecimalNumbers) {
  for (const std::string text : {"'4'", "\"4\"", "0x4", "4.0", "4e0", "4_0", "+4", "four", "~", "", "[4]", "{4: 4}"}) {
    EXPECT_NE(refusal_of([&] { static_cast<void>(parse_yaml("a: " + text).find("a")->integer(0, 100)); }), "taken")
        << text;
  }
  EXPECT_EQ(refusal_of([] { static_cast<void>(parse_yaml("\na: 101").find("a")->integer(0, 100)); }),
            "line 2, column 4: expected a whole number from 0 to 100, got \"101\"");
  EXPECT_EQ(refusal_of([] { static_cast<void>(parse_yaml("a: 99999999999999999999").find("a")->integer(0, 100)); }),
            "line 1, column 4: expected a whole number from 0 to 100, got \"99999999999999999999\"");
  EXPECT_EQ(refusal_of([] { static_cast<void>(parse_yaml("a: b").find("a")->elements()); }),
            "line 1, column 4: expected a sequence, got \"b\"");
  EXPECT_EQ(refusal_of([] { static_cast<void>(parse_yaml("[1]").members()); }),
            "line 1, column 1: expected a mapping, got a sequence of 1");
}

TEST(Yaml, WhatMeansMoreThanItSaysIsRefused) {
  EXPECT_EQ(refusal("a: 1\nb: 2\na: 3\n"), "line 3, column 1: the key \"a\" stands twice in the same mapping");
  EXPECT_EQ(refusal("a: !!int 1"), "line 1, column 4: tags are not taken, got \"tag:yaml.org,2002:int\"");
  EXPECT_NE(refusal("a: !mine [1]").find("tags are not taken"), std::string::npos);
  EXPECT_NE(refusal("a: &x 1").find("anchors are not taken"), std::string::npos);
  EXPECT_NE(refusal("a: &x [1]\nb: *x\n").find("anchors are not taken"), std::string::npos);
  EXPECT_NE(refusal("a: 1\n---\nb: 2\n").find("a second document"), std::string::npos);
  EXPECT_NE(refusal("[a]: 1").find("a key must be"), std::string::npos);
  EXPECT_NE(refusal("").find("empty input"), std::string::npos);
  EXPECT_NE(refusal("# nothing\n").find("empty input"), std::string::npos);
}

TEST(Yaml, BrokenText) {
  for (const std::string text : {"a: [1, 2", "a: {b", "a: b: c", "\t- a", "a: 'x", "a\n  b: c", "*x", "]", "%YAML 9"}) {
    EXPECT_NE(refusal(text), "taken") << text;
  }
  EXPECT_EQ(refusal("a: 1\nb: \xff"), "line 2, column 4: bytes that are no text in UTF-8");
  EXPECT_NE(refusal(std::string("a: \0b", 5)), "taken");
}

TEST(Yaml, NestingHasAnEnd) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(refusal(deep), "nested deeper than 16 levels");
  EXPECT_EQ(refusal(deep + std::string(100'000, ']')), "nested deeper than 16 levels");
  EXPECT_EQ(refusal(std::string(9'000, '[')), "line 1, column 9: nested deeper than 16 levels");
  std::string mappings;
  for (int i = 0; i < 20'000; ++i) mappings += "{a: ";
  EXPECT_NE(refusal(mappings), "taken");
  std::string blocks;
  for (int i = 0; i < 200; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_NE(refusal(blocks).find("nested deeper than 16"), std::string::npos);
  std::string dashes;
  for (int i = 0; i < 20'000; ++i) dashes += "- ";
  EXPECT_NE(refusal(dashes), "taken");
}

}  // namespace
}  // namespace plimsoll::support
