// Where the ticks of an axis stand and how their numbers are spelled.
#pragma once

#include <string>
#include <vector>

namespace plimsoll::support {

enum class Unit { number, percent, seconds };

struct Axis {
  std::string label;
  Unit unit = Unit::number;
  bool logarithmic = false;
  // low < high; above 0 where logarithmic. widened() makes an axis of any two numbers.
  double low = 0;
  double high = 1;
  std::string at_low = {};  // stands at `low` instead of its number, where smaller values are drawn there too
};

// An axis of the same kind whose ends are finite and apart, whatever they were.
Axis widened(Axis axis);

// From low to high, both included where they are round; at most about `most`.
std::vector<double> ticks(const Axis& axis, int most);

// "0.1 %", "10 ms", "2 min", "1e+06"
std::string tick_label(Unit unit, double value);

// 0 at low, 1 at high, clamped.
double position(const Axis& axis, double value);

}  // namespace plimsoll::support
