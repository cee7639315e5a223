#include "solvers/mip/model.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "plimsoll/error.hpp"
#include "support/json_text.hpp"
#include "support/text.hpp"

namespace plimsoll::solvers::mip {

namespace {

std::string called(const char* kind, int index, const std::string& name) {
  std::string text = std::string(kind) + " " + std::to_string(index);
  if (!name.empty()) text += " (" + support::in_quotes(name) + ")";
  return text;
}

[[noreturn]] void refuse(const std::string& where, const std::string& what, double value, const std::string& expected) {
  throw Error(ErrorCode::usage, where + ": " + what + " is " + support::number_text(value) + ", expected " + expected);
}

void check_bounds(const std::string& where, double lower, double upper) {
  const auto in_range = [](double value) { return std::isinf(value) || std::abs(value) <= largest_number; };
  // A NaN fails each of these comparisons.
  if (!in_range(lower) || lower == infinity)
    refuse(where, "the lower bound", lower, "-infinity or at most 1e15 in size");
  if (!in_range(upper) || upper == -infinity)
    refuse(where, "the upper bound", upper, "infinity or at most 1e15 in size");
  if (lower > upper) refuse(where, "the lower bound", lower, "at most the upper bound " + support::number_text(upper));
}

void round_inward(const std::string& where, double& lower, double& upper) {
  lower = std::ceil(lower);
  upper = std::floor(upper);
  if (lower > upper) refuse(where, "the lower bound", lower, "a whole number between the bounds");
}

void check_cost(const std::string& where, double cost) {
  if (!(std::abs(cost) <= largest_number)) refuse(where, "the cost", cost, "a number of at most 1e15 in size");
}

}  // namespace

int Model::add_variable(double lower, double upper, double cost, bool integer, std::string name) {
  const std::string where = called("variable", variables(), name);
  if (variables() >= most_variables) throw Error(ErrorCode::usage, where + ": more variables than a backend can count");
  check_bounds(where, lower, upper);
  check_cost(where, cost);
  if (integer) round_inward(where, lower, upper);
  // Adding 0 turns -0 into 0, so that equal models are written alike.
  variables_.push_back({lower + 0.0, upper + 0.0, cost + 0.0, integer, std::move(name)});
  last_row_of_.push_back(-1);
  if (integer) ++integers_;
  return variables() - 1;
}

int Model::add_row(double lower, double upper, std::span<const Entry> entries, std::string name) {
  const std::string where = called("row", rows(), name);
  if (rows() >= most_rows) throw Error(ErrorCode::usage, where + ": more rows than a backend can count");
  if (entries.size() > most_entries - entries_.size()) {
    throw Error(ErrorCode::usage, where + ": more entries than a backend can count");
  }
  check_bounds(where, lower, upper);
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const auto [index, coefficient] = entries[k];
    if (index < 0 || index >= variables()) {
      throw Error(ErrorCode::usage, where + ": entry " + std::to_string(k) + " names variable " +
                                        std::to_string(index) + ", but there are " + std::to_string(variables()));
    }
    const bool in_range =
        std::abs(coefficient) <= largest_number && (coefficient == 0 || std::abs(coefficient) >= smallest_coefficient);
    if (!in_range) {
      refuse(where, "the coefficient of " + called("variable", index, variable(index).name), coefficient,
             "0 or between 1e-9 and 1e15 in size");
    }
  }
  const std::size_t begin = entries_.size();
  const int row = rows();
  for (const auto [index, coefficient] : entries) {
    int& last = last_row_of_[static_cast<std::size_t>(index)];
    if (last == row) {
      entries_.resize(begin);
      // The marks of this failed row must not be taken for those of the next one, which has the same index.
      for (const Entry& entry : entries) last_row_of_[static_cast<std::size_t>(entry.variable)] = -1;
      throw Error(ErrorCode::usage, where + ": " + called("variable", index, variable(index).name) + " appears twice");
    }
    last = row;
    if (coefficient != 0) entries_.push_back({index, coefficient});
  }
  rows_.push_back({lower + 0.0, upper + 0.0, begin, entries_.size(), std::move(name)});
  return row;
}

void Model::check_variable(int index) const {
  if (index >= 0 && index < variables()) return;
  throw Error(ErrorCode::usage,
              "there is no variable " + std::to_string(index) + " among " + std::to_string(variables()));
}

void Model::set_bounds(int variable, double lower, double upper) {
  check_variable(variable);
  Variable& changed = variables_[static_cast<std::size_t>(variable)];
  const std::string where = called("variable", variable, changed.name);
  check_bounds(where, lower, upper);
  if (changed.integer) round_inward(where, lower, upper);
  changed.lower = lower + 0.0;
  changed.upper = upper + 0.0;
}

void Model::set_cost(int variable, double cost) {
  check_variable(variable);
  Variable& changed = variables_[static_cast<std::size_t>(variable)];
  check_cost(called("variable", variable, changed.name), cost);
  changed.cost = cost + 0.0;
}

void Model::set_row_bounds(int row, double lower, double upper) {
  if (row < 0 || row >= rows()) {
    throw Error(ErrorCode::usage, "there is no row " + std::to_string(row) + " among " + std::to_string(rows()));
  }
  Row& changed = rows_[static_cast<std::size_t>(row)];
  check_bounds(called("row", row, changed.name), lower, upper);
  changed.lower = lower + 0.0;
  changed.upper = upper + 0.0;
}

std::span<const Entry> Model::row(int row) const {
  const Row& found = rows_[static_cast<std::size_t>(row)];
  return {entries_.data() + found.begin, found.end - found.begin};
}

}  // namespace plimsoll::solvers::mip
