#include "executor/kernels/expert_kernel.hpp"

#include <algorithm>
#include <string>

#include "executor/kernels/panel_chunks.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "executor/telemetry/clock.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

// Rows of a batch, at least one replica's: their operands and hidden vectors (f32: 14 KB a row for a width of 2,048 and
// 1,408 inner) stay in the last cache, and the steps' ends, where threads wait for each other, cost nothing yet.
constexpr std::size_t rows_of_batch = 512;

constexpr std::size_t sums_size = std::size_t{panel_columns} * rows_at_once * panels_at_once;  // of a thread

std::byte* bytes_of(const Scratch& scratch) { return reinterpret_cast<std::byte*>(scratch.data()); }

}  // namespace

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
      input_bytes_(static_cast<std::size_t>(layout_.width) * kernels_->operand_bytes),
      hidden_bytes_(static_cast<std::size_t>(layout_.inner) * kernels_->operand_bytes) {}

void ExpertKernel::reserve(Workspace& workspace, int rows, int replicas, int threads) const {
  const auto row_count = static_cast<std::size_t>(rows);
  const auto replica_count = static_cast<std::size_t>(replicas);
  workspace.reserve(workspace.operands_, row_count * input_bytes_);
  workspace.reserve(workspace.hidden_, row_count * hidden_bytes_);
  workspace.reserve(workspace.sums_, static_cast<std::size_t>(threads) * sums_size * sizeof(float));
  workspace.resize(workspace.batches_, replica_count);
  workspace.resize(workspace.pack_chunks_, replica_count + row_count / rows_at_once);
  workspace.resize(workspace.hidden_chunks_, replica_count * static_cast<std::size_t>(layout_.hidden_panels));
  workspace.resize(workspace.output_chunks_, replica_count * static_cast<std::size_t>(layout_.output_panels));
}

// Divides the call into batches of replicas, and each of their steps into chunks.
void ExpertKernel::plan(std::span<const ReplicaWork> work, Workspace& workspace, int threads) const {
  std::size_t rows = 0;
  for (const ReplicaWork& replica : work) {
    if (replica.tokens.size() != replica.parts.size()) {
      throw Error(ErrorCode::usage, "a replica has " + std::to_string(replica.tokens.size()) + " tokens and " +
                                        std::to_string(replica.parts.size()) + " parts");
    }
    rows += replica.tokens.size();
  }
  reserve(workspace, static_cast<int>(rows), static_cast<int>(work.size()), threads);
  workspace.batches_.clear();
  workspace.pack_chunks_.clear();
  workspace.hidden_chunks_.clear();
  workspace.output_chunks_.clear();
  std::size_t in_batch = 0;
  const auto end_batch = [&] {
    if (in_batch == 0) return;
    in_batch = 0;
    workspace.batches_.push_back(
        {workspace.pack_chunks_.size(), workspace.hidden_chunks_.size(), workspace.output_chunks_.size()});
  };
  for (std::size_t w = 0; w < work.size(); ++w) {
    const std::size_t count = work[w].tokens.size();
    if (count == 0) continue;
    if (in_batch + count > rows_of_batch) end_batch();
    const auto cut = [&](std::vector<Workspace::Chunk>& chunks, int whole, int step) {
      for (int p = 0; p < whole; p += step) {
        chunks.push_back(
            {static_cast<std::int32_t>(w), static_cast<std::int32_t>(in_batch), p, std::min(whole, p + step)});
      }
    };
    cut(workspace.pack_chunks_, static_cast<int>(count), rows_at_once);
    cut(workspace.hidden_chunks_, layout_.hidden_panels, panels_per_chunk(layout_.hidden_panel_bytes, count));
    cut(workspace.output_chunks_, layout_.output_panels, panels_per_chunk(layout_.output_panel_bytes, count));
    in_batch += count;
  }
  end_batch();
}

void ExpertKernel::pack(std::span<const ReplicaWork> work, const float* input, const Workspace::Chunk& chunk,
                        Workspace& workspace) const {
  const ReplicaWork& replica = work[static_cast<std::size_t>(chunk.replica)];
  const float* rows[rows_at_once];
  for (std::int32_t row = chunk.begin; row < chunk.end; ++row) {
    const auto token = static_cast<std::size_t>(replica.tokens[static_cast<std::size_t>(row)]);
    rows[row - chunk.begin] = input + token * static_cast<std::size_t>(shape_.width);
  }
  const auto first = static_cast<std::size_t>(chunk.first_row + chunk.begin);
  kernels_->pack(rows, chunk.end - chunk.begin, shape_.width, layout_.width,
                 bytes_of(workspace.operands_) + first * input_bytes_);
}

