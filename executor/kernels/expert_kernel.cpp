#include "executor/kernels/expert_kernel.hpp"

#include <algorithm>
#include <new>
#include <string>

#include "executor/kernels/operand_rows.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::size_t line = 64;

std::size_t sums_bytes() { return sizeof(float) * panel_columns * rows_at_once; }

// A chunk is long against the cost of claiming it (100 ns) and short against the call: what the threads wait for at the
// end is half a chunk on average. Bytes of weights per chunk at few rows, fewer panels where each of them takes longer.
int panels_per_chunk(std::size_t panel_bytes, std::size_t rows) {
  constexpr std::size_t chunk_bytes = std::size_t{384} << 10U;
  constexpr std::size_t rows_in_time = 6;  // up to here reading the weights takes longer than the arithmetic
  return static_cast<int>(
      std::max<std::size_t>(chunk_bytes * rows_in_time / (panel_bytes * std::max(rows, rows_in_time)), 1));
}

}  // namespace

void ScratchBytes::Free::operator()(std::byte* bytes) const { ::operator delete (bytes, std::align_val_t{line}); }

void ScratchBytes::reserve(std::size_t bytes, int& growths) {
  if (bytes <= size_) return;
  ++growths;
  bytes_.reset();
  size_ = 0;
  bytes_.reset(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{line})));
  size_ = bytes;
}

const PanelKernels& panel_kernels(NumberType type, Isa isa) {
  if (!has_isa(isa)) {
    throw Error(ErrorCode::usage, "this processor lacks " + std::string(name_of(isa)), {},
                "Maybe ask for " + std::string(name_of(best_isa())) + ".");
  }
  const bool wide = type == NumberType::f32;
  switch (isa) {
    case Isa::avx2:
      return wide ? avx2_f32_kernels : avx2_bf16_kernels;
    case Isa::avx512_bf16:
      return wide ? avx512_f32_kernels : avx512_bf16_kernels;
    case Isa::portable:
      break;
  }
  return wide ? portable_f32_kernels : portable_bf16_kernels;
}

ExpertKernel::ExpertKernel(const ExpertShape& shape, NumberType type, Isa isa)
    : shape_(shape),
      type_(type),
      isa_(isa),
      layout_(packed_layout(shape, type)),
      kernels_(&panel_kernels(type, isa)),
      input_stride_(operand_stride(static_cast<std::size_t>(layout_.width) * kernels_->operand_bytes)),
      hidden_stride_(operand_stride(static_cast<std::size_t>(layout_.inner) * kernels_->operand_bytes)) {}

void ExpertKernel::reserve(Workspace& workspace, int rows, int input_rows, int replicas, int threads) const {
  int& growths = workspace.growths_;
  const auto row_count = static_cast<std::size_t>(rows);
  workspace.operands_.reserve(std::min(row_count, static_cast<std::size_t>(input_rows)) * input_stride_, growths);
  workspace.hidden_.reserve(row_count * hidden_stride_, growths);
  workspace.sums_.reserve(static_cast<std::size_t>(threads) * sums_bytes(), growths);
  workspace.resize(workspace.operand_rows_, row_count);
  workspace.resize(workspace.hidden_rows_, row_count);
  if (static_cast<std::size_t>(input_rows) > workspace.seen_.size()) {
    workspace.resize(workspace.seen_, static_cast<std::size_t>(input_rows));
    workspace.resize(workspace.slots_, static_cast<std::size_t>(input_rows));
  }
  workspace.resize(workspace.distinct_, std::min(row_count, static_cast<std::size_t>(input_rows)));
  workspace.resize(workspace.hidden_chunks_,
                   static_cast<std::size_t>(replicas) * static_cast<std::size_t>(layout_.hidden_panels));
  workspace.resize(workspace.output_chunks_,
                   static_cast<std::size_t>(replicas) * static_cast<std::size_t>(layout_.output_panels));
}

// Lists the call's rows and distinct tokens, and divides its panels into chunks. Returns the number of distinct tokens.
int ExpertKernel::collect(std::span<const ReplicaWork> work, Workspace& workspace, int threads) const {
  std::size_t rows = 0;
  std::int32_t highest = -1;
  for (const ReplicaWork& replica : work) {
    if (replica.tokens.size() != replica.parts.size()) {
      throw Error(ErrorCode::usage, "a replica has " + std::to_string(replica.tokens.size()) + " tokens and " +
                                        std::to_string(replica.parts.size()) + " parts");
    }
    rows += replica.tokens.size();
    for (const std::int32_t token : replica.tokens) highest = std::max(highest, token);
  }
  reserve(workspace, static_cast<int>(rows), highest + 1, static_cast<int>(work.size()), threads);
  const std::uint64_t call = ++workspace.calls_;
  std::int32_t distinct = 0;
  std::size_t row = 0;
  workspace.hidden_chunks_.clear();
  workspace.output_chunks_.clear();
  for (std::size_t w = 0; w < work.size(); ++w) {
    const std::size_t count = work[w].tokens.size();
    if (count == 0) continue;
    const auto cut = [&](std::vector<Workspace::Chunk>& chunks, int panels, std::size_t panel_bytes) {
      const int step = panels_per_chunk(panel_bytes, count);
      for (int p = 0; p < panels; p += step) {
        chunks.push_back({static_cast<std::int32_t>(w), static_cast<std::int32_t>(row), p, std::min(panels, p + step)});
      }
    };
    cut(workspace.hidden_chunks_, layout_.hidden_panels, layout_.hidden_panel_bytes);
    cut(workspace.output_chunks_, layout_.output_panels, layout_.output_panel_bytes);
    for (const std::int32_t token : work[w].tokens) {
      const auto t = static_cast<std::size_t>(token);
      if (workspace.seen_[t] != call) {
        workspace.seen_[t] = call;
        workspace.slots_[t] = distinct;
        workspace.distinct_[static_cast<std::size_t>(distinct++)] = token;
      }
      workspace.operand_rows_[row] =
          workspace.operands_.data() + static_cast<std::size_t>(workspace.slots_[t]) * input_stride_;
      workspace.hidden_rows_[row] = workspace.hidden_.data() + row * hidden_stride_;
      ++row;
    }
  }
  return distinct;
}

