#include "support/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "support/markup.hpp"

namespace plimsoll::support {
namespace {

constexpr double width = 450;
constexpr double left = 70;
constexpr double right = 14;
constexpr double top = 10;
constexpr double plot_height = 215;
constexpr double bottom = top + plot_height;
constexpr double legend_top = bottom + 48;
constexpr double legend_row = 18;
constexpr std::size_t longest_name = 30;

// Okabe and Ito (2008), chosen to be told apart by colour-blind eyes, without the yellow that vanishes on white.
constexpr std::array<std::string_view, 8> colours = {"#0072b2", "#d55e00", "#009e73",      "#cc79a7",
                                                     "#e69f00", "#56b4e9", "currentColor", "#8c8c8c"};
constexpr std::array<std::string_view, 5> dashes = {"", "7 3", "2 3", "10 3 2 3", "5 2 1 2 1 2"};
// Of numbers that share no divisor, so that 280 styles differ: 8 colours, 5 dashes, 7 markers.
constexpr std::size_t marker_kinds = 7;

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.2f", value);
  std::string short_text = text;
  while (short_text.back() == '0') short_text.pop_back();
  if (short_text.back() == '.') short_text.pop_back();
  return short_text == "-0" ? "0" : short_text;
}

struct Pixel {
  double x;
  double y;
};

std::string path_of(std::initializer_list<Pixel> corners) {
  std::string path;
  for (const Pixel& corner : corners) path += (path.empty() ? "M" : "L") + number(corner.x) + " " + number(corner.y);
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
      return "<circle cx=\"" + number(at.x) + "\" cy=\"" + number(at.y) + "\" r=\"" + number(r * 0.9) + "\"" + filled;
    case 1:
      return "<rect x=\"" + number(at.x - 3) + "\" y=\"" + number(at.y - 3) + "\" width=\"6\" height=\"6\"" + filled;
    case 2:
      return shape({{at.x, at.y - r * 1.1}, {at.x + r, at.y + r * 0.8}, {at.x - r, at.y + r * 0.8}});
    case 3:
      return shape({{at.x, at.y - r * 1.2}, {at.x + r, at.y}, {at.x, at.y + r * 1.2}, {at.x - r, at.y}});
    case 4:
      return shape({{at.x, at.y + r * 1.1}, {at.x + r, at.y - r * 0.8}, {at.x - r, at.y - r * 0.8}});
    case 5:
      return "<path d=\"M" + number(at.x - r) + " " + number(at.y - r) + "l" + number(2 * r) + " " + number(2 * r) +
             "m0 " + number(-2 * r) + "l" + number(-2 * r) + " " + number(2 * r) + "\" fill=\"none\" stroke=\"" +
             colour + "\" stroke-width=\"1.8\"/>";
    default:
      return "<path d=\"M" + number(at.x - r) + " " + number(at.y) + "h" + number(2 * r) + "m" + number(-r) + " " +
             number(-r) + "v" + number(2 * r) + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"2\"/>";
  }
}

