// Tables of amounts as pictures on one scale of shades: pale is little, dark is much.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/matrix.hpp"

namespace plimsoll::support {

struct HeatPanel {
  std::string name;
  Matrix<double> amounts;  // [rows][columns]; NaN: nothing stands there, and nothing is drawn
};

struct HeatMap {
  std::string title;                   // for those who cannot see it
  std::string rows;                    // "device"
  std::string columns;                 // "layer"
  std::string amount;                  // "seconds over the mean": what stands at the scale
  std::vector<HeatPanel> panels = {};  // of the same shape
  bool side_by_side = false;           // else one below the other
  // Lines after so many rows or columns; 0: none. With column groups the axis counts these.
  std::size_t row_group = 0;
  std::size_t column_group = 0;
  double most = 0;  // where the scale ends at the least, so that several maps can share one
};

// More cells than can be told apart are joined; the largest amount of them is shown.
std::string to_svg(const HeatMap& map);

// The largest amount of all panels, 0 without any.
double largest_amount(const HeatMap& map);

// The largest blocks, in rows and columns, that were joined into a cell of `map`; 1 and 1 where nothing was.
std::pair<std::size_t, std::size_t> joined_cells(const HeatMap& map);

}  // namespace plimsoll::support
