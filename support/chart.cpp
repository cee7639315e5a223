#include "support/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "support/markup.hpp"
#include "support/svg.hpp"

namespace plimsoll::support {
namespace {

constexpr double left = 70;
constexpr double right_margin = 14;
constexpr double top = 10;
constexpr double legend_below = 48;  // the plot
constexpr double legend_row = 18;
constexpr std::size_t longest_name = 30;

// Okabe and Ito (2008), chosen to be told apart by colour-blind eyes, without the yellow that vanishes on white.
constexpr std::array<std::string_view, 8> colours = {"#0072b2", "#d55e00", "#009e73",      "#cc79a7",
                                                     "#e69f00", "#56b4e9", "currentColor", "#8c8c8c"};
constexpr std::array<std::string_view, 5> dashes = {"", "7 3", "2 3", "10 3 2 3", "5 2 1 2 1 2"};
// Of numbers that share no divisor, so that 280 styles differ: 8 colours, 5 dashes, 7 markers.
constexpr std::size_t marker_kinds = 7;

struct Pixel {
  double x;
  double y;
};

std::string path_of(std::initializer_list<Pixel> corners) {
  std::string path;
  for (const Pixel& corner : corners) path += (path.empty() ? "M" : "L") + pixels(corner.x) + " " + pixels(corner.y);
  return path + "Z";
}

std::string marker(std::size_t style, Pixel at) {
  const double r = 3.6;
  const std::string colour(colours[style % colours.size()]);
  const std::string filled = " fill=\"" + colour + "\"/>";
  const auto shape = [&](std::initializer_list<Pixel> corners) {
    return "<path d=\"" + path_of(corners) + "\"" + filled;
  };
  switch (style % marker_kinds) {
    case 0:
      return "<circle cx=\"" + pixels(at.x) + "\" cy=\"" + pixels(at.y) + "\" r=\"" + pixels(r * 0.9) + "\"" + filled;
    case 1:
      return "<rect x=\"" + pixels(at.x - 3) + "\" y=\"" + pixels(at.y - 3) + "\" width=\"6\" height=\"6\"" + filled;
    case 2:
      return shape({{at.x, at.y - r * 1.1}, {at.x + r, at.y + r * 0.8}, {at.x - r, at.y + r * 0.8}});
    case 3:
      return shape({{at.x, at.y - r * 1.2}, {at.x + r, at.y}, {at.x, at.y + r * 1.2}, {at.x - r, at.y}});
    case 4:
      return shape({{at.x, at.y + r * 1.1}, {at.x + r, at.y - r * 0.8}, {at.x - r, at.y - r * 0.8}});
    case 5:
      return "<path d=\"M" + pixels(at.x - r) + " " + pixels(at.y - r) + "l" + pixels(2 * r) + " " + pixels(2 * r) +
             "m0 " + pixels(-2 * r) + "l" + pixels(-2 * r) + " " + pixels(2 * r) + "\" fill=\"none\" stroke=\"" +
             colour + "\" stroke-width=\"1.8\"/>";
    default:
      return "<path d=\"M" + pixels(at.x - r) + " " + pixels(at.y) + "h" + pixels(2 * r) + "m" + pixels(-r) + " " +
             pixels(-r) + "v" + pixels(2 * r) + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"2\"/>";
  }
}

std::string stroke(std::size_t style, double thickness = 1.8, bool undashed = false) {
  const std::string_view dash = undashed ? "" : dashes[style % dashes.size()];
  return " fill=\"none\" stroke=\"" + std::string(colours[style % colours.size()]) + "\" stroke-width=\"" +
         pixels(thickness) + "\"" + (dash.empty() ? "" : " stroke-dasharray=\"" + std::string(dash) + "\"");
}

std::string filling(const Series& series) {
  return " fill=\"" + std::string(colours[series.style % colours.size()]) + "\" fill-opacity=\"0.25\"";
}

class Drawing {
 public:
  explicit Drawing(const Chart& chart)
      : chart_(chart),
        x_(widened(chart.x)),
        y_(widened(chart.y)),
        right_(chart.width - right_margin),
        bottom_(top + chart.height) {}

  std::string text() {
    layout_legend();
    Svg svg(chart_.width, height_, chart_.title);
    draw_x_axis(svg);
    draw_y_axis(svg);
    svg.path("M" + pixels(left) + " " + pixels(top) + "V" + pixels(bottom_) + "H" + pixels(right_),
             " fill=\"none\" stroke=\"currentColor\"");
    // The first series lies on top.
    for (auto series = chart_.series.rbegin(); series != chart_.series.rend(); ++series) draw(svg, *series);
    svg.raw(legend_);
    return svg.take();
  }

 private:
  [[nodiscard]] double x_of(double value) const { return left + position(x_, value) * (right_ - left); }
  [[nodiscard]] double y_of(double value) const { return bottom_ - position(y_, value) * chart_.height; }

