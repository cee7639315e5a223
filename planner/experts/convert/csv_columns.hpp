// Which column of a CSV file means what: by the options, or by the names that such columns usually have.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "planner/experts/convert/options.hpp"

namespace plimsoll::experts {

struct CsvColumns {
  std::optional<std::size_t> layer;
  std::optional<std::size_t> expert;
  std::optional<std::size_t> count;
  std::optional<std::size_t> step;
  std::optional<std::size_t> slot;                   // a placement instead of loads
  std::optional<std::size_t> device;                 // of the slot
  std::vector<std::pair<std::size_t, int>> experts;  // the wide form: column, expert; sorted by expert
  // Columns that select rows: column, and the values that pass.
  std::vector<std::pair<std::size_t, std::vector<std::string>>> conditions;
  std::vector<std::size_t> others;  // mean nothing here

  [[nodiscard]] bool is_placement() const { return slot.has_value(); }
  [[nodiscard]] bool is_wide() const { return !experts.empty(); }
};

// Throws Error(input), with advice that names an option, where a column is missing or could be one of several.
CsvColumns find_columns(const std::vector<std::string>& header, const ConvertOptions& options);

}  // namespace plimsoll::experts
