#include "planner/experts/convert/fit_layers.hpp"

#include <algorithm>

#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorCode::input, message, {}, advice);
}

template <class T>
Matrix<T> rows_of(const Matrix<T>& table, const std::vector<std::size_t>& rows) {
  Matrix<T> result(rows.size(), table.columns());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto from = table.row(rows[row]);
    std::copy(from.begin(), from.end(), result.row(row).begin());
  }
  return result;
}

template <class T>
std::vector<T> chosen(const std::vector<T>& all, const std::vector<std::size_t>& places) {
  std::vector<T> result;
  result.reserve(places.size());
  for (const std::size_t place : places) result.push_back(all[place]);
  return result;
}

Matrix<double> widened(const Matrix<double>& table, std::size_t columns) {
  Matrix<double> wide(table.rows(), columns, 0.0);
  for (std::size_t row = 0; row < wide.rows(); ++row) {
    const auto from = table.row(row);
    std::copy(from.begin(), from.end(), wide.row(row).begin());
  }
  return wide;
}

// Routes are [tokens][layers][experts per token].
void keep_layers(StepCommunication& routes, std::size_t layers, const std::vector<std::size_t>& rows) {
  const auto k = static_cast<std::size_t>(routes.routes_per_token);
  std::vector<int> kept;
  kept.reserve(routes.route_source.size() * rows.size() * k);
  for (std::size_t token = 0; token < routes.route_source.size(); ++token) {
    for (const std::size_t row : rows) {
      const auto first = routes.routes.begin() + static_cast<std::ptrdiff_t>((token * layers + row) * k);
      kept.insert(kept.end(), first, first + static_cast<std::ptrdiff_t>(k));
    }
  }
  routes.routes = std::move(kept);
}

}  // namespace

std::string count_of(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void keep_layers(Foreign& foreign, const std::vector<std::int64_t>& wanted) {
  std::vector<std::size_t> rows;
  for (const std::int64_t number : wanted) {
    const auto found = std::lower_bound(foreign.layers.begin(), foreign.layers.end(), number);
    if (found == foreign.layers.end() || *found != number) {
      refuse("the file has no layer " + std::to_string(number) + ", its " + count_of(foreign.layers.size(), "layer") +
             " go from " + std::to_string(foreign.layers.front()) + " to " + std::to_string(foreign.layers.back()));
    }
    rows.push_back(static_cast<std::size_t>(found - foreign.layers.begin()));
  }
  keep_layers(foreign.communication, foreign.layers.size(), rows);
  foreign.layers = wanted;
  if (foreign.load) foreign.load = rows_of(*foreign.load, rows);
  for (Matrix<double>& load : foreign.microsteps) load = rows_of(load, rows);
  for (std::vector<Matrix<double>>& layers : foreign.sources) layers = chosen(layers, rows);
  if (foreign.placement) foreign.placement = rows_of(*foreign.placement, rows);
}

void match_layers(Foreign& foreign, const std::vector<std::int64_t>& wanted, bool numbered, const std::string& whose) {
  if (numbered && std::includes(foreign.layers.begin(), foreign.layers.end(), wanted.begin(), wanted.end())) {
    keep_layers(foreign, wanted);
  } else if (foreign.layers.size() != wanted.size()) {
    refuse("the file has " + count_of(foreign.layers.size(), "layer") + ", " + whose + " has " +
               std::to_string(wanted.size()),
           "Maybe choose layers of the file with --layers.");
  }
}

void widen(Foreign& foreign, std::size_t experts, const std::string& whose) {
  if (!foreign.load || foreign.load->columns() == experts) return;
  if (!foreign.more_experts || foreign.load->columns() > experts) {
    refuse("the file has loads of " + count_of(foreign.load->columns(), "expert") + ", " + whose + " has " +
           std::to_string(experts));
  }
  check_foreign_cells("the table of micro-steps, layers and experts",
                      {std::max<std::size_t>(foreign.microsteps.size(), 1), foreign.load->rows(), experts});
  foreign.load = widened(*foreign.load, experts);
  for (Matrix<double>& load : foreign.microsteps) load = widened(load, experts);
  for (std::vector<Matrix<double>>& layers : foreign.sources) {
    for (Matrix<double>& table : layers) table = widened(table, experts);
  }
}

}  // namespace plimsoll::experts
