#include "planner/compare/reference.hpp"

#include <gtest/gtest.h>

#include "plimsoll/error.hpp"

namespace plimsoll::compare {
namespace {

constexpr const char* table =
    "Path,Format,Dataset,Item number,Agent number,Best known bound,Optimum,Best known solution value\n"
    "cattrysse1994/gap1-0,orlibrary,cattrysse1994,15,5,261,261,261\n"
    "yagiura/e801600,orlibrary,yagiura,1600,80,180642.5,,180645\n"
    "\"odd, name\",x,y,1,1,,,\n";

std::string error_of(std::string_view text, ReferenceFormat format) {
  try {
    read_references(text, format);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input);
    return error.what();
  }
  return "no error";
}

TEST(References, ATableOfBestKnownValues) {
  const auto found = read_references(table, ReferenceFormat::csv);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].name, "cattrysse1994/gap1-0");
  EXPECT_EQ(found[0].value, 261);
  EXPECT_TRUE(found[0].optimum);
  EXPECT_EQ(found[0].value_slack, 0);
  EXPECT_EQ(found[1].value, 180645);
  EXPECT_EQ(found[1].bound, 180642.5);
  EXPECT_DOUBLE_EQ(found[1].bound_slack, 0.05);
  EXPECT_FALSE(found[1].optimum);
  EXPECT_FALSE(found[2].value);
  EXPECT_EQ(found[2].line, 4U);
}

TEST(References, ColumnsInAnyOrderAndCase) {
  const auto found = read_references("OPTIMUM,instance\r\n+1.5e3,x\r\nInfeasible,y\r\n-,z\r\n", ReferenceFormat::csv);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].value, 1500);
  EXPECT_DOUBLE_EQ(found[0].value_slack, 50);
  EXPECT_TRUE(found[1].infeasible);
  EXPECT_FALSE(found[1].optimum);
  EXPECT_FALSE(found[2].value);
}

TEST(References, BrokenTables) {
  EXPECT_NE(error_of("", ReferenceFormat::csv).find("empty"), std::string::npos);
  EXPECT_NE(error_of("a,b\n", ReferenceFormat::csv).find("no column is called Path"), std::string::npos);
  EXPECT_NE(error_of("path,b\n", ReferenceFormat::csv).find("Optimum"), std::string::npos);
  EXPECT_NE(error_of("path,best\nx\n", ReferenceFormat::csv).find("line 2: expected 2 fields"), std::string::npos);
  EXPECT_NE(error_of("path,best\nx,many\n", ReferenceFormat::csv).find("\"many\""), std::string::npos);
  EXPECT_NE(error_of("path,best\nx,nan\n", ReferenceFormat::csv).find("expected a number"), std::string::npos);
  EXPECT_NE(error_of("path,best\nx,1e999\n", ReferenceFormat::csv).find("expected a number"), std::string::npos);
  EXPECT_NE(error_of("path,best\n,1\n", ReferenceFormat::csv).find("name is empty"), std::string::npos);
}

TEST(References, SoluFiles) {
  const auto found = read_references(
      "# comment\n=opt=  p0201  7615\n\n=best=\tstein27 18.25\n=bestdual= stein27 17\n=inf= noplan\n=unkn= open\n=opt= "
      "feas\n",
      ReferenceFormat::solu);
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].value, 7615);
  EXPECT_TRUE(found[0].optimum);
  EXPECT_EQ(found[1].value, 18.25);
  EXPECT_EQ(found[1].bound, 17);
  EXPECT_DOUBLE_EQ(found[1].value_slack, 0.005);
  EXPECT_FALSE(found[1].optimum);
  EXPECT_TRUE(found[2].infeasible);
  EXPECT_FALSE(found[3].value);
  EXPECT_FALSE(found[4].value);
}

TEST(References, BrokenSoluFiles) {
  EXPECT_NE(error_of("=opt= a x\n", ReferenceFormat::solu).find("line 1: expected a number"), std::string::npos);
  EXPECT_NE(error_of("\n=best= a\n", ReferenceFormat::solu).find("line 2: a value is missing"), std::string::npos);
  EXPECT_NE(error_of("=opt=\n", ReferenceFormat::solu).find("name is missing"), std::string::npos);
  EXPECT_NE(error_of("=max= a 1\n", ReferenceFormat::solu).find("\"=max=\""), std::string::npos);
  EXPECT_NE(error_of("=opt= a 1\n=opt= a 2\n", ReferenceFormat::solu).find("line 1 already"), std::string::npos);
  EXPECT_NE(error_of("=opt= \xff 1\n", ReferenceFormat::solu).find("UTF-8"), std::string::npos);
}

TEST(References, TheFormatIsSeen) {
  EXPECT_EQ(reference_format("a.solu", ""), ReferenceFormat::solu);
  EXPECT_EQ(reference_format("a.csv", "=opt= a 1"), ReferenceFormat::csv);
  EXPECT_EQ(reference_format("-", "\n=opt= a 1"), ReferenceFormat::solu);
  EXPECT_EQ(reference_format("-", "Path,Optimum"), ReferenceFormat::csv);
}

TEST(References, FoundByPathNameAndFile) {
  const auto list =
      read_references("path,best\na/x.json,1\nb/x.json,2\nnamed,3\nfile,4\nelse/deep,5\n", ReferenceFormat::csv);
  EXPECT_EQ(find_reference(list, "", "some/a/x.json")->value, 1);
  EXPECT_EQ(find_reference(list, "", "some/b/x.txt")->value, 2);
  EXPECT_EQ(find_reference(list, "named", "some/file.json")->value, 3);
  EXPECT_EQ(find_reference(list, "other", "some/file.json")->value, 4);
  EXPECT_EQ(find_reference(list, "other", "file")->value, 4);
  EXPECT_EQ(find_reference(list, "", "deep.json")->value, 5);
  EXPECT_EQ(find_reference(list, "deep", "-")->value, 5);
  EXPECT_FALSE(find_reference(list, "nothing", "xa/y.json"));
  EXPECT_FALSE(find_reference(list, "", ""));
  // A part of a folder's name is no folder.
  EXPECT_EQ(find_reference(list, "", "bb/file.json")->value, 4);
}

TEST(References, TwoThatFitEquallyWell) {
  const auto list = read_references("path,best\na/x,1\nb/x,2\nc/y,3\nd/y,3\n", ReferenceFormat::csv);
  try {
    find_reference(list, "", "x.json");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("lines 2 and 3"), std::string::npos) << error.what();
  }
  EXPECT_EQ(find_reference(list, "", "y.json")->value, 3);
}

}  // namespace
}  // namespace plimsoll::compare
