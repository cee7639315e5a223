// What is written down: complete, well-formed, the same bytes for the same runs, and read back where it can be.
#include "planner/compare/report.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "planner/compare/findings.hpp"
#include "planner/compare/plots.hpp"
#include "planner/compare/tables.hpp"
#include "plimsoll/error.hpp"
#include "support/csv.hpp"
#include "support/table.hpp"
#include "tests/markup.hpp"
#include "tests/planner/compare/sample.hpp"

namespace plimsoll::compare {
namespace {

using test::sample;

// Names that break out of whatever does not guard itself, and every kind of run.
Comparison nasty() {
  Comparison comparison = sample();
  comparison.title = "a <b> & \"c\" 'd' | `e`";
  comparison.command = "plimsoll compare '<i>' --title '&'";
  comparison.instances[0].name = "<script>alert('x')</script>, \"\xe6\x97\xa5\xe6\x9c\xac\" \x01\xff";
  comparison.instances[1].name = std::string(300, 'W');
  comparison.instances[0].reference = Reference{};
  comparison.instances[0].reference->value = 100;
  comparison.instances[0].reference->optimum = true;
  comparison.runs[0] = test::failed("signal 11 ]]> <!-- & -->");
  comparison.runs[3].verified = false;
  comparison.runs[3].violations = {"a | b", "c\nd", "<td>"};
  comparison.runs[4].status = RunStatus::unknown;
  comparison.runs[4].objective.reset();
  comparison.runs[4].reason = "no plan, \"really\"";
  comparison.runs[8].bound = 60;
  return comparison;
}

bool has(const std::vector<std::string>& sentences, const std::string& part) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& one) { return one.find(part) != std::string::npos; });
}

TEST(Report, JsonComesBackToTheSameBytes) {
  Comparison legible = nasty();
  legible.instances[0].name = "<script>";  // JSON holds text only, and so do instances
  for (const Comparison& comparison : {sample(), legible}) {
    const std::string json = to_json(make_report(comparison));
    const Report again = make_report(read_comparison(json));
    EXPECT_EQ(to_json(again), json);
    EXPECT_EQ(to_html(again), to_html(make_report(comparison)));
    EXPECT_EQ(to_csv(again), to_csv(make_report(comparison)));
  }
}

TEST(Report, BrokenJsonIsRefused) {
  const std::string json = to_json(make_report(sample()));
  EXPECT_THROW(read_comparison("{}"), Error);
  std::string other = json;
  other.replace(other.find("\"drift\""), 7, "\"swell\"");
  EXPECT_THROW(read_comparison(other), Error);
}

TEST(Report, CsvHasARowPerRunAndAsManyFieldsAsItsHead) {
  const std::string text = to_csv(make_report(nasty()));
  Comparison legible = nasty();
  legible.instances[0].name = "<script>, \"x\"";
  const std::string csv = to_csv(make_report(legible));
  support::CsvReader reader(csv);
  std::vector<std::string> head;
  ASSERT_TRUE(reader.next(head));
  std::vector<std::string> row;
  std::size_t rows = 0;
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(head.begin(), head.end(), name) - head.begin());
  };
  while (reader.next(row)) {
    ASSERT_EQ(row.size(), head.size());
    if (rows == 0) {
      EXPECT_EQ(row[column("instance")], "<script>, \"x\"");
      EXPECT_EQ(row[column("status")], "failed");
    }
    if (rows == 2) {
      EXPECT_EQ(row[column("method")], "drift");
      EXPECT_EQ(row[column("objective")], "110");
      EXPECT_EQ(row[column("reference")], "100");
      EXPECT_EQ(row[column("gap_to_reference")], "0.1");
    }
    ++rows;
  }
  EXPECT_EQ(rows, 12U);
  EXPECT_FALSE(text.empty());
}

