// Pictures: well-formed whatever they are given, and telling the truth where they can be read.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

#include "support/heat_map.hpp"
#include "support/page.hpp"
#include "support/quantity.hpp"
#include "support/raster.hpp"
#include "support/shades.hpp"
#include "support/stack.hpp"
#include "support/timeline.hpp"
#include "tests/markup.hpp"

namespace plimsoll::support {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Shades, FallInLightnessSoThatGreySaysTheSame) {
  for (const Ramp ramp : {Ramp::heat, Ramp::ocean}) {
    for (const std::size_t count : {1U, 2U, 6U, 42U}) {
      const auto list = shades(ramp, count);
      ASSERT_EQ(list.size(), count);
      for (std::size_t k = 1; k < count; ++k) {
        EXPECT_LT(lightness(list[k]), lightness(list[k - 1]) - 0.4) << list[k] << " behind " << list[k - 1];
      }
    }
  }
  EXPECT_NEAR(lightness("#ffffff"), 100, 1e-3);
  EXPECT_NEAR(lightness("#777777"), 50, 0.5);
}

TEST(Shades, OneIsAMultipleOfTheStep) {
  for (const double most : {0.0, 0.7, 1.0, 1.04, 1.5, 2.2, 3.1, 5.0, 8.0, 100.0, infinity}) {
    const ShadeScale scale = shade_scale(most);
    EXPECT_LE(scale.levels, 42U) << most;
    EXPECT_DOUBLE_EQ(std::round(1 / scale.step), 1 / scale.step) << most;
    EXPECT_GE(scale.step * (static_cast<double>(scale.levels) - 0.5), std::min(most, 8.0) - 1e-9) << most;
    EXPECT_EQ(scale.level(1.0 + 0.4 * scale.step), scale.level(1.0 - 0.4 * scale.step)) << most;
    EXPECT_EQ(scale.level(1e9), scale.levels - 1);
    EXPECT_EQ(scale.level(-1), 0U);
    EXPECT_EQ(scale.level(std::nan("")), 0U);
  }
}

TEST(Raster, JoinsNeighboursAndLeavesOutTheCommonest) {
  const Matrix<int> cells(2, 4, {0, 0, 1, 1, 0, 2, 2, 1});
  const std::string svg = raster(cells, {"#a", "#b", "#c"}, {10, 20, 40, 8});
  EXPECT_TRUE(has(svg, "<rect x=\"10\" y=\"20\" width=\"40\" height=\"8\" fill=\"#a\"/>")) << svg;
  // Cell 1: two in row 0 from column 2, one in row 1 at column 3, from where the first run ended (4, 0).
  EXPECT_TRUE(has(svg, "<path d=\"M2 0h2m-1 1h1\" stroke=\"#b\"/>")) << svg;
  EXPECT_TRUE(has(svg, "<path d=\"M1 1h2\" stroke=\"#c\"/>")) << svg;
  EXPECT_TRUE(has(svg, "translate(10.000 22.000) scale(10 4)")) << svg;
}

TEST(Raster, CellsWithoutColourStayEmpty) {
  const std::string svg = raster(Matrix<int>(1, 3, {-1, 0, 0}), {"#a"}, {0, 0, 3, 1});
  EXPECT_FALSE(has(svg, "<rect")) << svg;
  EXPECT_TRUE(has(svg, "M1 0h2")) << svg;
  EXPECT_EQ(raster(Matrix<int>(), {"#a"}, {0, 0, 3, 1}), "");
}

TEST(Raster, CoarseCellsAreTheLargestOfTheirBlock) {
  const double nan = std::nan("");
  const Matrix<double> values(3, 4, {1, 2, 3, nan, 5, 0, nan, nan, 7, 8, 9, 10});
  const Matrix<double> coarse = coarsened(values, 2, 2);
  ASSERT_EQ(coarse.rows(), 2U);
  ASSERT_EQ(coarse.columns(), 2U);
  EXPECT_EQ(coarse.at(0, 0), 5);
  EXPECT_EQ(coarse.at(0, 1), 3);
  EXPECT_EQ(coarse.at(1, 0), 8);
  EXPECT_EQ(coarse.at(1, 1), 10);
  EXPECT_EQ(coarsened(values, 100, 100).data().size(), 12U);
}