void ExpertKernel::hidden_panels(std::span<const ReplicaWork> work, const Workspace::Chunk& chunk, float* sums,
                                 Workspace& workspace) const {
  const ReplicaWork& replica = work[static_cast<std::size_t>(chunk.replica)];
  const int rows = static_cast<int>(replica.tokens.size());
  for (int p = chunk.begin; p < chunk.end; p += panels_at_once) {
    const int panels = std::min(panels_at_once, chunk.end - p);
    const std::byte* at = replica.weights + static_cast<std::size_t>(p) * layout_.hidden_panel_bytes;
    for (int row = 0; row < rows; row += rows_at_once) {
      const int count = std::min(rows_at_once, rows - row);
      const auto first = static_cast<std::size_t>(chunk.first_row + row);
      kernels_->multiply(
          {at, panels, bytes_of(workspace.operands_) + first * input_bytes_, count, layout_.width, sums});
      for (int q = p; q < p + panels; ++q) {
        const int column = q * hidden_columns;
        const auto* bias = reinterpret_cast<const float*>(replica.weights + layout_.hidden_bias) + q * panel_columns;
        kernels_->activate({sums + (q - p) * count * panel_columns, count,
                            std::min(hidden_columns, shape_.inner - column), shape_.biases ? bias : nullptr,
                            shape_.activation == Activation::clamped_swiglu, shape_.clamp_limit, shape_.clamp_alpha,
                            bytes_of(workspace.hidden_) + first * hidden_bytes_, column, layout_.inner});
      }
    }
  }
}

void ExpertKernel::output_panels(std::span<const ReplicaWork> work, const Workspace::Chunk& chunk, float* parts,
                                 float* sums, const Workspace& workspace) const {
  const ReplicaWork& replica = work[static_cast<std::size_t>(chunk.replica)];
  const int rows = static_cast<int>(replica.tokens.size());
  for (int p = chunk.begin; p < chunk.end; p += panels_at_once) {
    const int panels = std::min(panels_at_once, chunk.end - p);
    const std::byte* at = replica.weights + layout_.down + static_cast<std::size_t>(p) * layout_.output_panel_bytes;
    for (int row = 0; row < rows; row += rows_at_once) {
      const int count = std::min(rows_at_once, rows - row);
      const auto first = static_cast<std::size_t>(chunk.first_row + row);
      kernels_->multiply({at, panels, bytes_of(workspace.hidden_) + first * hidden_bytes_, count, layout_.inner, sums});
      const float* from = sums;
      for (int column = p * panel_columns; column < (p + panels) * panel_columns; column += panel_columns) {
        const int columns = std::min(panel_columns, shape_.width - column);
        const auto* bias = reinterpret_cast<const float*>(replica.weights + layout_.output_bias) + column;
        for (int r = 0; r < count; ++r, from += panel_columns) {
          const auto part = static_cast<std::size_t>(replica.parts[static_cast<std::size_t>(row + r)]);
          float* to = parts + part * static_cast<std::size_t>(shape_.width) + column;
          if (shape_.biases) {
            for (int c = 0; c < columns; ++c) to[c] = from[c] + bias[c];
          } else {
            std::copy_n(from, columns, to);
          }
        }
      }
    }
  }
}

template <class Body>
void ExpertKernel::step(const char* name, const std::vector<Workspace::Chunk>& chunks, std::size_t begin,
                        std::size_t end, Workspace& workspace, Team& team, const KernelLanes* lanes, Body&& body) {
  const auto count = static_cast<int>(end - begin);
  const auto chunk_at = [&](int chunk) -> const Workspace::Chunk& {
    return chunks[begin + static_cast<std::size_t>(chunk)];
  };
  if (lanes == nullptr) {
    team.run(count, [&](int chunk, int thread) { body(chunk_at(chunk), thread); });
    return;
  }
  workspace.busy_.assign(static_cast<std::size_t>(team.size()), {0, 0});
  team.run(count, [&](int chunk, int thread) {
    Workspace::Busy& busy = workspace.busy_[static_cast<std::size_t>(thread)];
    if (busy.begin_ns == 0) busy.begin_ns = now_ns();
    body(chunk_at(chunk), thread);
    busy.end_ns = now_ns();
  });
  for (std::size_t thread = 0; thread < workspace.busy_.size(); ++thread) {
    const Workspace::Busy& busy = workspace.busy_[thread];
    if (busy.begin_ns > 0) {
      record_span(lanes->threads[thread], {name, "kernel", busy.begin_ns, busy.end_ns, lanes->arguments});
    }
  }
}

void ExpertKernel::run(std::span<const ReplicaWork> work, const float* input, float* parts, Workspace& workspace,
                       Team& team, const KernelLanes* lanes) const {
  plan(work, workspace, team.size());
  const auto sums_of = [&](int thread) {
    return workspace.sums_.data() + static_cast<std::size_t>(thread) * sums_size;
  };
  Workspace::Batch done{};
  for (const Workspace::Batch& batch : workspace.batches_) {
    step("pack", workspace.pack_chunks_, done.pack_end, batch.pack_end, workspace, team, lanes,
         [&](const Workspace::Chunk& chunk, int) { pack(work, input, chunk, workspace); });
    step("gate and up", workspace.hidden_chunks_, done.hidden_end, batch.hidden_end, workspace, team, lanes,
         [&](const Workspace::Chunk& chunk, int thread) { hidden_panels(work, chunk, sums_of(thread), workspace); });
    step("down", workspace.output_chunks_, done.output_end, batch.output_end, workspace, team, lanes,
         [&](const Workspace::Chunk& chunk, int thread) {
           output_panels(work, chunk, parts, sums_of(thread), workspace);
         });
    done = batch;
  }
}

}  // namespace plimsoll::executor
