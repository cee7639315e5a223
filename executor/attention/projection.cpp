#include "executor/attention/projection.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "executor/kernels/expert_kernel.hpp"
#include "executor/kernels/operand_rows.hpp"
#include "executor/kernels/packed_expert.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

// Rows whose operands stay in the second-level cache beside a panel, in whole tiles of the kernels.
constexpr std::size_t operand_cache = std::size_t{256} << 10U;
constexpr int rows_of_tile = 6;
// At few rows a piece of work is so many bytes of weights: long against the cost of claiming it.
constexpr std::size_t piece_bytes = std::size_t{384} << 10U;

int rows_of_piece(std::size_t row_bytes) {
  const auto tiles = static_cast<int>(operand_cache / row_bytes) / rows_of_tile;
  return std::clamp(tiles * rows_of_tile, rows_of_tile, rows_at_once);
}

}  // namespace

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

void Projection::multiply(int panel, int first_row, int count, float* to, float* sums,
                          const ProjectionScratch& scratch) const {
  const std::size_t bytes = panel_bytes(inputs_, type_);
  kernels_->multiply({panels_.data() + static_cast<std::size_t>(panel) * bytes, scratch.rows.data() + first_row, count,
                      padded_depth(inputs_, type_), sums});
  const int column = panel * panel_columns;
  const int columns = std::min(panel_columns, outputs_ - column);
  for (int row = 0; row < count; ++row) {
    std::copy_n(sums + row * panel_columns, columns,
                to + static_cast<std::ptrdiff_t>(first_row + row) * outputs_ + column);
  }
}

void Projection::run(int rows, const float* from, float* to, ProjectionScratch& scratch, Team& team) const {
  if (rows == 0) return;
  const int depth = padded_depth(inputs_, type_);
  const std::size_t stride = operand_stride(static_cast<std::size_t>(depth) * kernels_->operand_bytes);
  const auto count = static_cast<std::size_t>(rows);
  auto* operands = reinterpret_cast<std::byte*>(scratch.operands.floats(count * stride / sizeof(float)));
  constexpr std::size_t sums_size = std::size_t{rows_at_once} * panel_columns;
  float* sums = scratch.sums.floats(static_cast<std::size_t>(team.size()) * sums_size);
  scratch.rows.resize(count);
  team.run(rows, [&](int row, int) {
    const auto at = static_cast<std::size_t>(row);
    scratch.rows[at] = operands + at * stride;
    kernels_->prepare(from + at * static_cast<std::size_t>(inputs_), inputs_, depth, operands + at * stride);
  });

  // Pieces of the same panels follow one another: their weights are read once.
  const int row_pieces = (rows + rows_of_piece(stride) - 1) / rows_of_piece(stride);
  const auto piece_rows = static_cast<std::size_t>((rows + row_pieces - 1) / row_pieces);
  const std::size_t alike = std::max<std::size_t>(piece_rows / rows_of_tile, 1);
  const auto together = static_cast<int>(std::max<std::size_t>(piece_bytes / alike / panel_bytes(inputs_, type_), 1));
  const int panel_pieces = (panel_count() + together - 1) / together;
  team.run(panel_pieces * row_pieces, [&](int piece, int thread) {
    const int first = piece % row_pieces * rows / row_pieces;
    const int end = (piece % row_pieces + 1) * rows / row_pieces;
    const int panel = piece / row_pieces * together;
    for (int p = panel; p < std::min(panel + together, panel_count()); ++p) {
      multiply(p, first, end - first, to, sums + static_cast<std::size_t>(thread) * sums_size, scratch);
    }
  });
}

}  // namespace plimsoll::executor