TEST(HeatMap, PanelsShareOneScale) {
  HeatMap map{"<t>", "device", "layer", "load"};
  map.panels = {{"before & all", Matrix<double>(2, 2, {1, 3, 1, 1})}, {"after", Matrix<double>(2, 2, 1.0)}};
  map.row_group = 1;
  map.column_group = 1;
  map.most = 5;
  EXPECT_EQ(largest_amount(map), 3);
  for (const bool beside : {false, true}) {
    map.side_by_side = beside;
    const std::string svg = to_svg(map);
    EXPECT_EQ(test::markup_fault(svg), "");
    EXPECT_TRUE(has(svg, "before &amp; all"));
    // The shade of 1 lies below both panels.
    const ShadeScale scale = shade_scale(5);
    const std::string one = shades(Ramp::heat, scale.levels)[scale.level(1)];
    EXPECT_EQ(count_of(svg, "fill=\"" + one + "\"/>"), 2U) << svg;
    EXPECT_TRUE(has(svg, ">5</text>")) << svg;
  }
}

TEST(HeatMap, AnythingIsWellFormed) {
  HeatMap map{"t", "r", "c", "a"};
  EXPECT_EQ(to_svg(map), "");
  map.panels = {{"p", Matrix<double>()}};
  EXPECT_EQ(to_svg(map), "");
  map.panels = {{"p", Matrix<double>(1, 1, std::nan(""))}};
  EXPECT_EQ(test::markup_fault(to_svg(map)), "");
  map.panels = {{"p", Matrix<double>(1000, 5000, infinity)}};
  map.row_group = 8;
  map.column_group = 48;
  const std::string svg = to_svg(map);
  EXPECT_EQ(test::markup_fault(svg), "");
  EXPECT_FALSE(has(svg, "inf"));
  EXPECT_TRUE(has(svg, "\xe2\x89\xa5 8"));
  EXPECT_EQ(joined_cells(map), (std::pair<std::size_t, std::size_t>{8, 7}));
}

TEST(Stack, PartsFollowEachOther) {
  Stack stack{"t", "seconds", Unit::number, {"a", "b", "never"}, {{"bar", {2, 6, 0}, "8"}}, 4.0, "bound"};
  const std::string svg = to_svg(stack);
  EXPECT_EQ(test::markup_fault(svg), "");
  EXPECT_FALSE(has(svg, "never"));
  const std::regex rectangle("<rect x=\"([0-9.]+)\" y=\"([0-9.]+)\" width=\"([0-9.]+)\"");
  auto found = std::sregex_iterator(svg.begin(), svg.end(), rectangle);
  const double first_x = std::stod((*found)[1]);
  const double first_width = std::stod((*found)[3]);
  ++found;
  EXPECT_NEAR(std::stod((*found)[1]), first_x + first_width, 0.02);
  EXPECT_NEAR(std::stod((*found)[3]), 3 * first_width, 0.05);
  // The line stands in the middle of the bar.
  EXPECT_TRUE(has(svg, "M" + std::regex_replace(std::to_string(first_x + 2 * first_width), std::regex("\\..*"), "")));
}

Timeline sample() {
  Timeline timeline;
  timeline.title = "<t>";
  timeline.axis = {"time", Unit::seconds, false, 0, 10};
  timeline.rows = {"a", "b & c"};
  timeline.spans = {{0, 4, false, "w"}, {4, 6, true}};
  timeline.bars = {{0, 0, 4, 9}, {0, 4, 6, 5}, {1, 3, 9, 99, "long"}};
  timeline.span_name = "windows";
  timeline.bar_name = "hidden";
  timeline.marked_name = "waits";
  return timeline;
}