  void draw_x_axis(Svg& svg) {
    for (const double value : ticks(x_, chart_.width > 600 ? 16 : 6)) {
      const double x = x_of(value);
      svg.grid("M" + pixels(x) + " " + pixels(top) + "V" + pixels(bottom_));
      const bool at_low = !x_.at_low.empty() && value <= x_.low * (1 + 1e-9);
      svg.text(x, bottom_ + 16, x > right_ - 12 ? "end" : "middle", at_low ? x_.at_low : tick_label(x_.unit, value));
    }
    svg.text((left + right_) / 2, bottom_ + 34, "middle", x_.label);
  }

  void draw_y_axis(Svg& svg) {
    for (const double value : ticks(y_, chart_.height > 150 ? 6 : 4)) {
      const double y = y_of(value);
      svg.grid("M" + pixels(left) + " " + pixels(y) + "H" + pixels(right_));
      const bool at_low = !y_.at_low.empty() && value <= y_.low * (1 + 1e-9);
      svg.text(left - 6, y + 4, "end", at_low ? y_.at_low : tick_label(y_.unit, value));
    }
    svg.upward_text(12, (top + bottom_) / 2, y_.label);
  }

  void draw(Svg& svg, const Series& series) {
    if (series.points.empty()) return;
    std::string path;
    Pixel last{};
    for (const auto& [x, y] : series.points) {
      const Pixel at{x_of(x), y_of(y)};
      if (path.empty()) {
        path = "M" + pixels(at.x) + " " + pixels(at.y);
      } else if (series.steps) {
        if (at.x != last.x) path += "H" + pixels(at.x);
        if (at.y != last.y) path += "V" + pixels(at.y);
      } else {
        path += "L" + pixels(at.x) + " " + pixels(at.y);
      }
      last = at;
    }
    if (series.filled) {
      svg.path(path + "V" + pixels(bottom_) + "H" + pixels(x_of(series.points.front().first)) + "Z", filling(series));
    }
    svg.path(path, stroke(series.style, series.thickness, series.undashed) + " stroke-linejoin=\"round\"");
    draw_markers(svg, series);
  }

  // A handful of markers along the line, each style at places of its own, so that lines that coincide still show all
  // of their markers; a short line has one at its end.
  void draw_markers(Svg& svg, const Series& series) {
    if (series.markers == Markers::none) return;
    if (series.markers == Markers::everywhere) {
      for (const auto& [x, y] : series.points) svg.raw(marker(series.style, {x_of(x), y_of(y)}) + "\n");
      return;
    }
    const double first = x_of(series.points.front().first);
    const double last = x_of(series.points.back().first);
    const double apart = (right_ - left) / 5;
    bool any = false;
    for (double x = left + apart * (0.15 + 0.1 * static_cast<double>((series.style * 3) % 10)); x <= last; x += apart) {
      if (x < first) continue;
      svg.raw(marker(series.style, {x, height_at(series, x)}) + "\n");
      any = true;
    }
    if (!any) svg.raw(marker(series.style, {last, y_of(series.points.back().second)}) + "\n");
  }

  [[nodiscard]] double height_at(const Series& series, double x) const {
    std::size_t k = 0;
    while (k + 1 < series.points.size() && x_of(series.points[k + 1].first) <= x) ++k;
    const double y = y_of(series.points[k].second);
    if (series.steps || k + 1 == series.points.size()) return y;
    const double from = x_of(series.points[k].first);
    const double to = x_of(series.points[k + 1].first);
    return y + (y_of(series.points[k + 1].second) - y) * (x - from) / std::max(1e-9, to - from);
  }

  void layout_legend() {
    double x = left;
    double y = bottom_ + legend_below + 8;
    for (const Series& series : chart_.series) {
      const std::string name = shortened(series.name, longest_name);
      const double needed = 40 + 6.6 * static_cast<double>(characters(name));
      if (x > left && x + needed > chart_.width) {
        x = left;
        y += legend_row;
      }
      if (series.filled) {
        legend_ += "<path d=\"M" + pixels(x) + " " + pixels(y - 4) + "h26v6h-26z\"" + filling(series) + "/>";
      }
      legend_ += "<path d=\"M" + pixels(x) + " " + pixels(y - 4) + "h26\"" +
                 stroke(series.style, series.thickness, series.undashed) + "/>";
      if (series.markers != Markers::none) legend_ += marker(series.style, {x + 13, y - 4});
      legend_ += "<text x=\"" + pixels(x + 31) + "\" y=\"" + pixels(y) + "\">" + escaped(name) + "</text>\n";
      x += needed + 8;
    }
    height_ = chart_.series.empty() ? bottom_ + legend_below : y + 8;
  }

  const Chart& chart_;
  Axis x_;
  Axis y_;
  double right_;
  double bottom_;
  std::string legend_;
  double height_ = 0;
};

}  // namespace

std::string to_svg(const Chart& chart) { return Drawing(chart).text(); }

std::string style_sample(std::size_t style) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sample\" viewBox=\"0 0 28 12\" width=\"28\" height=\"12\" "
         "aria-hidden=\"true\"><path d=\"M1 6h26\"" +
         stroke(style) + "/>" + marker(style, {14, 6}) + "</svg>";
}

}  // namespace plimsoll::support
