#include "support/chart.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "support/markup.hpp"
#include "tests/markup.hpp"

namespace plimsoll::support {
namespace {

using List = std::vector<double>;

TEST(Ticks, Linear) {
  EXPECT_EQ(ticks({"", Unit::number, false, 0, 1}, 5), (List{0, 0.2, 0.2 * 2, 0.2 * 3, 0.8, 1}));
  EXPECT_EQ(ticks({"", Unit::number, false, 0, 40}, 6), (List{0, 10, 20, 30, 40}));
  EXPECT_EQ(ticks({"", Unit::number, false, -3, 3}, 3), (List{-2, 0, 2}));
}

TEST(Ticks, Logarithmic) {
  EXPECT_EQ(ticks({"", Unit::number, true, 0.9, 1100}, 6), (List{1, 10, 100, 1000}));
  EXPECT_EQ(ticks({"", Unit::number, true, 1, 10}, 6), (List{1, 2, 5, 10}));
  EXPECT_EQ(ticks({"", Unit::number, true, 1, 100}, 6), (List{1, 3, 10, 30, 100}));
  EXPECT_EQ(ticks({"", Unit::number, true, 1, 1e12}, 5).size(), 5U);
}

TEST(Ticks, Labels) {
  EXPECT_EQ(tick_label(Unit::percent, 0.001), "0.1 %");
  EXPECT_EQ(tick_label(Unit::seconds, 0.01), "10 ms");
  EXPECT_EQ(tick_label(Unit::seconds, 0.0001), "100 \xc2\xb5s");
  EXPECT_EQ(tick_label(Unit::seconds, 0.1), "0.1 s");
  EXPECT_EQ(tick_label(Unit::seconds, 0), "0 s");
  EXPECT_EQ(tick_label(Unit::number, 1e7), "1e+07");
}

TEST(Ticks, AxesThatWouldDegenerate) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const bool logarithmic : {false, true}) {
    for (const auto& [low, high] : {std::pair{0.0, 0.0},
                                    {1.0, 1.0},
                                    {5.0, -5.0},
                                    {infinity, -infinity},
                                    {std::nan(""), 1.0},
                                    {-1.0, infinity},
                                    {1e-320, 1e-320}}) {
      const Axis axis = widened({"", Unit::number, logarithmic, low, high});
      EXPECT_LT(axis.low, axis.high);
      EXPECT_TRUE(std::isfinite(axis.low) && std::isfinite(axis.high));
      EXPECT_FALSE(ticks(axis, 6).empty()) << low << " " << high << " " << logarithmic;
      EXPECT_EQ(position(axis, axis.low), 0);
      EXPECT_EQ(position(axis, axis.high), 1);
      EXPECT_EQ(position(axis, infinity), 1);
      EXPECT_EQ(position(axis, std::nan("")), 0);
    }
  }
}

TEST(Chart, StepsAreDrawnAsSteps) {
  Chart chart{"t", {"x", Unit::number, false, 0, 10}, {"y", Unit::number, false, 0, 1}, {}};
  chart.series.push_back({"a", 0, true, {{0, 1}, {5, 0}, {10, 0}}});
  const std::string svg = to_svg(chart);
  EXPECT_EQ(test::markup_fault(svg), "");
  // From the upper left to the middle, down, and on to the right.
  EXPECT_NE(svg.find("M70 10H253V225H436"), std::string::npos) << svg;
}

TEST(Chart, AnythingIsWellFormed) {
  Chart chart{"<a & \"b\">", {"x < y", Unit::seconds, true, 0, 0}, {"y", Unit::percent, true, 1e-6, 1}, {}};
  chart.y.at_low = "0";
  EXPECT_EQ(test::markup_fault(to_svg(chart)), "");
  for (std::size_t k = 0; k < 40; ++k) {
    const double far = std::pow(10.0, static_cast<double>(k) - 20);
    chart.series.push_back({"<" + std::string(k * 3, 'm') + "&", k, k % 2 == 0, {{0, far}, {far, 0}, {1e9, -far}}});
  }
  chart.series.push_back({"empty", 41, true, {}});
  const std::string svg = to_svg(chart);
  EXPECT_EQ(test::markup_fault(svg), "");
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

TEST(Chart, StylesDiffer) {
  std::set<std::string> seen;
  for (std::size_t style = 0; style < 280; ++style) {
    EXPECT_EQ(test::markup_fault(style_sample(style)), "");
    EXPECT_TRUE(seen.insert(style_sample(style)).second) << style;
  }
}

TEST(Markup, Escapes) {
  EXPECT_EQ(escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(escaped(std::string_view("x\0\x1b\xff", 4)), "x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(escaped("\xef\xbf\xbe!"), "\xef\xbf\xbd!");
  EXPECT_EQ(escaped("\xc3\xbc\n\t"), "\xc3\xbc\n\t");
}

TEST(Markup, Shortens) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "ab\xe2\x80\xa6");
  EXPECT_EQ(shortened("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 2), "\xc3\xbc\xe2\x80\xa6");
  EXPECT_EQ(characters("\xc3\xbc-"), 2U);
}

}  // namespace
}  // namespace plimsoll::support
