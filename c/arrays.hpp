// The caller's arrays, copied into what instances are made of. Sizes are judged before anything is read; numbers that
// no JSON can hold are refused here, and all else by the reader of instances, which every instance goes through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/experts.hpp"
#include "plimsoll/matrix.hpp"

namespace plimsoll::c {

// A size of at least 1. `pointer` is its place in an instance file. Throws Error(input), as all here.
std::size_t size_at(const char* pointer, std::int32_t value);
// rows * columns; what no version can plan (docs/formats.md, "Sizes") is refused before it is read.
std::size_t cells_at(const std::string& pointer, std::size_t rows, std::size_t columns);
double number_at(const char* pointer, double value);

// Throw Error(usage) where the array is NULL.
std::vector<double> numbers_at(const char* pointer, const double* values, std::size_t count);
std::vector<int> integers_at(const char* pointer, const std::int32_t* values, std::size_t count);
Matrix<double> table_at(const char* pointer, const double* values, std::size_t rows, std::size_t columns);
Matrix<int> table_at(const char* pointer, const std::int32_t* values, std::size_t rows, std::size_t columns);

// A count beside an array that may be NULL where it is 0.
std::size_t count_at(const char* pointer, std::int32_t count);

// -1: no limit.
std::optional<std::int64_t> limit_at(const char* pointer, std::int64_t limit);
// PLIMSOLL_DISPATCH_...; throws Error(usage).
Dispatch dispatch_of(std::int32_t given);

}  // namespace plimsoll::c
