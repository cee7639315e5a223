#include "executor/attention/projection.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "executor/attention/layout.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

// Of one piece of work: rows whose operands stay in the second-level cache beside two panels.
constexpr int rows_of_piece = 24;
constexpr int columns_of_piece = 2 * block_panel_columns;

}  // namespace

Projection::Projection(int outputs, int inputs, NumberType type) : outputs_(outputs), inputs_(inputs), type_(type) {
  if (outputs < 16 || inputs < 16 || outputs % 16 != 0 || inputs % 16 != 0) {
    throw Error(ErrorCode::input, "a projection of " + std::to_string(inputs) + " inputs to " +
                                      std::to_string(outputs) + " outputs; both must be multiples of 16");
  }
  panels_ = Memory(static_cast<std::size_t>(bytes()));
}

std::int64_t Projection::bytes() const {
  return static_cast<std::int64_t>(outputs_) * inputs_ * static_cast<std::int64_t>(number_bytes(type_));
}

Projection::Projection(int outputs, int inputs, NumberType type, std::span<const float> weights, Team& team)
    : Projection(outputs, inputs, type) {
  if (weights.size() != static_cast<std::size_t>(outputs) * static_cast<std::size_t>(inputs)) {
    throw Error(ErrorCode::input, std::to_string(weights.size()) + " weights for a projection of " +
                                      std::to_string(inputs) + " inputs to " + std::to_string(outputs) + " outputs");
  }
  std::byte* panels = panels_.data();
  team.run(outputs / block_panel_columns, [&](int panel, int) {
    for (int column = panel * block_panel_columns; column < (panel + 1) * block_panel_columns; ++column) {
      const auto row = static_cast<std::size_t>(column) * static_cast<std::size_t>(inputs);
      write_key(type, inputs, column, &weights[row], panels);
    }
  });
}

Projection Projection::random(int outputs, int inputs, NumberType type, std::uint64_t seed, Team& team) {
  Projection result(outputs, inputs, type);
  std::byte* panels = result.panels_.data();
  const auto deviation = static_cast<float>(1 / std::sqrt(static_cast<double>(inputs)));
  team.run(outputs, [&](int column, int) {
    support::Random random(seed, static_cast<std::uint64_t>(column));
    std::vector<float> row(static_cast<std::size_t>(inputs));
    for (float& weight : row) weight = deviation * static_cast<float>((random.uniform() - 0.5) * 3.4641016151377544);
    write_key(type, inputs, column, row.data(), panels);
  });
  return result;
}

void Projection::run(const BlockKernels& kernels, int rows, const float* from, float* to, Scratch& scratch,
                     Team& team) const {
  const auto width = static_cast<std::size_t>(inputs_);
  const auto operand_bytes = width * static_cast<std::size_t>(kernels.row_bytes);
  auto* operands = reinterpret_cast<std::byte*>(scratch.floats(static_cast<std::size_t>(rows) * width));
  team.run(rows, [&](int row, int) {
    const auto at = static_cast<std::size_t>(row);
    kernels.pack_row(from + at * width, inputs_, operands + at * operand_bytes);
  });
  const int row_pieces = (rows + rows_of_piece - 1) / rows_of_piece;
  const int column_pieces = (outputs_ + columns_of_piece - 1) / columns_of_piece;
  const std::size_t panel_bytes = width * block_panel_columns * number_bytes(type_);
  // Pieces of the same columns follow one another: their weights are read once.
  team.run(column_pieces * row_pieces, [&](int chunk, int) {
    const int column = chunk / row_pieces * columns_of_piece;
    const int row = chunk % row_pieces * rows_of_piece;
    const std::byte* panels = panels_.data() + static_cast<std::size_t>(column / block_panel_columns) * panel_bytes;
    kernels.multiply(operands + static_cast<std::size_t>(row) * operand_bytes, inputs_,
                     std::min(rows_of_piece, rows - row), inputs_, panels, inputs_,
                     std::min(columns_of_piece, outputs_ - column),
                     to + static_cast<std::ptrdiff_t>(row) * outputs_ + column, outputs_, nullptr);
  });
}

}  // namespace plimsoll::executor
