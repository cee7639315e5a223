#include "planner/experts/convert/foreign.hpp"

#include "plimsoll/error.hpp"

namespace plimsoll::experts {

void check_foreign_size(const std::string& what, std::size_t rows, std::size_t columns) {
  const std::string got = std::to_string(rows) + " x " + std::to_string(columns);
  if (rows == 0 || columns == 0) throw Error(ErrorCode::input, what + " is empty (" + got + ")");
  if (rows <= most_foreign_layers && columns <= most_foreign_cells / rows) return;
  throw Error(ErrorCode::input, what + " is " + got + ", more than this version handles");
}

}  // namespace plimsoll::experts