TEST(Timeline, BarsAreSplitWhereTheyAreMarked) {
  const std::string svg = to_svg(sample());
  EXPECT_EQ(test::markup_fault(svg), "");
  EXPECT_EQ(count_of(svg, "fill=\"#b3201e\" stroke=\"#fff\""), 1U) << svg;
  EXPECT_EQ(count_of(svg, "fill=\"#5b9bc8\" stroke=\"#fff\""), 3U) << svg;
  EXPECT_TRUE(has(svg, ">long</text>"));
}

TEST(Timeline, BinsSayHowBusyARowIs) {
  const std::string svg = to_binned_svg(sample());
  EXPECT_EQ(test::markup_fault(svg), "");
  // 600 bins over 10 seconds: row 0 is marked from 5 to 6.
  EXPECT_TRUE(has(svg, "<path d=\"M300 0h60\" stroke=\"#b3201e\"/>")) << svg;
  // What most bins have is the ground, the rest is drawn on it.
  const std::vector<std::string> colours = shades(Ramp::ocean, 6);
  EXPECT_TRUE(has(svg, "height=\"30\" fill=\"" + colours.back() + "\"/>")) << svg;
  EXPECT_TRUE(has(svg, "<path d=\"M360 0h240m-600 1h180m360 0h60\" stroke=\"" + colours.front() + "\"/>")) << svg;
}

TEST(Timeline, AnythingIsWellFormed) {
  Timeline timeline;
  EXPECT_EQ(test::markup_fault(to_svg(timeline)), "");
  EXPECT_EQ(test::markup_fault(to_binned_svg(timeline)), "");
  timeline = sample();
  timeline.axis = {"time", Unit::seconds, false, 0, 0};
  timeline.bars.push_back({1, -infinity, infinity, std::nan("")});
  for (const std::string& svg : {to_svg(timeline), to_binned_svg(timeline)}) {
    EXPECT_EQ(test::markup_fault(svg), "");
    EXPECT_FALSE(has(svg, "nan"));
    EXPECT_FALSE(has(svg, "inf"));
  }
}

TEST(Page, IsWellFormedAndLeavesNothingOut) {
  Page page{"maker <m>", "title & more", {{"name", "<value>"}, {"command", "a --b", true}}, ""};
  std::vector<std::string> sentences;
  for (int k = 0; k < 20; ++k) sentences.push_back("sentence " + std::to_string(k) + " <x>");
  page.body = faults_of(sentences) + tiles_of({{"n <1>", 0.1, "0.10 s", "m & more"}}) + list_of(sentences);
  page.body += figure_of("<svg></svg>", "<caption>", true);
  const std::string html = to_html(page);
  EXPECT_EQ(test::markup_fault(html), "");
  EXPECT_TRUE(has(html, "20 faults"));
  EXPECT_TRUE(has(html, "8 more"));
  EXPECT_TRUE(has(html, "<data value=\"0.1\">0.10 s</data>"));
  EXPECT_EQ(faults_of({}), "");
}

TEST(Quantity, HasFourDigitsAndAUnitThatFits) {
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(0.99999e-3), "1 ms");
  EXPECT_EQ(duration_text(1.23456e-5), "12.35 \xc2\xb5s");
  EXPECT_EQ(duration_text(0.0123456), "12.35 ms");
  EXPECT_EQ(duration_text(196.6667), "196.7 s");
  EXPECT_EQ(bytes_text(9.4e6), "9.4 MB");
  EXPECT_EQ(bytes_text(999.99), "1 kB");
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(share_text(0.0123), "1.23 %");
  EXPECT_EQ(share_text(0.5), "50.0 %");
  EXPECT_EQ(share_text(0.00012), "0.012 %");
  EXPECT_EQ(factor_text(1.0344), "1.034");
  EXPECT_EQ(count_text(1, "layer"), "1 layer");
  EXPECT_EQ(count_text(0, "layer"), "0 layers");
}

}  // namespace
}  // namespace plimsoll::support
