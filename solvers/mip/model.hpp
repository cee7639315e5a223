// One sparse integer program, always a minimisation:
//   minimise  sum cost_j x_j   with  lower_i <= sum a_ij x_j <= upper_i,  lower_j <= x_j <= upper_j,  some x_j whole.
//
// Every number is judged on its way in, because a backend that meets a NaN, a bad index or a duplicate aborts the
// process or proves nonsense. Infinite bounds are +-infinity, nothing else; finite numbers stay within the ranges
// below. Choose units in which the objective lies roughly between 1 and 1e6: backends decide with absolute tolerances
// around 1e-7.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace plimsoll::solvers::mip {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double largest_number = 1e15;        // of a cost, a coefficient or a finite bound
inline constexpr double smallest_coefficient = 1e-9;  // of one that is not 0
inline constexpr int most_variables = 10'000'000;
inline constexpr int most_rows = 10'000'000;
inline constexpr std::size_t most_entries = 500'000'000;  // the backends count in int

struct Entry {
  int variable;
  double coefficient;
};

struct Variable {
  double lower = 0;
  double upper = infinity;
  double cost = 0;
  bool integer = false;
  std::string name;  // may be empty, need not be unique; writers make it safe
};

class Model {
 public:
  // Returns the index of the new variable. Bounds of an integer variable are rounded inward. Throws Error(usage): NaN,
  // numbers out of range, lower above upper (also after rounding), too many variables.
  int add_variable(double lower, double upper, double cost, bool integer, std::string name = {});
  // Returns the index of the new row; entries of coefficient 0 are dropped. Throws Error(usage): as above, an unknown
  // variable, one that appears twice.
  int add_row(double lower, double upper, std::span<const Entry> entries, std::string name = {});

  // The same checks for what changes later. Throws Error(usage), also for an index that does not exist.
  void set_bounds(int variable, double lower, double upper);
  void set_cost(int variable, double cost);
  void set_row_bounds(int row, double lower, double upper);

  [[nodiscard]] int variables() const { return static_cast<int>(variables_.size()); }
  [[nodiscard]] int rows() const { return static_cast<int>(rows_.size()); }
  [[nodiscard]] std::size_t entries() const { return entries_.size(); }
  [[nodiscard]] bool has_integers() const { return integers_ > 0; }
  [[nodiscard]] bool has_continuous() const { return integers_ < variables(); }

  [[nodiscard]] const Variable& variable(int index) const { return variables_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] double row_lower(int row) const { return rows_[static_cast<std::size_t>(row)].lower; }
  [[nodiscard]] double row_upper(int row) const { return rows_[static_cast<std::size_t>(row)].upper; }
  [[nodiscard]] const std::string& row_name(int row) const { return rows_[static_cast<std::size_t>(row)].name; }
  [[nodiscard]] std::span<const Entry> row(int row) const;

 private:
  struct Row {
    double lower;
    double upper;
    std::size_t begin;
    std::size_t end;
    std::string name;
  };
  void check_variable(int index) const;

  std::vector<Variable> variables_;
  std::vector<Row> rows_;
  std::vector<Entry> entries_;
  std::vector<int> last_row_of_;  // per variable: the row that used it last, to find duplicates
  int integers_ = 0;
};

}  // namespace plimsoll::solvers::mip
