// What happens when, on rows of their own: the bars of links, and above them the windows that wait for them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "support/ticks.hpp"

namespace plimsoll::support {

struct TimelineBar {
  std::size_t row = 0;
  double begin = 0;
  double end = 0;
  double marked_from = 0;  // what lies behind is marked; `end` or later: nothing is
  std::string label = {};  // inside, where there is room, else
  std::string brief = {};  // this, where there is room
  bool faint = false;      // something that is there, too
  double weight = 1;       // below 1 in a row that stands for several
};

// A strip above the rows.
struct TimelineSpan {
  double begin = 0;
  double end = 0;
  bool marked = false;  // a time of waiting
  std::string label = {};
};

struct Timeline {
  std::string title;  // for those who cannot see it
  Axis axis;
  std::vector<std::string> rows;  // names
  std::vector<TimelineSpan> spans = {};
  std::vector<TimelineBar> bars = {};
  std::string span_name = {};  // of what the spans are: "windows"
  // For the legend; empty: not in it.
  std::string bar_name = {};
  std::string marked_name = {};
  std::string faint_name = {};
};

// Every bar as it is.
std::string to_svg(const Timeline& timeline);

// For tens of thousands of bars: how much of each bin of time a row is busy, by shades; bins with faint bars alone are
// faint, those with anything marked, and the marked spans, stand out. Labels and names of bars are left out.
std::string to_binned_svg(const Timeline& timeline);

}  // namespace plimsoll::support
