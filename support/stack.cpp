#include "support/stack.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "support/markup.hpp"
#include "support/svg.hpp"

namespace plimsoll::support {
namespace {

constexpr double width = 900;
constexpr double right = 90;
constexpr double bar_height = 26;
constexpr double bar_gap = 12;
constexpr double top = 18;
constexpr double font_size = 11;

// Dark and light in turns, so that parts stay apart in grey.
constexpr std::array<std::string_view, 6> colours = {"#1f5f8b", "#f2b447", "#6b4a8e", "#ccd3d9", "#a11d1d", "#8fb996"};

std::string filling(std::size_t part) {
  return " fill=\"" + std::string(colours[part % colours.size()]) + "\" stroke=\"#fff\" stroke-width=\"0.8\"";
}

}  // namespace

std::string to_svg(const Stack& stack) {
  double most = stack.line.value_or(0);
  std::size_t longest = 0;
  for (const StackBar& bar : stack.bars) {
    double sum = 0;
    for (const double part : bar.parts) sum += std::max(0.0, part);
    most = std::max(most, sum);
    longest = std::max(longest, characters(bar.name));
  }
  const Axis axis = widened({stack.axis, stack.unit, false, 0, most});
  const double left = 14 + 6.2 * static_cast<double>(std::min<std::size_t>(longest, 30));
  const double bottom = top + static_cast<double>(stack.bars.size()) * (bar_height + bar_gap);
  const auto x_of = [&](double value) { return left + position(axis, value) * (width - left - right); };
  Svg svg(width, bottom + 66, stack.title, font_size);
  for (const double value : ticks(axis, 10)) {
    svg.grid("M" + pixels(x_of(value)) + " " + pixels(top) + "V" + pixels(bottom));
    svg.text(x_of(value), bottom + 14, "middle", tick_label(stack.unit, value));
  }
  svg.text((left + width - right) / 2, bottom + 29, "middle", stack.axis);
  for (std::size_t k = 0; k < stack.bars.size(); ++k) {
    const StackBar& bar = stack.bars[k];
    const double y = top + bar_gap / 2 + static_cast<double>(k) * (bar_height + bar_gap);
    svg.text(left - 8, y + bar_height / 2 + 4, "end", shortened(bar.name, 30));
    double sum = 0;
    for (std::size_t part = 0; part < bar.parts.size(); ++part) {
      if (!(bar.parts[part] > 0)) continue;
      const double begin = x_of(sum);
      sum += bar.parts[part];
      svg.rect(begin, y, x_of(sum) - begin, bar_height, filling(part));
    }
    svg.text(x_of(sum) + 6, y + bar_height / 2 + 4, "start", bar.total, " font-weight=\"600\"");
  }
  if (stack.line) {
    const double x = x_of(*stack.line);
    svg.path("M" + pixels(x) + " " + pixels(top - 4) + "V" + pixels(bottom),
             " stroke=\"currentColor\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\"");
    svg.text(x, top - 7, x > width / 2 ? "end" : "start", stack.line_name);
  }
  double x = left;
  for (std::size_t part = 0; part < stack.parts.size(); ++part) {
    const bool any = std::any_of(stack.bars.begin(), stack.bars.end(),
                                 [&](const StackBar& bar) { return part < bar.parts.size() && bar.parts[part] > 0; });
    if (!any) continue;
    svg.rect(x, bottom + 45, 20, 11, filling(part));
    svg.text(x + 26, bottom + 54.5, "start", stack.parts[part]);
    x += 46 + 6.1 * static_cast<double>(characters(stack.parts[part]));
  }
  return svg.take();
}

}  // namespace plimsoll::support
