// The attention half of a transformer layer:
//   hidden += W_out attention(rope(norm(W_q x)), rope(norm(W_k x)), W_v x),  x = norm(hidden),
// dense or sparse, appending the new tokens' keys and values to the sequences' caches. Decode and prefill are the same
// call with few or many tokens, and give the same bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "executor/attention/dense.hpp"
#include "executor/attention/index_branch.hpp"
#include "executor/attention/projection.hpp"
#include "executor/attention/rotary.hpp"
#include "executor/attention/sparse.hpp"

namespace plimsoll::executor {

struct AttentionLayerShape {
  int width = 2048;          // of the hidden rows
  AttentionShape attention;  // index_size 0: dense only
  bool sparse = true;
  Selection selection;
  IndexForm form = IndexForm::quantised;
  // Sparse attention goes block by block from so many new tokens of a sequence on. The default is never: with AVX2
  // a block of 16 heads is bound by arithmetic, and the sums of every slot only cost (bench_attention orders).
  int by_block_from = 1 << 30;
  bool query_key_norm = true;  // RMS norm of each head of queries, keys, index queries and index keys
  bool rotary = true;          // on the same
  double rotary_base = 1e6;
  float epsilon = 1e-6F;
};

// Rows [first_row, first_row + count) of the hidden rows are the next tokens of a sequence.
struct NewTokens {
  Sequence* sequence = nullptr;
  int first_row = 0;
  int count = 0;
};

enum class AttentionPart { norm, project_in, rotate, append, index, attend, project_out, count };
[[nodiscard]] std::string_view name_of(AttentionPart part);

struct AttentionTimes {
  std::array<std::int64_t, static_cast<std::size_t>(AttentionPart::count)> ns{};  // added to
  IndexTraffic traffic;                                                           // of the last call
};

class AttentionLayer {
 public:
  // Weights of Projection::random, W_in with the seed and W_out with the next one; all gains are 1. Throws Error(input)
  // for shapes that do not fit. The processor must have the instruction set.
  AttentionLayer(const AttentionLayerShape& shape, Isa isa, std::uint64_t seed, Team& team);

  [[nodiscard]] const AttentionLayerShape& shape() const { return shape_; }
  [[nodiscard]] std::int64_t weight_bytes() const { return in_.bytes() + out_.bytes(); }

  // hidden: [rows][width], in place. Sequences must have a pool of shape().attention, with 8-bit index keys unless the
  // form is exact. Throws what Sequence::append throws.
  void run(std::span<const NewTokens> tokens, int rows, float* hidden, AttentionWorkspace& workspace, Team& team,
           AttentionTimes* times = nullptr) const;

 private:
  void split(std::span<const NewTokens> tokens, const float* projected, LayerBuffers& buffers, Team& team) const;

  AttentionLayerShape shape_;
  Isa isa_;
  const BlockKernels& kernels_;
  Projection in_;  // queries, keys, values, index queries, index keys, one after another
  Projection out_;
  std::vector<float> gain_, query_gain_, key_gain_, index_query_gain_, index_key_gain_;
  Rotary rotary_, index_rotary_;
};

}  // namespace plimsoll::executor
