// Bars that are made of parts, beside each other on one axis: where the time of a plan goes, and of another one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/ticks.hpp"

namespace plimsoll::support {

struct StackBar {
  std::string name;
  std::vector<double> parts;  // 0 or more
  std::string total;          // stands behind the bar
};

struct Stack {
  std::string title;  // for those who cannot see it
  std::string axis;
  Unit unit = Unit::seconds;
  std::vector<std::string> parts;  // names; neighbours differ in lightness
  std::vector<StackBar> bars;
  std::optional<double> line = {};  // across all bars
  std::string line_name = {};
};

std::string to_svg(const Stack& stack);

}  // namespace plimsoll::support
