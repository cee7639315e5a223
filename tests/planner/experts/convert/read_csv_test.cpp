// Tables of loads with any columns, in both forms.
#include "tests/planner/experts/convert/convert_fixture.hpp"

namespace plimsoll::experts {
namespace {

const Values cluster = cluster_values("1", "2", "3");

Values with(std::initializer_list<std::pair<const std::string, std::vector<std::string>>> more) {
  Values values = cluster;
  for (const auto& [name, given] : more) values[name] = given;
  return values;
}

Matrix<double> load_of(const std::string& text, const Values& values = cluster) {
  return instance_of(converted("csv", text, values)).load;
}

TEST(ReadCsv, LongForm) {
  const auto result = converted("csv", "layer,expert,count\n0,0,5\n0,2,7\n1,1,2.5\n", cluster);
  const ExpertInstance instance = instance_of(result);
  EXPECT_EQ(instance.load, Matrix<double>(2, 3, {5, 0, 7, 0, 2.5, 0}));
  EXPECT_EQ(instance.cluster.devices(), 2);
  EXPECT_EQ(instance.cluster.slots, (std::vector<int>{3, 3}));
  EXPECT_EQ(instance.dispatch, Dispatch::even);
  ASSERT_EQ(result.notes.size(), 1U);  // that the dispatch was chosen
  EXPECT_EQ(result.text.find("x-layers"), std::string::npos);
}

TEST(ReadCsv, UsualNamesInAnyOrderAndCase) {
  const Matrix<double> expected(1, 2, {5, 7});
  for (const std::string header : {"num_tokens,Layer ID,expert_idx", "TOKENS,layer-id,Expert",
                                   "load,moe_layer,expert_id", " freq , layer , logical expert "}) {
    EXPECT_EQ(load_of(header + "\n5,0,0\n7,0,1\n"), expected) << header;
  }
  EXPECT_EQ(load_of("a,b,c\n0,0,5\n0,1,7\n",
                    with({{"layer-column", {"a"}}, {"expert-column", {"b"}}, {"count-column", {"c"}}})),
            expected);
}

TEST(ReadCsv, RowsOfTheSamePlaceAreSummed) {
  EXPECT_EQ(load_of("layer,expert,count\n0,0,5\n0,0,7\n0,1,1\n"), Matrix<double>(1, 2, {12, 1}));
}

TEST(ReadCsv, OtherColumnsSelectRowsOrAreNamed) {
  const std::string text = "layer,expert,count,domain,day\n0,0,5,code,1\n0,0,7,book,1\n0,1,1,code,2\n";
  EXPECT_EQ(load_of(text, with({{"where", {"domain=code"}}})), Matrix<double>(1, 2, {5, 1}));
  EXPECT_EQ(load_of(text, with({{"where", {"domain=code", "domain=book"}}})), Matrix<double>(1, 2, {12, 1}));
  EXPECT_EQ(load_of(text, with({{"where", {"domain=code", "day=2"}}})), Matrix<double>(1, 2, {0, 1}));
  const auto notes = converted("csv", text, cluster).notes;
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0], "loads are summed over \"domain\" (2 values), \"day\" (2 values); --where COLUMN=VALUE chooses");
  expect_refusal(refusal("csv", text, with({{"where", {"domain=coda"}}})),
                 "there are \"book\", \"code\" | Maybe 'code'");
  expect_refusal(refusal("csv", text, with({{"where", {"topic=code"}}})), "there is no column \"topic\"");
  expect_refusal(refusal("csv", text, with({{"where", {"domain=code", "day=3"}}})), "no row has \"3\"");
  expect_refusal(refusal("csv", text, with({{"where", {"domain=book", "day=2"}}})), "none of the 3 rows");
  expect_refusal(refusal("csv", text, with({{"where", {"domain"}}})), "COLUMN=VALUE");
}

TEST(ReadCsv, LayersKeepTheirNumbers) {
  const auto result = converted("csv", "layer,expert,count\n15,0,3\n0,0,1\n7,0,2\n", cluster);
  EXPECT_EQ(instance_of(result).load, Matrix<double>(3, 1, {1, 2, 3}));
  EXPECT_NE(result.text.find("\"x-layers\": [0, 7, 15]"), std::string::npos) << result.text;
}

TEST(ReadCsv, ChosenLayers) {
  const std::string text = "layer,expert,count\n15,0,3\n0,0,1\n7,0,2\n";
  EXPECT_EQ(load_of(text, with({{"layers", {"0,15"}}})), Matrix<double>(2, 1, {1, 3}));
  expect_refusal(refusal("csv", text, with({{"layers", {"0:8"}}})), "no layer 1, its 3 layers go from 0 to 15");
}

