#include "planner/experts/valid.hpp"

#include <string>
#include <utility>

#include "planner/common/valid.hpp"
#include "planner/experts/read_parts.hpp"

namespace plimsoll::experts {
namespace {

template <class Number>
void check_shape(const Matrix<Number>& table, std::size_t rows, std::size_t columns, const std::string& pointer) {
  if (table.rows() == rows && table.columns() == columns) return;
  refuse("expected a table of " + std::to_string(rows) + " x " + std::to_string(columns) + ", got " +
             std::to_string(table.rows()) + " x " + std::to_string(table.columns()),
         pointer);
}

template <class Number>
void check_range(const Matrix<Number>& table, Number least, Number most, const std::string& expected,
                 const std::string& pointer) {
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t column = 0; column < table.columns(); ++column) {
      const Number value = table.at(row, column);
      if (value >= least && value <= most) continue;  // false for NaN
      refuse("expected " + expected + ", got " + std::to_string(value),
             pointer + "/" + std::to_string(row) + "/" + std::to_string(column));
    }
  }
}

// The same instance with one layer, for the reader to judge all but the tables.
ExpertInstance one_layer(const ExpertInstance& instance) {
  ExpertInstance frame = instance;
  frame.model.layers = 1;
  frame.load = Matrix<double>(1, static_cast<std::size_t>(instance.model.experts), 0.0);
  if (instance.placement) {
    std::size_t slots = 0;
    for (const int device_slots : instance.cluster.slots) {
      if (device_slots > 0) slots += static_cast<std::size_t>(device_slots);
    }
    frame.placement = Matrix<int>(1, slots, -1);
  }
  return frame;
}

}  // namespace

ExpertInstance valid(const ExpertInstance& instance) {
  const int layers = instance.model.layers;
  const int experts = instance.model.experts;
  if (layers < 1) refuse("expected a whole number of at least 1, got " + std::to_string(layers), "/model/layers");
  if (experts < 1) refuse("expected a whole number of at least 1, got " + std::to_string(experts), "/model/experts");
  check_cells("layers * experts", {layers, experts}, "/model");
  ExpertInstance result = parse_experts(common::written(one_layer(instance)));
  result.model.layers = layers;

  const auto rows = static_cast<std::size_t>(layers);
  check_shape(instance.load, rows, static_cast<std::size_t>(experts), "/load");
  check_range(instance.load, 0.0, kMostTokens, "a number from 0 to 1e15", "/load");
  if (result.cost.tile_tokens >= 1) check_whole_loads(instance.load, "/load");
  result.load = instance.load;
  std::int64_t slots = 0;
  for (const int device_slots : result.cluster.slots) slots += device_slots;
  check_cells("layers * slots", {layers, slots}, "/cluster/slots");
  if (instance.placement) {
    check_shape(*instance.placement, rows, static_cast<std::size_t>(slots), "/placement");
    check_range(*instance.placement, -1, experts - 1, "an expert or -1", "/placement");
    result.placement = instance.placement;
  }
  return result;
}

}  // namespace plimsoll::experts
