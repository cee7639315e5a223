#include "cli/summary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "cli/terminal.hpp"

namespace plimsoll::cli {
namespace {

constexpr std::size_t most_rows = 40;

std::string bar(double fraction, std::size_t columns, bool utf8) {
  static constexpr std::string_view eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string drawn;
  if (!utf8) {
    drawn.assign(static_cast<std::size_t>(std::lround(fraction * static_cast<double>(columns))), '#');
    return drawn;
  }
  const auto parts = static_cast<std::size_t>(std::lround(fraction * static_cast<double>(columns) * 8));
  for (std::size_t full = 0; full < parts / 8; ++full) drawn += "█";
  drawn += eighths[parts % 8];
  return drawn;
}

}  // namespace

std::string aligned(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t widest = 0;
  for (const auto& [name, value] : pairs) widest = std::max(widest, name.size());
  std::string text;
  for (const auto& [name, value] : pairs) text += name + std::string(widest - name.size() + 2, ' ') + value + "\n";
  return text;
}

std::string bar_chart(const std::vector<common::SolvedPlan::Bar>& bars, const std::string& unit, std::size_t width,
                      bool utf8) {
  double largest = 0;
  for (const auto& entry : bars) largest = std::max(largest, entry.value);
  if (bars.empty() || !(largest > 0) || !std::isfinite(largest)) return {};

  std::vector<std::size_t> order(bars.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t hidden = 0;
  if (bars.size() > most_rows) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return bars[a].value > bars[b].value; });
    hidden = bars.size() - most_rows;
    order.erase(order.begin() + most_rows / 2, order.end() - most_rows / 2);
  }

  std::size_t label_width = 0;
  std::size_t value_width = 0;
  for (const std::size_t index : order) {
    label_width = std::max(label_width, bars[index].label.size());
    value_width = std::max(value_width, readable(bars[index].value).size());
  }
  const std::size_t around = label_width + value_width + 2;
  const std::size_t columns = std::clamp<std::size_t>(width > around ? width - around : 0, 10, 60);

  std::string text = unit.empty() ? "" : unit + "\n";
  for (std::size_t row = 0; row < order.size(); ++row) {
    const auto& entry = bars[order[row]];
    if (hidden > 0 && row == most_rows / 2) {
      text += "... " + std::to_string(hidden) + " between the largest and the smallest " +
              std::to_string(most_rows / 2) + " not shown\n";
    }
    const std::string value = readable(entry.value);
    text += std::string(label_width - entry.label.size(), ' ') + entry.label + " " +
            std::string(value_width - value.size(), ' ') + value + " " +
            bar(std::clamp(entry.value / largest, 0.0, 1.0), columns, utf8) + "\n";
  }
  return text;
}

}  // namespace plimsoll::cli