std::string stroke(std::size_t style) {
  const std::string_view dash = dashes[style % dashes.size()];
  return " fill=\"none\" stroke=\"" + std::string(colours[style % colours.size()]) + "\" stroke-width=\"1.8\"" +
         (dash.empty() ? "" : " stroke-dasharray=\"" + std::string(dash) + "\"");
}

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart), x_(widened(chart.x)), y_(widened(chart.y)) {}

  std::string text() {
    layout_legend();
    out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + " " + number(height_) +
           "\" role=\"img\" font-size=\"12\" fill=\"currentColor\"><title>" + escaped(chart_.title) + "</title>\n";
    draw_x_axis();
    draw_y_axis();
    out_ += "<path d=\"M" + number(left) + " " + number(top) + "V" + number(bottom) + "H" + number(width - right) +
            "\" fill=\"none\" stroke=\"currentColor\"/>\n";
    // The first series lies on top.
    for (auto series = chart_.series.rbegin(); series != chart_.series.rend(); ++series) draw(*series);
    out_ += legend_;
    return out_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double x_of(double value) const { return left + position(x_, value) * (width - left - right); }
  [[nodiscard]] double y_of(double value) const { return bottom - position(y_, value) * plot_height; }

  void put(Pixel at, std::string_view anchor, const std::string& text, const std::string& more = {}) {
    out_ += "<text x=\"" + number(at.x) + "\" y=\"" + number(at.y) + "\" text-anchor=\"" + std::string(anchor) + "\"" +
            more + ">" + escaped(text) + "</text>\n";
  }

  void grid(const std::string& path) {
    out_ += "<path d=\"" + path + "\" stroke=\"currentColor\" stroke-opacity=\"0.13\"/>\n";
  }

  void draw_x_axis() {
    for (const double value : ticks(x_, 6)) {
      const double x = x_of(value);
      grid("M" + number(x) + " " + number(top) + "V" + number(bottom));
      const bool at_low = !x_.at_low.empty() && value <= x_.low * (1 + 1e-9);
      put({x, bottom + 16}, x > width - right - 12 ? "end" : "middle", at_low ? x_.at_low : tick_label(x_.unit, value));
    }
    put({(left + width - right) / 2, bottom + 34}, "middle", x_.label);
  }

  void draw_y_axis() {
    for (const double value : ticks(y_, 6)) {
      const double y = y_of(value);
      grid("M" + number(left) + " " + number(y) + "H" + number(width - right));
      const bool at_low = !y_.at_low.empty() && value <= y_.low * (1 + 1e-9);
      put({left - 6, y + 4}, "end", at_low ? y_.at_low : tick_label(y_.unit, value));
    }
    put({0, 0}, "middle", y_.label, " transform=\"translate(12 " + number((top + bottom) / 2) + ") rotate(-90)\"");
  }

  void draw(const Series& series) {
    if (series.points.empty()) return;
    std::string path;
    Pixel last{};
    for (const auto& [x, y] : series.points) {
      const Pixel at{x_of(x), y_of(y)};
      if (path.empty()) {
        path = "M" + number(at.x) + " " + number(at.y);
      } else if (series.steps) {
        if (at.x != last.x) path += "H" + number(at.x);
        if (at.y != last.y) path += "V" + number(at.y);
      } else {
        path += "L" + number(at.x) + " " + number(at.y);
      }
      last = at;
    }
    out_ += "<path d=\"" + path + "\"" + stroke(series.style) + " stroke-linejoin=\"round\"/>\n";
    draw_markers(series);
  }

  // A handful of markers along the line, each style at places of its own, so that lines that coincide still show all
  // of their markers; a short line has one at its end.
  void draw_markers(const Series& series) {
    const double first = x_of(series.points.front().first);
    const double last = x_of(series.points.back().first);
    constexpr double apart = (width - left - right) / 5;
    bool any = false;
    for (double x = left + apart * (0.15 + 0.1 * static_cast<double>((series.style * 3) % 10)); x <= last; x += apart) {
      if (x < first) continue;
      out_ += marker(series.style, {x, height_at(series, x)}) + "\n";
      any = true;
    }
    if (!any) out_ += marker(series.style, {last, y_of(series.points.back().second)}) + "\n";
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
    double y = legend_top + 8;
    for (const Series& series : chart_.series) {
      const std::string name = shortened(series.name, longest_name);
      const double needed = 40 + 6.6 * static_cast<double>(characters(name));
      if (x > left && x + needed > width) {
        x = left;
        y += legend_row;
      }
      legend_ += "<path d=\"M" + number(x) + " " + number(y - 4) + "h26\"" + stroke(series.style) + "/>" +
                 marker(series.style, {x + 13, y - 4}) + "<text x=\"" + number(x + 31) + "\" y=\"" + number(y) + "\">" +
                 escaped(name) + "</text>\n";
      x += needed + 8;
    }
    height_ = chart_.series.empty() ? legend_top : y + 8;
  }

  const Chart& chart_;
  Axis x_;
  Axis y_;
  std::string out_;
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