TEST(ReadCsv, WideForm) {
  const std::string text = "iter,layer,e0,e1,e2\n1,0,1,2,3\n1,1,4,5,6\n51,0,10,20,30\n51,1,40,50,60\n";
  EXPECT_EQ(load_of(text), Matrix<double>(2, 3, {11, 22, 33, 44, 55, 66}));
  EXPECT_EQ(load_of(text, with({{"step", {"51"}}})), Matrix<double>(2, 3, {10, 20, 30, 40, 50, 60}));
  EXPECT_EQ(load_of(text, with({{"steps", {"0:51"}}})), Matrix<double>(2, 3, {1, 2, 3, 4, 5, 6}));
  const auto notes = converted("csv", text, cluster).notes;
  EXPECT_EQ(notes[0], "loads are summed over the steps \"iter\" (2 values); --steps A:B chooses");
  expect_refusal(refusal("csv", text, with({{"step", {"2"}}})), "none of the 4 rows is selected | Maybe other steps");
  EXPECT_EQ(load_of("1,layer,0\n5,0,6\n"), Matrix<double>(1, 2, {6, 5}));
  expect_refusal(refusal("csv", "layer,e0,e2\n0,1,2\n", cluster), "expert 1 is missing");
  expect_refusal(refusal("csv", "layer,e0,expert_0\n0,1,2\n", cluster), "expert 1 is missing or another stands twice");
  EXPECT_EQ(load_of("layer,tokens,e0\n0,9,1\n"), Matrix<double>(1, 1, 1));  // a sum beside the columns is no expert
}

TEST(ReadCsv, MissingAndAmbiguousColumnsGetAdvice) {
  expect_refusal(refusal("csv", "layer,expert\n0,0\n", cluster), "no column is known as the count");
  expect_refusal(refusal("csv", "layer,expert\n0,0\n", cluster), "Maybe name it with --count-column.");
  expect_refusal(refusal("csv", "expert,count\n0,0\n", cluster), "Maybe name it with --layer-column.");
  expect_refusal(refusal("csv", "layer,who,count\n0,0,1\n", cluster), "Maybe name it with --expert-column.");
  expect_refusal(refusal("csv", "layer,expert,count,tokens\n0,0,1,2\n", cluster),
                 "the count could be \"count\" or \"tokens\" | Maybe name it with --count-column.");
  expect_refusal(refusal("csv", "layer,expert,count\n0,0,1\n", with({{"step", {"3"}}})), "--step-column");
  expect_refusal(refusal("csv", "layer,expert,count\n0,0,1\n", with({{"count-column", {"cuont"}}})),
                 "there is no column \"cuont\"");
  expect_refusal(refusal("csv", "layer,expert,count\n0,0,1\n", with({{"count-column", {"layer"}}})), "asked for twice");
  expect_refusal(refusal("csv", "layer;expert;count\n0;0;1\n", cluster), "parted by semicolons");
}

TEST(ReadCsv, WrongValuesNameTheirLine) {
  const auto with_row = [](const std::string& row) {
    return refusal("csv", "layer,expert,count\n0,0,1\n" + row + "\n", cluster);
  };
  expect_refusal(with_row("0,1"), "line 3: expected 3 fields as in the header, got 2");
  expect_refusal(with_row("0,1,2,3"), "line 3: expected 3 fields");
  for (const std::string value : {"-1", "nan", "inf", "1e300", "1e999", "0x10", "five", "", "1 000", "1,5"}) {
    expect_refusal(with_row("0,1," + value), "line 3: ");
  }
  for (const std::string value : {"-1", "1.5", "99999999999", "99999999999999999999", "", "x", "1e3"}) {
    expect_refusal(with_row(value + ",1,1"), "line 3: \"layer\": expected a whole number");
    expect_refusal(with_row("0," + value + ",1"), "line 3: \"expert\": expected a whole number");
  }
  expect_refusal(with_row("0,0,1e15"), "sum to more than 1e15");
}

TEST(ReadCsv, EmptyFilesAndLargeTables) {
  expect_refusal(refusal("csv", "", cluster), "empty file");
  expect_refusal(refusal("csv", "layer,expert,count\n", cluster), "a header and no rows");
  std::string many = "layer,expert,count\n0,99999,1\n";
  for (int layer = 1; layer < 600; ++layer) many += std::to_string(layer) + ",0,1\n";
  expect_refusal(refusal("csv", many, cluster), "600 x 100000, more than this version handles");
}

TEST(ReadCsv, WhatATableLacksComesFromOptions) {
  const std::string text = "layer,expert,count\n0,0,1\n";
  expect_refusal(refusal("csv", text), "Maybe add --nodes.");
  expect_refusal(refusal("csv", text, {{"nodes", {"1"}}}), "Maybe add --devices-per-node.");
  expect_refusal(refusal("csv", text, {{"nodes", {"1"}}, {"devices-per-node", {"2"}}}), "Maybe add --slots.");
  for (const std::string value : {"0", "-1", "1.5", "x", "", "99999999999", "1e300"}) {
    expect_refusal(refusal("csv", text, with({{"nodes", {value}}})), "--nodes: expected a whole number");
    expect_refusal(refusal("csv", text, with({{"slots", {value}}})), "--slots: expected a whole number");
  }
  expect_refusal(refusal("csv", text, with({{"nodes", {"1", "2"}}})), "--nodes is given twice");
  expect_refusal(refusal("csv", text, with({{"nodes", {"1000000"}}, {"devices-per-node", {"1000000"}}})), "devices");
  expect_refusal(refusal("csv", text, with({{"slots", {"50000000"}}})), "the instance that this makes is refused");
  expect_refusal(refusal("csv", text, with({{"dispatch", {"random"}}})), "--dispatch: expected even or weighted");
  EXPECT_EQ(load_of(text, with({{"experts", {"3"}}})), Matrix<double>(1, 3, {1, 0, 0}));
  const ExpertInstance named =
      instance_of(converted("csv", text, with({{"name", {"mine"}}, {"dispatch", {"weighted"}}})));
  EXPECT_EQ(named.name, "mine");
  EXPECT_EQ(named.dispatch, Dispatch::weighted);
}

}  // namespace
}  // namespace plimsoll::experts
