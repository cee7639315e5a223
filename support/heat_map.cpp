#include "support/heat_map.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "support/raster.hpp"
#include "support/shades.hpp"
#include "support/svg.hpp"
#include "support/ticks.hpp"

namespace plimsoll::support {
namespace {

constexpr double width = 900;
constexpr double left = 44;
constexpr double right = 8;
constexpr double between = 34;      // panels beside each other
constexpr double name_height = 18;  // above a panel
constexpr double axis_height = 34;  // below a panel
constexpr double legend_height = 44;
constexpr double font_size = 11;
constexpr std::size_t most_rows = 128;
constexpr std::size_t most_columns = 800;
constexpr std::size_t most_columns_beside = 400;

std::size_t column_limit(const HeatMap& map) { return map.side_by_side ? most_columns_beside : most_columns; }

class Drawing {
 public:
  explicit Drawing(const HeatMap& map)
      : map_(map),
        most_(std::max(map.most, largest_amount(map))),
        scale_(shade_scale(most_)),
        colours_(shades(Ramp::heat, scale_.levels)),
        rows_(map.panels.front().amounts.rows()),
        columns_(map.panels.front().amounts.columns()) {
    const double count = static_cast<double>(map.panels.size());
    panel_width_ = map.side_by_side ? (width - left - right - between * (count - 1)) / count : width - left - right;
    const double wanted = static_cast<double>(std::min(rows_, most_rows)) * (map.side_by_side ? 4 : 2.4);
    panel_height_ = std::clamp(wanted, map.side_by_side ? 120.0 : 70.0, 320.0);
  }

  std::string text() {
    const double part = name_height + panel_height_ + axis_height;
    const double parts = map_.side_by_side ? part : part * static_cast<double>(map_.panels.size());
    Svg svg(width, parts + legend_height, map_.title, font_size);
    for (std::size_t k = 0; k < map_.panels.size(); ++k) {
      const double step = static_cast<double>(k);
      const double x = left + (map_.side_by_side ? step * (panel_width_ + between) : 0);
      const double y = name_height + (map_.side_by_side ? 0 : step * part);
      draw(svg, map_.panels[k], {x, y, panel_width_, panel_height_}, k == 0 || !map_.side_by_side);
    }
    draw_legend(svg, parts + 10);
    return svg.take();
  }

 private:
  void draw(Svg& svg, const HeatPanel& panel, const Box& box, bool row_axis) {
    const Matrix<double> joined = coarsened(panel.amounts, most_rows, column_limit(map_));
    Matrix<int> cells(joined.rows(), joined.columns(), -1);
    for (std::size_t row = 0; row < joined.rows(); ++row) {
      for (std::size_t column = 0; column < joined.columns(); ++column) {
        const double amount = joined.at(row, column);
        if (!std::isnan(amount)) cells.at(row, column) = static_cast<int>(scale_.level(amount));
      }
    }
    svg.text(box.x, box.y - 5, "start", panel.name, " font-weight=\"600\"");
    svg.raw(raster(cells, colours_, box));
    draw_groups(svg, box);
    svg.rect(box.x, box.y, box.width, box.height, " fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.7\"");
    draw_columns(svg, box);
    if (row_axis) draw_rows(svg, box);
  }

  void draw_groups(Svg& svg, const Box& box) {
    std::string lines;
    const double row_height = box.height / static_cast<double>(rows_);
    const double column_width = box.width / static_cast<double>(columns_);
    const auto groups = [](std::size_t count, std::size_t size) { return size == 0 ? 0 : (count - 1) / size; };
    if (groups(rows_, map_.row_group) < 40) {
      for (std::size_t row = map_.row_group; map_.row_group > 0 && row < rows_; row += map_.row_group) {
        lines +=
            "M" + pixels(box.x) + " " + pixels(box.y + row_height * static_cast<double>(row)) + "h" + pixels(box.width);
      }
    }
    if (groups(columns_, map_.column_group) < 100) {
      for (std::size_t column = map_.column_group; map_.column_group > 0 && column < columns_;
           column += map_.column_group) {
        lines += "M" + pixels(box.x + column_width * static_cast<double>(column)) + " " + pixels(box.y) + "v" +
                 pixels(box.height);
      }
    }
    if (!lines.empty()) svg.path(lines, " stroke=\"#6d7780\" stroke-width=\"0.5\" stroke-opacity=\"0.8\"");
  }

