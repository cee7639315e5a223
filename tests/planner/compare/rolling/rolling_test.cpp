// A rolling comparison written down: complete, well-formed, and with the numbers of its plans.
#include "planner/compare/rolling/rolling.hpp"

#include <gtest/gtest.h>

#include "planner/compare/rolling/tables.hpp"
#include "support/csv.hpp"
#include "support/json.hpp"
#include "tests/markup.hpp"

namespace plimsoll::compare {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

common::RollingPlan plan_of(int microstep, double imbalance, std::int64_t moves) {
  common::RollingPlan plan;
  plan.microstep = microstep;
  plan.first = microstep == 2;
  plan.imbalance = imbalance;
  plan.worst_imbalance = imbalance + 0.5;
  plan.planned_imbalance = 1.01;
  plan.layers = {imbalance - 0.5, imbalance + 0.5};
  plan.moves = moves;
  plan.moved_bytes = 10.0 * static_cast<double>(moves);
  plan.work = 7;
  return plan;
}

RollingComparison sample() {
  RollingComparison comparison;
  comparison.command = "plimsoll compare --rolling 2 '<x>'";
  comparison.version = "1";
  comparison.window = 2;
  RollingInstance instance;
  instance.name = "a <b> | \"c\"";
  instance.path = "a, b.json";
  instance.problem = "experts";
  instance.sha256 = std::string(64, 'a');
  instance.microsteps = 5;
  instance.least = {1, 1, 1.1, 1.2, 1.3};
  instance.entries = {{"eplb", 50, {{plan_of(2, 2.0, 0), plan_of(3, 2.2, 100), plan_of(4, 2.4, 300)}, false, ""}},
                      {"local", 50, {{plan_of(2, 1.5, 0), plan_of(3, 1.6, 40), plan_of(4, 1.7, 20)}, true, ""}},
                      {"wrap", 50, {{}, true, "method <wrap> refuses"}}};
  comparison.instances.push_back(instance);
  return comparison;
}

TEST(RollingReport, Summary) {
  const RollingComparison comparison = sample();
  const RollingInstance& instance = comparison.instances.front();
  const auto eplb = summarise(instance, instance.entries[0]);
  ASSERT_TRUE(eplb);
  EXPECT_DOUBLE_EQ(eplb->imbalance, 2.2);
  EXPECT_DOUBLE_EQ(eplb->worst, 2.9);
  EXPECT_DOUBLE_EQ(eplb->least, 1.2);
  // The first plan had nothing to move.
  EXPECT_DOUBLE_EQ(eplb->moves, 200);
  EXPECT_EQ(eplb->all_moves, 400);
  EXPECT_DOUBLE_EQ(eplb->moved_bytes, 4000);
  EXPECT_EQ(eplb->work, 21U);
  EXPECT_FALSE(summarise(instance, instance.entries[2]));
  EXPECT_EQ(name_of(instance.entries[0]), "eplb, takes no limit");
  EXPECT_EQ(name_of(instance.entries[1]), "local, at most 50 moves");
}

TEST(RollingReport, FindingsNameTheBestAndWhatItMoves) {
  const auto list = findings(sample());
  ASSERT_EQ(list.size(), 2U);
  EXPECT_TRUE(has(list[0], "local, at most 50 moves has the least imbalance, 1.600"));
  EXPECT_TRUE(has(list[0], "takes 15.0 % of its moves")) << list[0];
  EXPECT_TRUE(has(list[1], "refuses"));
  EXPECT_TRUE(faults(sample()).empty());
}

TEST(RollingReport, AViolationIsAFault) {
  RollingComparison comparison = sample();
  comparison.instances[0].entries[1].run.plans[2].violations = {"expert 3 is missing"};
  const auto list = faults(comparison);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_TRUE(has(list[0], "micro-step 4")) << list[0];
  EXPECT_TRUE(has(list[0], "expert 3 is missing"));
  EXPECT_TRUE(has(to_html(comparison), "1 fault"));
  EXPECT_TRUE(has(to_text(comparison), "expert 3 is missing"));
}

TEST(RollingReport, HtmlIsWellFormedAndNeedsNothingElse) {
  RollingComparison comparison = sample();
  for (int round = 0; round < 2; ++round) {
    const std::string html = to_html(comparison);
    test::MarkupReader reader(html);
    EXPECT_EQ(reader.fault(), "");
    for (const std::string& value : reader.values()) {
      if (value.rfind("http://www.w3.org/", 0) == 0) continue;
      EXPECT_EQ(value.find("//"), std::string::npos) << value;
    }
    EXPECT_FALSE(has(html, "nan"));
    EXPECT_EQ(has(html, "Imbalance against moves"), round == 0);
    // Nobody could plan.
    for (RollingEntry& entry : comparison.instances[0].entries) entry.run = {{}, true, "no"};
  }
}

TEST(RollingReport, CsvHasARowPerPlan) {
  const std::string csv = to_csv(sample());
  support::CsvReader reader(csv);
  std::vector<std::string> head;
  std::vector<std::string> row;
  ASSERT_TRUE(reader.next(head));
  std::size_t rows = 0;
  while (reader.next(row)) {
    ASSERT_EQ(row.size(), head.size());
    if (rows++ != 4) continue;
    EXPECT_EQ(row[0], "a <b> | \"c\"");
    EXPECT_EQ(row[4], "local");
    EXPECT_EQ(row[5], "50");
    EXPECT_EQ(row[7], "3");
    EXPECT_EQ(row[9], "1.6");
    EXPECT_EQ(row[13], "40");
  }
  EXPECT_EQ(rows, 6U);
}

TEST(RollingReport, JsonHasEverything) {
  const support::Json json = support::parse(to_json(sample()));
  const auto& entries = *json.find("instances")->array()->front().find("entries")->array();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_TRUE(entries[2].find("summary")->is_null());
  const auto& plan = entries[1].find("plans")->array()->at(1);
  EXPECT_EQ(std::get<double>(plan.find("imbalance")->value()), 1.6);
  EXPECT_EQ(plan.find("layers")->array()->size(), 2U);
}

TEST(RollingReport, TablesMarkTheBest) {
  const RollingComparison comparison = sample();
  const support::Table table = rolling_table(comparison.instances.front());
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.rows[1][1].text, "1.6000");
  EXPECT_EQ(table.rows[1][1].tone, support::Tone::best);
  EXPECT_EQ(table.rows[0][1].tone, support::Tone::plain);
  EXPECT_EQ(table.rows[2].size(), table.columns.size());
  const support::Table steps = microstep_table(comparison.instances.front());
  ASSERT_EQ(steps.rows.size(), 3U);
  EXPECT_EQ(steps.rows[2][0].text, "4");
  EXPECT_EQ(steps.rows[2].back().text, "1.3000");
  EXPECT_TRUE(has(to_markdown(comparison), "| **1.6000** |"));
}

}  // namespace
}  // namespace plimsoll::compare
