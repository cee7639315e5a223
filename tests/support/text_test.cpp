#include "support/text.hpp"

#include <gtest/gtest.h>

namespace plimsoll::support {
namespace {

TEST(Text, QuotesStayOnOneLine) {
  EXPECT_EQ(in_quotes("abc"), "\"abc\"");
  EXPECT_EQ(in_quotes("a\"b\\c\n\x7f"), "\"a\\\"b\\\\c\\u000a\\u007f\"");
  EXPECT_EQ(in_quotes("abcdef", 3), "\"abc\"...");
  EXPECT_EQ(in_quotes("ab\xc3\xa4", 3), "\"ab\"...");  // not in the middle of a character
  EXPECT_EQ(in_quotes("\xff"), "\"\\u00ff\"");
}

TEST(Text, NearestFindsTypingErrors) {
  const std::vector<std::string> known = {"layers", "experts", "expert_bytes", "slots"};
  EXPECT_EQ(nearest("layer", known), "layers");
  EXPECT_EQ(nearest("slotz", known), "slots");
  EXPECT_EQ(nearest("expert_byte", known), "expert_bytes");
  EXPECT_EQ(nearest("expert_bites", known), "expert_bytes");
  EXPECT_EQ(nearest("memory", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(1000, 'x'), known), "");
}

TEST(Text, BrokenUtf8IsFound) {
  const auto none = std::string_view::npos;
  EXPECT_EQ(find_broken_utf8("plain"), none);
  EXPECT_EQ(find_broken_utf8("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), none);
  EXPECT_EQ(find_broken_utf8("a\xc3"), 1U);
  EXPECT_EQ(find_broken_utf8("ab\xc3("), 2U);
  EXPECT_EQ(find_broken_utf8("\xc0\xaf"), 0U);          // overlong
  EXPECT_EQ(find_broken_utf8("\xe0\x80\xaf"), 0U);      // overlong
  EXPECT_EQ(find_broken_utf8("\xed\xa0\x80"), 0U);      // surrogate
  EXPECT_EQ(find_broken_utf8("\xf4\x90\x80\x80"), 0U);  // beyond the last code point
  EXPECT_EQ(find_broken_utf8("\x80"), 0U);
}

}  // namespace
}  // namespace plimsoll::support
