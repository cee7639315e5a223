#include "executor/attention/attention_layer.hpp"

#include <algorithm>
#include <cmath>

#include "executor/kernels/rms_norm.hpp"
#include "executor/telemetry/clock.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

const AttentionLayerShape& checked(const AttentionLayerShape& shape) {
  check(shape.attention);
  check(shape.selection);
  if (shape.sparse && shape.attention.index_size == 0) {
    throw Error(ErrorCode::input, "sparse attention without an index branch", "/index_size");
  }
  return shape;
}

int outputs_of(const AttentionShape& shape) {
  const int index = shape.index_size > 0 ? (shape.groups + 1) * shape.index_size : 0;
  return (shape.query_heads + 2 * shape.groups) * shape.head_size + index;
}

}  // namespace

std::string_view name_of(AttentionPart part) {
  constexpr std::string_view names[] = {"norm", "project in", "rotate", "append", "index", "attend", "project out"};
  return names[static_cast<std::size_t>(part)];
}

AttentionLayer::AttentionLayer(const AttentionLayerShape& shape, Isa isa, std::uint64_t seed, Team& team)
    : shape_(checked(shape)),
      isa_(isa),
      kernels_(block_kernels(isa, shape.attention.type)),
      in_(Projection::random(outputs_of(shape.attention), shape.width, shape.attention.type, isa, seed, team)),
      out_(Projection::random(shape.width, shape.attention.query_heads * shape.attention.head_size,
                              shape.attention.type, isa, seed + 1, team)),
      gain_(static_cast<std::size_t>(shape.width), 1.0F),
      query_gain_(static_cast<std::size_t>(shape.attention.head_size), 1.0F),
      key_gain_(query_gain_),
      index_query_gain_(static_cast<std::size_t>(shape.attention.index_size), 1.0F),
      index_key_gain_(index_query_gain_),
      rotary_(shape.attention.head_size, shape.rotary_base),
      index_rotary_(shape.attention.index_size, shape.rotary_base) {}

// From the joint rows of the projection to one array for each part, normed and turned.
void AttentionLayer::split(std::span<const NewTokens> tokens, const float* projected, LayerBuffers& buffers,
                           Team& team) const {
  const AttentionShape& of = shape_.attention;
  const int total = in_.outputs();
  for (const NewTokens& some : tokens) {
    const int first_position = some.sequence->length();
    team.run(some.count, [&, this](int token, int) {
      const auto row = static_cast<std::ptrdiff_t>(some.first_row + token);
      const float* from = projected + row * total;
      float cosines[128];
      float sines[128];
      const auto heads = [&](int count, int size, bool turned, const Rotary& rotary, const std::vector<float>& gain,
                             float* to) {
        to += row * count * size;
        std::copy_n(from, count * size, to);
        from += count * size;
        if (!turned) return;
        for (int head = 0; head < count; ++head) {
          float* one = to + head * size;
          if (shape_.query_key_norm)
            rms_norm({one, static_cast<std::size_t>(size)}, gain, {one, static_cast<std::size_t>(size)},
                     shape_.epsilon);
          if (shape_.rotary) rotary.turn(cosines, sines, one);
        }
      };
      rotary_.angles(first_position + token, cosines, sines);
      heads(of.query_heads, of.head_size, true, rotary_, query_gain_, buffers.queries.floats(0));
      heads(of.groups, of.head_size, true, rotary_, key_gain_, buffers.keys.floats(0));
      heads(of.groups, of.head_size, false, rotary_, key_gain_, buffers.values.floats(0));
      if (of.index_size == 0) return;
      index_rotary_.angles(first_position + token, cosines, sines);
      heads(of.groups, of.index_size, true, index_rotary_, index_query_gain_, buffers.index_queries.floats(0));
      heads(1, of.index_size, true, index_rotary_, index_key_gain_, buffers.index_keys.floats(0));
    });
  }
}

void AttentionLayer::run(std::span<const NewTokens> tokens, int rows, float* hidden, AttentionWorkspace& workspace,
                         Team& team, AttentionTimes* times) const {
  LayerBuffers& buffers = workspace.layer;
  const AttentionShape& of = shape_.attention;
  const auto width = static_cast<std::size_t>(shape_.width);
  const auto count = static_cast<std::size_t>(rows);
  const auto query_width = static_cast<std::size_t>(of.query_heads * of.head_size);
  const auto key_width = static_cast<std::size_t>(of.groups * of.head_size);
  const auto index = static_cast<std::size_t>(of.index_size);
  std::int64_t since = now_ns();
  const auto done = [&](AttentionPart part) {
    const std::int64_t now = now_ns();
    if (times != nullptr) times->ns[static_cast<std::size_t>(part)] += now - since;
    since = now;
  };

  float* normed = buffers.normed.floats(count * width);
  team.run(rows, [&](int row, int) {
    const std::size_t at = static_cast<std::size_t>(row) * width;
    rms_norm({hidden + at, width}, gain_, {normed + at, width}, shape_.epsilon);
  });
  done(AttentionPart::norm);
  float* projected = buffers.projected.floats(count * static_cast<std::size_t>(in_.outputs()));
  in_.run(rows, normed, projected, buffers.projection, team);
  done(AttentionPart::project_in);

  const float* queries = buffers.queries.floats(count * query_width);
  const float* keys = buffers.keys.floats(count * key_width);
  const float* values = buffers.values.floats(count * key_width);
  const float* index_queries = buffers.index_queries.floats(count * static_cast<std::size_t>(of.groups) * index);
  const float* index_keys = buffers.index_keys.floats(count * index);
  split(tokens, projected, buffers, team);
  done(AttentionPart::rotate);

  buffers.runs.clear();
  for (const NewTokens& some : tokens) {
    buffers.runs.push_back({some.sequence, some.first_row, some.count, some.sequence->length()});
    const auto first = static_cast<std::size_t>(some.first_row);
    some.sequence->append(some.count, keys + first * key_width, values + first * key_width,
                          index > 0 ? index_keys + first * index : nullptr, team);
  }
  done(AttentionPart::append);

  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(of.head_size)));
  float* outputs = buffers.outputs.floats(count * query_width);
  if (shape_.sparse) {
    const int slots = selection_slots(shape_.selection);
    workspace.selected.resize(count * static_cast<std::size_t>(of.groups * slots));
    const IndexTraffic traffic = select_blocks({of, shape_.selection, shape_.form, isa_}, buffers.runs, index_queries,
                                               workspace.selected.data(), workspace, team);
    if (times != nullptr) times->traffic = traffic;
    done(AttentionPart::index);
    for (const QueryRun& run : buffers.runs) {
      const SparseOrder order = run.count >= shape_.by_block_from ? SparseOrder::by_block : SparseOrder::by_query;
      sparse_attention(of, kernels_, scale, order, {&run, 1}, queries, workspace.selected.data(), slots, outputs,
                       nullptr, workspace, team);
    }
  } else {
    dense_attention(of, kernels_, scale, buffers.runs, queries, outputs, nullptr, workspace, team);
  }
  done(AttentionPart::attend);

  out_.run(rows, outputs, normed, buffers.projection, team);
  team.run(rows, [&](int row, int) {
    const std::size_t at = static_cast<std::size_t>(row) * width;
    for (std::size_t d = at; d < at + width; ++d) hidden[d] += normed[d];
  });
  done(AttentionPart::project_out);
}

}  // namespace plimsoll::executor