TEST(Report, HtmlIsWellFormedAndNeedsNothingElse) {
  for (const Comparison& comparison : {sample(), nasty()}) {
    const std::string html = to_html(make_report(comparison));
    plimsoll::test::MarkupReader reader(html);
    EXPECT_EQ(reader.fault(), "");
    for (const std::string& name : reader.names()) {
      EXPECT_TRUE(name != "link" && name != "img" && name != "iframe" && name != "use") << name;
    }
    for (const std::string& value : reader.values()) {
      if (value.rfind("http://www.w3.org/", 0) == 0) continue;  // names of the markup, not addresses
      EXPECT_EQ(value.find("//"), std::string::npos) << value;
    }
    EXPECT_EQ(html.find("@import"), std::string::npos);
    EXPECT_EQ(html.find("url("), std::string::npos);
    EXPECT_EQ(html.find("nan"), std::string::npos);
    EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  }
}

TEST(Report, FaultsStandBeforeFindings) {
  const Report report = make_report(nasty());
  ASSERT_EQ(report.faults.size(), 3U);
  const std::string html = to_html(report);
  EXPECT_NE(html.find("3 faults"), std::string::npos);
  EXPECT_LT(html.find("3 faults"), html.find("Best plan"));
  EXPECT_NE(to_text(report).find("3 FAULTS"), std::string::npos);
  EXPECT_NE(to_markdown(report).find("**3 faults:**"), std::string::npos);
  EXPECT_EQ(to_html(make_report(sample())).find("class=\"faults\""), std::string::npos);
}

TEST(Report, MarkdownRowsAreWhole) {
  const std::string markdown = to_markdown(make_report(nasty()));
  // Bars that part cells: the same number in each row of a table.
  std::size_t begin = 0;
  std::size_t bars = 0;
  while (begin < markdown.size()) {
    const std::size_t end = markdown.find('\n', begin);
    const std::string line = markdown.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty() || line.front() != '|') {
      bars = 0;
      continue;
    }
    std::size_t count = 0;
    for (std::size_t k = 0; k < line.size(); ++k) count += line[k] == '|' && (k == 0 || line[k - 1] != '\\') ? 1 : 0;
    EXPECT_TRUE(bars == 0 || bars == count) << line;
    bars = count;
  }
  EXPECT_EQ(markdown.find("<script>"), std::string::npos);
}

TEST(Report, RefusalsAreNamedWithTheirReasonAndAreNoFault) {
  const Report report = make_report(sample());
  EXPECT_TRUE(report.faults.empty());
  EXPECT_NE(to_text(report).find("reef refused: reef takes no beta"), std::string::npos);
  EXPECT_TRUE(has(findings(report), "reef 2 of 4"));
  EXPECT_NE(to_html(report).find("reef takes no beta"), std::string::npos);
}

TEST(Report, FindingsSayWhoWinsAndWhatIsProven) {
  const Report report = make_report(sample());
  const auto found = findings(report);
  EXPECT_EQ(found.front(), "Best plan (ties count): wave 4 (2 alone), drift 2, of 4 runs.");
  EXPECT_TRUE(has(found, "Proven: wave 2, of 4."));
  EXPECT_TRUE(has(found, "better on 1, equal on 1, worse on 0"));
  EXPECT_TRUE(has(found, "on the 1 instance that no method refused: wave 0 %"));
}

TEST(Report, ReservationsSayWhatDisturbs) {
  Comparison comparison = sample();
  EXPECT_FALSE(has(reservations(make_report(comparison)), "processor"));
  comparison.runs[2].cpu_seconds = 5;
  comparison.runs[3].jobs = 2;
  comparison.runs[4].machine = "another";
  comparison.references = "known.csv";
  const auto found = reservations(make_report(comparison));
  EXPECT_TRUE(has(found, "1 run waited for the processor"));
  EXPECT_TRUE(has(found, "Up to 2 runs"));
  EXPECT_TRUE(has(found, "2 machines"));
  EXPECT_TRUE(has(found, "known.csv says nothing about 2 of 2"));
}

