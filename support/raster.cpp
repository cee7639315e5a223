#include "support/raster.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "support/svg.hpp"

namespace plimsoll::support {
namespace {

// Runs of equal cells in the rows, as strokes one cell high; each begins where the last one ended.
class Strokes {
 public:
  void add(std::size_t row, std::size_t begin, std::size_t end) {
    const auto x = static_cast<long long>(begin);
    const auto y = static_cast<long long>(row);
    const auto length = static_cast<long long>(end - begin);
    if (data_.empty()) {
      data_ = "M" + std::to_string(x) + " " + std::to_string(y);
    } else {
      const std::string down = std::to_string(y - y_);
      data_ += "m" + std::to_string(x - x_) + (down.front() == '-' ? "" : " ") + down;
    }
    data_ += "h" + std::to_string(length);
    x_ = x + length;
    y_ = y;
  }
  [[nodiscard]] const std::string& data() const { return data_; }

 private:
  std::string data_;
  long long x_ = 0;
  long long y_ = 0;
};

// What most cells are lies below all others as one rectangle; -1 where a cell has no colour.
int commonest(const Matrix<int>& cells, std::size_t colours) {
  std::vector<std::size_t> counts(colours, 0);
  for (const int cell : cells.data()) {
    if (cell < 0) return -1;
    ++counts[static_cast<std::size_t>(cell)];
  }
  return static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

}  // namespace

std::string raster(const Matrix<int>& cells, const std::vector<std::string>& colours, const Box& box) {
  if (cells.empty()) return {};
  const int ground = commonest(cells, colours.size());
  std::vector<Strokes> strokes(colours.size());
  for (std::size_t row = 0; row < cells.rows(); ++row) {
    const auto line = cells.row(row);
    for (std::size_t begin = 0; begin < line.size();) {
      std::size_t end = begin + 1;
      while (end < line.size() && line[end] == line[begin]) ++end;
      if (line[begin] >= 0 && line[begin] != ground)
        strokes[static_cast<std::size_t>(line[begin])].add(row, begin, end);
      begin = end;
    }
  }
  std::string out;
  if (ground >= 0) {
    out += "<rect x=\"" + pixels(box.x) + "\" y=\"" + pixels(box.y) + "\" width=\"" + pixels(box.width) +
           "\" height=\"" + pixels(box.height) + "\" fill=\"" + colours[static_cast<std::size_t>(ground)] + "\"/>\n";
  }
  char scale[120];
  const double height = box.height / static_cast<double>(cells.rows());
  std::snprintf(scale, sizeof scale, "translate(%.3f %.3f) scale(%.6g %.6g)", box.x, box.y + height / 2,
                box.width / static_cast<double>(cells.columns()), height);
  out += "<g transform=\"" + std::string(scale) + "\" fill=\"none\" shape-rendering=\"crispEdges\">\n";
  for (std::size_t k = 0; k < colours.size(); ++k) {
    if (!strokes[k].data().empty()) out += "<path d=\"" + strokes[k].data() + "\" stroke=\"" + colours[k] + "\"/>\n";
  }
  return out + "</g>\n";
}

Matrix<double> coarsened(const Matrix<double>& values, std::size_t rows, std::size_t columns) {
  const auto block_of = [](std::size_t count, std::size_t most) {
    return std::max<std::size_t>(1, (count + std::max<std::size_t>(1, most) - 1) / std::max<std::size_t>(1, most));
  };
  const std::size_t high = block_of(values.rows(), rows);
  const std::size_t wide = block_of(values.columns(), columns);
  Matrix<double> result((values.rows() + high - 1) / high, (values.columns() + wide - 1) / wide,
                        std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < values.rows(); ++row) {
    for (std::size_t column = 0; column < values.columns(); ++column) {
      double& most = result.at(row / high, column / wide);
      const double value = values.at(row, column);
      if (std::isnan(most) || value > most) most = value;
    }
  }
  return result;
}

}  // namespace plimsoll::support