  // Numbers stand at the middle of their row or column.
  void draw_columns(Svg& svg, const Box& box) {
    const bool grouped = map_.column_group > 1;
    const std::size_t size = grouped ? map_.column_group : 1;
    const std::size_t count = (columns_ + size - 1) / size;
    const double each = box.width / static_cast<double>(columns_) * static_cast<double>(size);
    for (const std::size_t index : numbers(count, box.width / 34)) {
      const double wide = std::min(each, box.width - each * static_cast<double>(index));
      svg.text(box.x + each * static_cast<double>(index) + wide / 2, box.y + box.height + 13, "middle",
               std::to_string(index));
    }
    svg.text(box.x + box.width / 2, box.y + box.height + 27, "middle", map_.columns);
  }

  void draw_rows(Svg& svg, const Box& box) {
    const double each = box.height / static_cast<double>(rows_);
    for (const std::size_t index : numbers(rows_, box.height / 16)) {
      svg.text(box.x - 5, box.y + each * (static_cast<double>(index) + 0.5) + 3.8, "end", std::to_string(index));
    }
    svg.upward_text(10, box.y + box.height / 2, map_.rows);
  }

  // 0 and every so-manieth.
  [[nodiscard]] static std::vector<std::size_t> numbers(std::size_t count, double room) {
    const auto most = static_cast<std::size_t>(std::max(2.0, room));
    std::size_t stride = 1;
    for (std::size_t factor = 1; (count + stride - 1) / stride > most; factor *= 10) {
      for (const std::size_t part : {1, 2, 4, 5, 8}) {
        stride = part * factor;
        if ((count + stride - 1) / stride <= most) break;
      }
    }
    std::vector<std::size_t> list;
    for (std::size_t index = 0; index < count; index += stride) list.push_back(index);
    return list;
  }

  // Numbers stand at round amounts and at the last shade.
  void draw_legend(Svg& svg, double y) {
    const double each = 330.0 / static_cast<double>(scale_.levels);
    for (std::size_t k = 0; k < scale_.levels; ++k) {
      svg.rect(left + each * static_cast<double>(k), y, each + 0.1, 11,
               " fill=\"" + colours_[k] + "\" shape-rendering=\"crispEdges\"");
    }
    const double bar = each * static_cast<double>(scale_.levels);
    svg.rect(left, y, bar, 11, " fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.6\"");
    const double last = scale_.step * static_cast<double>(scale_.levels - 1);
    const auto put = [&](double amount, const std::string& text) {
      const double x = left + each * (amount / scale_.step + 0.5);
      svg.path("M" + pixels(x) + " " + pixels(y + 11) + "v3", " stroke=\"currentColor\" stroke-width=\"0.7\"");
      svg.text(x, y + 25, "middle", text);
    };
    const double stride = last > 4.5 ? 1 : last > 2.2 ? 0.5 : 0.25;
    for (double amount = 0; amount <= last - 0.6 * stride; amount += stride) {
      put(amount, tick_label(Unit::number, amount));
    }
    const bool clipped = most_ > last + scale_.step / 2;
    put(last, (clipped ? "\xe2\x89\xa5 " : "") + tick_label(Unit::number, last));
    svg.text(left + bar + 14, y + 9, "start", map_.amount);
  }

  const HeatMap& map_;
  double most_;
  ShadeScale scale_;
  std::vector<std::string> colours_;
  std::size_t rows_;
  std::size_t columns_;
  double panel_width_ = 0;
  double panel_height_ = 0;
};

}  // namespace

double largest_amount(const HeatMap& map) {
  double most = 0;
  for (const HeatPanel& panel : map.panels) {
    for (const double amount : panel.amounts.data()) {
      if (amount > most) most = amount;
    }
  }
  return most;
}

std::string to_svg(const HeatMap& map) {
  if (map.panels.empty() || map.panels.front().amounts.empty()) return {};
  return Drawing(map).text();
}

std::pair<std::size_t, std::size_t> joined_cells(const HeatMap& map) {
  if (map.panels.empty()) return {1, 1};
  const auto block = [](std::size_t count, std::size_t most) {
    return std::max<std::size_t>(1, (count + most - 1) / most);
  };
  const Matrix<double>& amounts = map.panels.front().amounts;
  return {block(amounts.rows(), most_rows), block(amounts.columns(), column_limit(map))};
}

}  // namespace plimsoll::support
