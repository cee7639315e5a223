// A dense row-major table: rows x columns of T. The one container that instances and plans share.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace plimsoll {

template <class T>
class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t columns, T value = T{})
      : rows_(rows), columns_(columns), data_(rows * columns, value) {}
  Matrix(std::size_t rows, std::size_t columns, std::vector<T> data)
      : rows_(rows), columns_(columns), data_(std::move(data)) {}

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] bool empty() const { return data_.empty(); }

  [[nodiscard]] std::span<T> row(std::size_t index) { return {data_.data() + index * columns_, columns_}; }
  [[nodiscard]] std::span<const T> row(std::size_t index) const { return {data_.data() + index * columns_, columns_}; }
  [[nodiscard]] T& at(std::size_t row, std::size_t column) { return data_[row * columns_ + column]; }
  [[nodiscard]] const T& at(std::size_t row, std::size_t column) const { return data_[row * columns_ + column]; }
  [[nodiscard]] const std::vector<T>& data() const { return data_; }

  friend bool operator==(const Matrix&, const Matrix&) = default;

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::vector<T> data_;
};

}  // namespace plimsoll