// Everything proven, everything refused, one of each, no plan at all: nothing divides by zero, nothing is drawn wrong.
TEST(Report, SparseComparisons) {
  std::vector<Comparison> list(6, sample());
  for (compare::Run& run : list[0].runs) run = test::planned(RunStatus::optimal, 0, 0, 0);
  for (compare::Run& run : list[1].runs) run = test::refused("no");
  for (compare::Run& run : list[2].runs) run = test::failed("no");
  for (compare::Run& run : list[3].runs) {
    run = test::refused("");
    run.status = RunStatus::infeasible;
  }
  list[4].methods = {"wave"};
  list[4].seeds = {1};
  list[4].instances.resize(1);
  list[4].runs = {test::planned(RunStatus::feasible, 1e-300, -1e300, 1e-9)};
  for (compare::Run& run : list[5].runs) run = test::planned(RunStatus::optimal, -5, -5, 3);
  for (const Comparison& comparison : list) {
    const Report report = make_report(comparison);
    EXPECT_EQ(plimsoll::test::markup_fault(to_html(report)), "");
    for (const std::string& text : {to_html(report), to_text(report), to_markdown(report), to_csv(report)}) {
      EXPECT_EQ(text.find("nan"), std::string::npos);
      EXPECT_EQ(text.find("inf,"), std::string::npos);
    }
    EXPECT_EQ(to_json(make_report(read_comparison(to_json(report)))), to_json(report));
  }
  EXPECT_TRUE(has(findings(make_report(list[0])), "Every run was proven"));
  EXPECT_TRUE(has(findings(make_report(list[0])), "equally good plans everywhere"));
  EXPECT_TRUE(has(findings(make_report(list[1])), "No method has a confirmed plan"));
}

TEST(Report, NoMeanIsBestAmongMethodsThatRefusedDifferentInstances) {
  const Report report = make_report(sample());
  const auto best = [](const Table& table, const std::string& name) {
    for (std::size_t k = 0; k < table.columns.size(); ++k) {
      if (table.columns[k].name != name) continue;
      return std::any_of(table.rows.begin(), table.rows.end(),
                         [&](const auto& row) { return row[k].tone == support::Tone::best; });
    }
    ADD_FAILURE() << "no column " << name;
    return false;
  };
  EXPECT_FALSE(best(summary_table(report, report.summary), "best bound %"));
  EXPECT_FALSE(best(summary_table(report, report.summary), "time s"));
  EXPECT_TRUE(best(summary_table(report, report.summary), "wins"));
  EXPECT_TRUE(best(summary_table(report, report.summary_of_common), "best bound %"));
}

TEST(Report, FiguresAboutProofsOnlyWhereThereAreAny) {
  EXPECT_EQ(figures(make_report(sample())).size(), 4U);
  Comparison open = sample();
  open.runs[0].status = open.runs[1].status = RunStatus::feasible;
  EXPECT_EQ(figures(make_report(open)).size(), 2U);
}

TEST(Report, ALineThatLacksRunsSaysHowMany) {
  const auto list = figures(make_report(sample()));
  ASSERT_EQ(list[0].chart.series.size(), 3U);
  EXPECT_EQ(list[0].chart.series[0].name, "wave");
  EXPECT_EQ(list[0].chart.series[2].name, "reef (2/4)");
  EXPECT_EQ(list[0].chart.series[2].style, 2U);
}

TEST(Report, ManyMethodsStillMakeAPage) {
  Comparison comparison = sample();
  comparison.methods.clear();
  comparison.runs.clear();
  for (int k = 0; k < 12; ++k) comparison.methods.push_back("method-" + std::to_string(k));
  for (int k = 0; k < 48; ++k) comparison.runs.push_back(test::planned(RunStatus::feasible, 100 + k, 90, 10));
  const Report report = make_report(comparison);
  EXPECT_EQ(plimsoll::test::markup_fault(to_html(report)), "");
  EXPECT_EQ(overview_table(report).columns.size(), 13U);
  EXPECT_EQ(duel_table(report).rows.size(), 12U);
}

}  // namespace
}  // namespace plimsoll::compare
