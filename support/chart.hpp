// Line charts as SVG that stands inside a page of HTML: lines differ by colour, dash and marker, so that they can be
// told apart in grey and by eyes that see colours differently; text takes the page's colour. No scripts, no references
// to anything outside.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "support/ticks.hpp"

namespace plimsoll::support {

enum class Markers {
  sparse,      // a handful along the line
  everywhere,  // at each point
  none,
};

struct Series {
  std::string name;
  std::size_t style = 0;                               // series of the same style look alike in every chart
  bool steps = true;                                   // a value holds until the next point
  std::vector<std::pair<double, double>> points = {};  // x rising; clamped into the axes
  Markers markers = Markers::sparse;
  bool filled = false;     // down to the axis
  bool undashed = false;   // for lines of many small steps, where dashes say nothing
  double thickness = 1.8;  // of the line
};

struct Chart {
  std::string title;  // for those who cannot see it
  Axis x;
  Axis y;
  std::vector<Series> series;
  double width = 450;   // of all, in the units of the text's 12
  double height = 215;  // of the plot alone
};

std::string to_svg(const Chart& chart);

// The sample of a line that stands before its name in a legend: an SVG of its own.
std::string style_sample(std::size_t style);

}  // namespace plimsoll::support
