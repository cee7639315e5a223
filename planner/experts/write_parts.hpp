// The parts of instances and plans that are written the same way with and without micro-steps (docs/formats.md). Keys
// at their default are left out.
#pragma once

#include <optional>
#include <string_view>

#include "plimsoll/experts.hpp"
#include "support/json.hpp"

namespace plimsoll::experts {

template <class T>
void write_rows(support::Writer& writer, const Matrix<T>& table) {
  writer.begin_array();
  for (std::size_t row = 0; row < table.rows(); ++row) writer.line(table.row(row));
  writer.end_array();
}

template <class T>
void write_table(support::Writer& writer, std::string_view key, const Matrix<T>& table) {
  write_rows(writer.key(key), table);
}

template <class T>
void write_unless(support::Writer& writer, std::string_view key, const T& value, const T& fallback) {
  if (value != fallback) writer.key(key).value(value);
}

void write_head(support::Writer& writer, const ExpertInstance& instance);  // up to the cluster
// `backward_ratio`, where it is given, is one more key of the object.
void write_cost(support::Writer& writer, const ExpertCost& cost, std::optional<double> backward_ratio = {});
void write_dispatch(support::Writer& writer, Dispatch dispatch);
void write_groups_and_placement(support::Writer& writer, const ExpertInstance& instance);
void write_move_limits(support::Writer& writer, const ExpertLimits& limits);
// Of a plan.
void write_slots_and_shares(support::Writer& writer, const ExpertPlan& plan);

}  // namespace plimsoll::experts
