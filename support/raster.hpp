// Many small rectangles as a few paths: one per shade, with neighbours in a row joined. A picture of a hundred thousand
// cells takes some hundred kilobytes and stays sharp at any size.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/matrix.hpp"

namespace plimsoll::support {

struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

// Fills the box with the cells; cell `k` has the colour colours[k], a negative one none.
std::string raster(const Matrix<int>& cells, const std::vector<std::string>& colours, const Box& box);

// Fewer rows and columns: the largest value of each block (NaN where all are), at most `rows` x `columns` of them. The
// blocks have the same size, the last ones may be smaller.
Matrix<double> coarsened(const Matrix<double>& values, std::size_t rows, std::size_t columns);

}  // namespace plimsoll::support