void ExpertKernel::prepare(const float* input, int distinct, Workspace& workspace, Team& team) const {
  constexpr int tokens_per_chunk = 16;
  team.run((distinct + tokens_per_chunk - 1) / tokens_per_chunk, [&](int chunk, int) {
    const int end = std::min(distinct, (chunk + 1) * tokens_per_chunk);
    for (int slot = chunk * tokens_per_chunk; slot < end; ++slot) {
      const auto token = static_cast<std::size_t>(workspace.distinct_[static_cast<std::size_t>(slot)]);
      kernels_->prepare(input + token * static_cast<std::size_t>(shape_.width), shape_.width, layout_.width,
                        workspace.operands_.data() + static_cast<std::size_t>(slot) * input_stride_);
    }
  });
}

void ExpertKernel::hidden_panels(const ReplicaWork& replica, int first_row, int begin, int end, float* sums,
                                 Workspace& workspace) const {
  const int rows = static_cast<int>(replica.tokens.size());
  for (int p = begin; p < end; ++p) {
    const int column = p * hidden_columns;
    const auto* bias = reinterpret_cast<const float*>(replica.weights + layout_.hidden_bias) + p * panel_columns;
    const std::byte* panel = replica.weights + static_cast<std::size_t>(p) * layout_.hidden_panel_bytes;
    for (int row = 0; row < rows; row += rows_at_once) {
      const int count = std::min(rows_at_once, rows - row);
      const auto first = static_cast<std::size_t>(first_row + row);
      kernels_->multiply({panel, workspace.operand_rows_.data() + first, count, layout_.width, sums});
      kernels_->activate({sums, count, std::min(hidden_columns, shape_.inner - column), shape_.biases ? bias : nullptr,
                          shape_.activation == Activation::clamped_swiglu, shape_.clamp_limit, shape_.clamp_alpha,
                          workspace.hidden_.data() + first * hidden_stride_ +
                              static_cast<std::size_t>(column) * kernels_->operand_bytes,
                          hidden_stride_});
      if (column + hidden_columns < shape_.inner) continue;
      // The element that makes the last pair whole must be zero: 0 times a leftover NaN would be NaN.
      for (std::size_t r = first; layout_.inner > shape_.inner && r < first + static_cast<std::size_t>(count); ++r) {
        std::byte* spare = workspace.hidden_.data() + r * hidden_stride_ +
                           static_cast<std::size_t>(shape_.inner) * kernels_->operand_bytes;
        std::fill_n(spare, kernels_->operand_bytes, std::byte{0});
      }
    }
  }
}

void ExpertKernel::output_panels(const ReplicaWork& replica, int first_row, int begin, int end, float* parts,
                                 float* sums, Workspace& workspace) const {
  const int rows = static_cast<int>(replica.tokens.size());
  for (int p = begin; p < end; ++p) {
    const int column = p * panel_columns;
    const int columns = std::min(panel_columns, shape_.width - column);
    const auto* bias = reinterpret_cast<const float*>(replica.weights + layout_.output_bias) + column;
    const std::byte* panel = replica.weights + layout_.down + static_cast<std::size_t>(p) * layout_.output_panel_bytes;
    for (int row = 0; row < rows; row += rows_at_once) {
      const int count = std::min(rows_at_once, rows - row);
      kernels_->multiply({panel, workspace.hidden_rows_.data() + first_row + row, count, layout_.inner, sums});
      for (int r = 0; r < count; ++r) {
        const auto part = static_cast<std::size_t>(replica.parts[static_cast<std::size_t>(row + r)]);
        float* to = parts + part * static_cast<std::size_t>(shape_.width) + column;
        const float* from = sums + r * panel_columns;
        if (shape_.biases) {
          for (int c = 0; c < columns; ++c) to[c] = from[c] + bias[c];
        } else {
          std::copy_n(from, columns, to);
        }
      }
    }
  }
}

void ExpertKernel::run(std::span<const ReplicaWork> work, const float* input, float* parts, Workspace& workspace,
                       Team& team) const {
  const int distinct = collect(work, workspace, team.size());
  if (distinct == 0) return;
  prepare(input, distinct, workspace, team);
  const auto sums_of = [&](int thread) {
    return reinterpret_cast<float*>(workspace.sums_.data() + static_cast<std::size_t>(thread) * sums_bytes());
  };
  const auto& hidden = workspace.hidden_chunks_;
  team.run(static_cast<int>(hidden.size()), [&](int chunk, int thread) {
    const Workspace::Chunk& c = hidden[static_cast<std::size_t>(chunk)];
    hidden_panels(work[static_cast<std::size_t>(c.replica)], c.first_row, c.begin, c.end, sums_of(thread), workspace);
  });
  const auto& output = workspace.output_chunks_;
  team.run(static_cast<int>(output.size()), [&](int chunk, int thread) {
    const Workspace::Chunk& c = output[static_cast<std::size_t>(chunk)];
    output_panels(work[static_cast<std::size_t>(c.replica)], c.first_row, c.begin, c.end, parts, sums_of(thread),
                  workspace);
  });
}

}  // namespace plimsoll::executor
