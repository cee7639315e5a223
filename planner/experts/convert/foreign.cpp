#include "planner/experts/convert/foreign.hpp"

#include "plimsoll/error.hpp"

namespace plimsoll::experts {

void check_foreign_size(const std::string& what, std::size_t rows, std::size_t columns) {
  const std::string got = std::to_string(rows) + " x " + std::to_string(columns);
  if (rows == 0 || columns == 0) throw Error(ErrorCode::input, what + " is empty (" + got + ")");
  if (rows <= most_foreign_layers && columns <= most_foreign_cells / rows) return;
  throw Error(ErrorCode::input, what + " is " + got + ", more than this version handles");
}

void check_foreign_cells(const std::string& what, std::initializer_list<std::size_t> sizes) {
  std::string got;
  double cells = 1;
  for (const std::size_t size : sizes) {
    got += (got.empty() ? "" : " x ") + std::to_string(size);
    cells *= static_cast<double>(size);
  }
  if (cells == 0) throw Error(ErrorCode::input, what + " is empty (" + got + ")");
  if (cells <= static_cast<double>(most_foreign_cells)) return;
  throw Error(ErrorCode::input, what + " is " + got + ", more than this version handles");
}

void sum_up_microsteps(Foreign& foreign) {
  Matrix<double>& sum = foreign.load.emplace(foreign.microsteps.front());
  for (std::size_t microstep = 1; microstep < foreign.microsteps.size(); ++microstep) {
    const Matrix<double>& load = foreign.microsteps[microstep];
    for (std::size_t row = 0; row < sum.rows(); ++row) {
      for (std::size_t column = 0; column < sum.columns(); ++column) sum.at(row, column) += load.at(row, column);
    }
  }
}

}  // namespace plimsoll::experts
