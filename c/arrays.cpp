#include "c/arrays.hpp"

#include <cmath>

#include "plimsoll/error.hpp"
#include "plimsoll/plimsoll.h"

namespace plimsoll::c {
namespace {

constexpr std::size_t most_cells = 50'000'000;

void expect_array(const void* values, const char* pointer) {
  if (values == nullptr) throw Error(ErrorCode::usage, "the array is NULL", pointer);
}

void expect_finite(double value, const std::string& pointer) {
  if (std::isfinite(value)) return;
  throw Error(ErrorCode::input, "expected a finite number, got " + std::to_string(value), pointer);
}

}  // namespace

std::size_t size_at(const char* pointer, std::int32_t value) {
  if (value >= 1) return static_cast<std::size_t>(value);
  throw Error(ErrorCode::input, "expected a whole number of at least 1, got " + std::to_string(value), pointer);
}

std::size_t cells_at(const std::string& pointer, std::size_t rows, std::size_t columns) {
  if (columns == 0 || rows <= most_cells / columns) return rows * columns;
  throw Error(ErrorCode::input,
              "a table of " + std::to_string(rows) + " * " + std::to_string(columns) + " numbers, more than the " +
                  std::to_string(most_cells) + " that this version handles",
              pointer);
}

double number_at(const char* pointer, double value) {
  expect_finite(value, pointer);
  return value;
}

std::vector<double> numbers_at(const char* pointer, const double* values, std::size_t count) {
  expect_array(values, pointer);
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) expect_finite(values[i], std::string(pointer) + "/" + std::to_string(i));
  }
  return {values, values + count};
}

std::vector<int> integers_at(const char* pointer, const std::int32_t* values, std::size_t count) {
  expect_array(values, pointer);
  return {values, values + count};
}

Matrix<double> table_at(const char* pointer, const double* values, std::size_t rows, std::size_t columns) {
  expect_array(values, pointer);
  const std::size_t cells = cells_at(pointer, rows, columns);
  for (std::size_t i = 0; i < cells; ++i) {
    if (std::isfinite(values[i])) continue;
    expect_finite(values[i],
                  std::string(pointer) + "/" + std::to_string(i / columns) + "/" + std::to_string(i % columns));
  }
  return {rows, columns, std::vector<double>(values, values + cells)};
}

Matrix<int> table_at(const char* pointer, const std::int32_t* values, std::size_t rows, std::size_t columns) {
  expect_array(values, pointer);
  return {rows, columns, std::vector<int>(values, values + cells_at(pointer, rows, columns))};
}

std::size_t count_at(const char* pointer, std::int32_t count) {
  if (count >= 0) return static_cast<std::size_t>(count);
  throw Error(ErrorCode::usage, "a count of " + std::to_string(count), pointer);
}

std::optional<std::int64_t> limit_at(const char* pointer, std::int64_t limit) {
  if (limit >= 0) return limit;
  if (limit == -1) return std::nullopt;
  throw Error(ErrorCode::input, "expected a limit of at least 0, or -1 for none, got " + std::to_string(limit),
              pointer);
}

Dispatch dispatch_of(std::int32_t given) {
  if (given == PLIMSOLL_DISPATCH_WEIGHTED) return Dispatch::weighted;
  if (given == PLIMSOLL_DISPATCH_EVEN) return Dispatch::even;
  throw Error(ErrorCode::usage,
              "dispatch is " + std::to_string(given) + ", expected PLIMSOLL_DISPATCH_WEIGHTED or _EVEN");
}

}  // namespace plimsoll::c
