#include "support/timeline.hpp"

#include <algorithm>
#include <cmath>

#include "support/markup.hpp"
#include "support/raster.hpp"
#include "support/shades.hpp"
#include "support/svg.hpp"

namespace plimsoll::support {
namespace {

constexpr double width = 900;
constexpr double right = 10;
constexpr double top = 6;
constexpr double span_height = 16;
constexpr double font_size = 11;
constexpr std::size_t bins = 600;
constexpr std::size_t busy_shades = 6;
constexpr std::string_view bar_colour = "#5b9bc8";
constexpr std::string_view faint_colour = "#c9d2da";
constexpr std::string_view marked_colour = "#b3201e";

std::string filled(std::string_view colour) { return " fill=\"" + std::string(colour) + "\""; }

class Drawing {
 public:
  Drawing(const Timeline& timeline, bool binned) : timeline_(timeline), binned_(binned), axis_(widened(timeline.axis)) {
    std::size_t longest = characters(timeline.span_name);
    for (const std::string& row : timeline.rows) longest = std::max(longest, characters(row));
    left_ = 16 + 5.9 * static_cast<double>(std::min<std::size_t>(longest, 26));
    const double rows = static_cast<double>(std::max<std::size_t>(1, timeline.rows.size()));
    row_height_ = binned ? std::clamp(420 / rows, 3.2, 15.0) : std::clamp(480 / rows, 9.0, 17.0);
    rows_top_ = top + (timeline.spans.empty() ? 0 : span_height + 6);
    bottom_ = rows_top_ + row_height_ * rows;
  }

  std::string text() {
    Svg svg(width, bottom_ + 62, timeline_.title, font_size);
    for (const double value : ticks(axis_, 12)) {
      svg.grid("M" + pixels(x_of(value)) + " " + pixels(rows_top_) + "V" + pixels(bottom_));
      svg.text(x_of(value), bottom_ + 14, x_of(value) > width - right - 14 ? "end" : "middle",
               tick_label(axis_.unit, value));
    }
    svg.text((left_ + width - right) / 2, bottom_ + 29, "middle", axis_.label);
    draw_names(svg);
    if (binned_) {
      draw_bins(svg);
    } else {
      draw_bars(svg);
    }
    draw_spans(svg);
    svg.rect(left_, rows_top_, width - right - left_, bottom_ - rows_top_,
             " fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.7\"");
    draw_legend(svg);
    return svg.take();
  }

 private:
  [[nodiscard]] double x_of(double value) const { return left_ + position(axis_, value) * (width - right - left_); }
  [[nodiscard]] double y_of(std::size_t row) const { return rows_top_ + row_height_ * static_cast<double>(row); }
  [[nodiscard]] bool visible(double begin, double end) const { return end >= axis_.low && begin <= axis_.high; }

  void draw_names(Svg& svg) {
    if (!timeline_.spans.empty()) svg.text(left_ - 6, top + 12, "end", shortened(timeline_.span_name, 26));
    const auto stride = static_cast<std::size_t>(std::ceil(10.5 / row_height_));
    std::string lines;
    for (std::size_t row = 0; row < timeline_.rows.size(); ++row) {
      if (row > 0 && !binned_) lines += "M" + pixels(left_) + " " + pixels(y_of(row)) + "H" + pixels(width - right);
      if (row % stride != 0) continue;
      svg.text(left_ - 6, y_of(row) + row_height_ / 2 + 3.8, "end", shortened(timeline_.rows[row], 26));
    }
    if (!lines.empty()) svg.grid(lines);
  }

  void draw_spans(Svg& svg) {
    std::string edges;
    std::string marks;
    for (const TimelineSpan& span : timeline_.spans) {
      if (!visible(span.begin, span.end)) continue;
      const double begin = x_of(span.begin);
      const double end = x_of(span.end);
      if (span.marked) {
        // A moment of waiting has to be seen in a long step, too.
        const double wide = std::max(end - begin, binned_ ? 0.8 : 0.5);
        marks += "M" + pixels(begin) + " " + pixels(top) + "h" + pixels(wide) + "v" + pixels(span_height) + "h" +
                 pixels(-wide) + "z";
        if (!binned_)
          marks += "M" + pixels(begin) + " " + pixels(rows_top_) + "h" + pixels(wide) + "V" + pixels(bottom_) + "h" +
                   pixels(-wide) + "z";
      } else {
        edges += "M" + pixels(begin) + " " + pixels(top) + "H" + pixels(end) + "v" + pixels(span_height) + "H" +
                 pixels(begin) + "z";
      }
      if (!span.label.empty() && end - begin > 6.2 * static_cast<double>(characters(span.label))) {
        svg.text((begin + end) / 2, top + 12, "middle", span.label, span.marked ? " font-weight=\"600\"" : "");
      }
    }
    if (!edges.empty()) svg.path(edges, " fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.7\"");
    if (!marks.empty()) {
      svg.path(marks, filled(marked_colour) + (binned_ ? "" : " fill-opacity=\"0.22\""));
    }
  }

