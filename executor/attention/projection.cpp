#include "executor/attention/projection.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "executor/kernels/expert_kernel.hpp"
#include "executor/kernels/packed_expert.hpp"
#include "executor/kernels/panel_chunks.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
Projection::Projection(int outputs, int inputs, NumberType type, Isa isa)
    : outputs_(outputs), inputs_(inputs), type_(type), kernels_(&panel_kernels(type, isa)) {
  if (outputs < 1 || inputs < 1) {
    throw Error(ErrorCode::input,
                "a projection of " + std::to_string(inputs) + " inputs to " + std::to_string(outputs) + " outputs");
  }
  panels_ = Memory(static_cast<std::size_t>(panel_count()) * panel_bytes(inputs, type));
}

int Projection::panel_count() const { return (outputs_ + panel_columns - 1) / panel_columns; }

void Projection::pack(const std::function<const float*(int, float*)>& column_of, Team& team) {
  team.run(panel_count(), [&](int panel, int) {
    const auto inputs = static_cast<std::size_t>(inputs_);
    std::vector<float> scratch(panel_columns * inputs);
    const float* columns[panel_columns] = {};
    for (int c = 0; c < panel_columns && panel * panel_columns + c < outputs_; ++c) {
      columns[c] = column_of(panel * panel_columns + c, &scratch[static_cast<std::size_t>(c) * inputs]);
    }
    const std::size_t bytes = panel_bytes(inputs_, type_);
    pack_panel(columns, inputs_, type_, panels_.data() + static_cast<std::size_t>(panel) * bytes);
  });
}

Projection::Projection(int outputs, int inputs, NumberType type, Isa isa, std::span<const float> weights, Team& team)
    : Projection(outputs, inputs, type, isa) {
  const auto width = static_cast<std::size_t>(inputs);
  if (weights.size() != static_cast<std::size_t>(outputs) * width) {
    throw Error(ErrorCode::input, std::to_string(weights.size()) + " weights for a projection of " +
                                      std::to_string(inputs) + " inputs to " + std::to_string(outputs) + " outputs");
  }
  pack([&](int output, float*) { return &weights[static_cast<std::size_t>(output) * width]; }, team);
}

void Projection::random_row(std::uint64_t seed, int output, std::span<float> row) {
  const auto deviation = static_cast<float>(1 / std::sqrt(static_cast<double>(row.size())));
  support::Random random(seed, static_cast<std::uint64_t>(output));
  for (float& weight : row) weight = deviation * static_cast<float>((random.uniform() - 0.5) * 3.4641016151377544);
}

Projection Projection::random(int outputs, int inputs, NumberType type, Isa isa, std::uint64_t seed, Team& team) {
  Projection result(outputs, inputs, type, isa);
  result.pack(
      [&](int output, float* row) {
        random_row(seed, output, {row, static_cast<std::size_t>(inputs)});
        return row;
      },
      team);
  return result;
}

void Projection::multiply(int panel, int panels, const std::byte* operands, int rows, float* sums, float* to) const {
  kernels_->multiply({panels_.data() + static_cast<std::size_t>(panel) * panel_bytes(inputs_, type_), panels, operands,
                      rows, padded_depth(inputs_, type_), sums});
  for (int column = panel * panel_columns; column < (panel + panels) * panel_columns; column += panel_columns) {
    const int columns = std::min(panel_columns, outputs_ - column);
    for (int row = 0; row < rows; ++row, sums += panel_columns) {
      std::copy_n(sums, columns, to + static_cast<std::ptrdiff_t>(row) * outputs_ + column);
    }
  }
}

void Projection::run(int rows, const float* from, float* to, ProjectionScratch& scratch, Team& team) const {
  if (rows == 0) return;
  const int depth = padded_depth(inputs_, type_);
  const std::size_t row_bytes = static_cast<std::size_t>(depth) * kernels_->operand_bytes;
  auto* operands =
      reinterpret_cast<std::byte*>(scratch.operands.floats(static_cast<std::size_t>(rows) * row_bytes / 4));
  constexpr std::size_t sums_size = std::size_t{rows_at_once} * panels_at_once * panel_columns;
  float* sums = scratch.sums.floats(static_cast<std::size_t>(team.size()) * sums_size);
  const int row_pieces = (rows + rows_at_once - 1) / rows_at_once;
  const auto first_row = [&](int piece) { return static_cast<std::int64_t>(rows) * piece / row_pieces; };
  team.run(row_pieces, [&](int piece, int) {
    const float* plain[rows_at_once];
    const std::int64_t first = first_row(piece);
    const auto count = static_cast<int>(first_row(piece + 1) - first);
    for (int row = 0; row < count; ++row) plain[row] = from + (first + row) * inputs_;
    kernels_->pack(plain, count, inputs_, depth, operands + static_cast<std::size_t>(first) * row_bytes);
  });

  // Pieces of the same panels follow one another: their weights are read once.
  const int together = panels_per_chunk(panel_bytes(inputs_, type_), static_cast<std::size_t>(rows / row_pieces));
  const int panel_pieces = (panel_count() + together - 1) / together;
  team.run(panel_pieces * row_pieces, [&](int piece, int thread) {
    const std::int64_t first = first_row(piece % row_pieces);
    const auto count = static_cast<int>(first_row(piece % row_pieces + 1) - first);
    const int begin = piece / row_pieces * together;
    const int end = std::min(begin + together, panel_count());
    for (int panel = begin; panel < end; panel += panels_at_once) {
      multiply(panel, std::min(panels_at_once, end - panel), operands + static_cast<std::size_t>(first) * row_bytes,
               count, sums + static_cast<std::size_t>(thread) * sums_size, to + first * outputs_);
    }
  });
}

}  // namespace plimsoll::executor
