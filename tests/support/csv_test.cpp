#include "support/csv.hpp"

#include <gtest/gtest.h>

#include "plimsoll/error.hpp"

namespace plimsoll::support {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view text) {
  CsvReader reader(text);
  Rows rows;
  for (std::vector<std::string> row; reader.next(row);) rows.push_back(row);
  return rows;
}

std::string refusal_of(std::string_view text) {
  try {
    rows_of(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "taken";
}

TEST(Csv, PlainRows) {
  EXPECT_EQ(rows_of("a,b\n1,2\n"), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(rows_of("a,b\n1,2"), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(rows_of("a,,\n,"), (Rows{{"a", "", ""}, {"", ""}}));
  EXPECT_EQ(rows_of(""), Rows{});
  EXPECT_EQ(rows_of("\n\r\n\n"), Rows{});
}

TEST(Csv, LineEndsAndByteOrderMark) {
  EXPECT_EQ(rows_of("a,b\r\n1,2\r\n"), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(rows_of("a,b\r1,2\r"), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(rows_of("\xef\xbb\xbf"
                    "a\n1"),
            (Rows{{"a"}, {"1"}}));
  EXPECT_EQ(rows_of("a\n\n\n1\n\n"), (Rows{{"a"}, {"1"}}));
}

TEST(Csv, QuotedFields) {
  EXPECT_EQ(rows_of("\"a,b\",\"c\"\"d\",\"\"\n"), (Rows{{"a,b", "c\"d", ""}}));
  EXPECT_EQ(rows_of("\"two\nlines\",x\r\ny,z"), (Rows{{"two\nlines", "x"}, {"y", "z"}}));
}

TEST(Csv, LinesAreCounted) {
  CsvReader reader("a\n\n\"1\n2\"\r\n3");
  std::vector<std::string> row;
  std::vector<std::size_t> lines;
  while (reader.next(row)) lines.push_back(reader.line());
  EXPECT_EQ(lines, (std::vector<std::size_t>{1, 3, 5}));
}

TEST(Csv, BrokenTextNamesItsLine) {
  EXPECT_EQ(refusal_of("a\n\"b\n\nc"), "line 2: a quoted field without its closing quote");
  EXPECT_EQ(refusal_of("a\nb\"c\n"), "line 2: a quote inside a field that does not begin with one");
  EXPECT_EQ(refusal_of("a\n\"b\"c\n"), "line 2: text behind the closing quote of a field");
  EXPECT_EQ(refusal_of("a\nb\n\xff"), "line 3: bytes that are no text in UTF-8");
  EXPECT_EQ(refusal_of(std::string_view("a\n\0", 3)), "line 2: bytes that are no text in UTF-8");
  EXPECT_EQ(refusal_of("a\n" + std::string(1'000'001, ',')), "line 2: more than 1000000 fields");
}

TEST(Csv, AFieldThatIsWrittenComesBack) {
  for (const std::string field : {"", "plain", "a,b", "\"", "a\"\"b", "two\nlines", "\r", " x "}) {
    const std::string text = csv_field("first") + "," + csv_field(field) + "\n";
    CsvReader reader(text);
    std::vector<std::string> row;
    ASSERT_TRUE(reader.next(row));
    EXPECT_EQ(row, (std::vector<std::string>{"first", field}));
  }
}

}  // namespace
}  // namespace plimsoll::support