  void draw_bars(Svg& svg) {
    const double gap = std::min(1.5, row_height_ * 0.12);
    std::string texts;
    for (const bool faint : {true, false}) {
      for (const TimelineBar& bar : timeline_.bars) {
        if (bar.faint != faint || !visible(bar.begin, bar.end)) continue;
        const double begin = x_of(bar.begin);
        const double end = std::max(x_of(bar.end), begin + 0.4);
        const double split = std::clamp(x_of(std::min(bar.marked_from, bar.end)), begin, end);
        const double y = y_of(bar.row) + gap;
        const double high = row_height_ - 2 * gap;
        const std::string edge = " stroke=\"#fff\" stroke-width=\"0.4\"";
        if (split > begin) {
          svg.rect(begin, y, split - begin, high, filled(faint ? faint_colour : bar_colour) + edge);
        }
        if (split < end && bar.marked_from < bar.end) {
          svg.rect(split, y, end - split, high, filled(marked_colour) + edge);
        }
        for (const std::string* label : {&bar.label, &bar.brief}) {
          if (label->empty() || high < 8.5 || end - begin < 4 + 5.4 * static_cast<double>(characters(*label))) continue;
          const bool on_dark = (split - begin) * 2 < end - begin;
          svg.text((begin + end) / 2, y + high / 2 + 3.4, "middle", *label,
                   " font-size=\"9.5\" fill=\"" + std::string(on_dark ? "#fff" : "#10202c") + "\"");
          break;
        }
      }
    }
  }

  void draw_bins(Svg& svg) {
    const std::size_t rows = timeline_.rows.size();
    if (rows == 0) return;
    Matrix<double> busy(rows, bins, 0.0);
    Matrix<double> marked(rows, bins, 0.0);
    Matrix<double> faint(rows, bins, 0.0);
    const double each = (axis_.high - axis_.low) / static_cast<double>(bins);
    const auto add = [&](Matrix<double>& into, std::size_t row, double begin, double end, double weight) {
      begin = std::max(begin, axis_.low);
      end = std::min(end, axis_.high);
      if (!(end > begin)) return;
      const auto first = std::min(bins - 1, static_cast<std::size_t>((begin - axis_.low) / each));
      for (std::size_t bin = first; bin < bins; ++bin) {
        const double from = axis_.low + each * static_cast<double>(bin);
        if (from >= end) break;
        into.at(row, bin) += weight * std::max(0.0, std::min(end, from + each) - std::max(begin, from)) / each;
      }
    };
    for (const TimelineBar& bar : timeline_.bars) {
      add(bar.faint ? faint : busy, bar.row, bar.begin, bar.end, bar.weight);
      if (!bar.faint && bar.marked_from < bar.end)
        add(marked, bar.row, std::max(bar.begin, bar.marked_from), bar.end, 1);
    }
    auto colours = shades(Ramp::ocean, busy_shades);
    colours.emplace_back(marked_colour);
    colours.emplace_back(faint_colour);
    Matrix<int> cells(rows, bins, 0);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        const double share = std::min(1.0, busy.at(row, bin));
        // Anything at all is more than nothing.
        const double level = share > 0 ? std::max(1.0, std::round(share * (busy_shades - 1))) : 0;
        int& cell = cells.at(row, bin);
        cell = marked.at(row, bin) > 0 ? static_cast<int>(busy_shades) : static_cast<int>(level);
        if (cell == 0 && faint.at(row, bin) > 0.02) cell = static_cast<int>(busy_shades) + 1;
      }
    }
    svg.raw(raster(cells, colours, {left_, rows_top_, width - right - left_, bottom_ - rows_top_}));
  }

  void draw_legend(Svg& svg) {
    double x = left_;
    const double y = bottom_ + 42;
    const auto item = [&](std::string_view colour, const std::string& name) {
      if (name.empty()) return;
      svg.rect(x, y, 20, 11, filled(colour) + " stroke=\"currentColor\" stroke-width=\"0.4\"");
      svg.text(x + 26, y + 9.5, "start", name);
      x += 46 + 6.1 * static_cast<double>(characters(name));
    };
    if (binned_) {
      const auto colours = shades(Ramp::ocean, busy_shades);
      for (std::size_t k = 0; k < colours.size(); ++k) {
        svg.rect(x + 22 * static_cast<double>(k), y, 22, 11,
                 filled(colours[k]) + " stroke=\"currentColor\" stroke-width=\"0.4\"");
      }
      x += 22 * static_cast<double>(colours.size());
      svg.text(x + 6, y + 9.5, "start", timeline_.bar_name + ", 0 to 100 % of the time");
      x += 30 + 6.1 * static_cast<double>(characters(timeline_.bar_name) + 23);
    } else {
      item(bar_colour, timeline_.bar_name);
    }
    item(faint_colour, timeline_.faint_name);
    item(marked_colour, timeline_.marked_name);
  }

  const Timeline& timeline_;
  bool binned_;
  Axis axis_;
  double left_ = 0;
  double row_height_ = 0;
  double rows_top_ = 0;
  double bottom_ = 0;
};

}  // namespace

std::string to_svg(const Timeline& timeline) { return Drawing(timeline, false).text(); }

std::string to_binned_svg(const Timeline& timeline) { return Drawing(timeline, true).text(); }

}  // namespace plimsoll::support
