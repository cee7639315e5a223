#include "executor/run/attention_cache.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "executor/attention/block_walk.hpp"
#include "executor/attention/layout.hpp"
#include "executor/attention/quantised_keys.hpp"
#include "executor/threads/memory.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::uint64_t context_stream = 3'000'017;  // far from the streams of weights
constexpr int tokens_at_once = 4096;                 // of a context that is filled

bool is_quantised(const AttentionLayerShape& shape) { return shape.sparse && shape.form != IndexForm::exact; }

double bytes_of_block(const AttentionLayerShape& shape) {
  const AttentionShape& of = shape.attention;
  return 2.0 * of.groups * static_cast<double>(panels_bytes(of.type, of.head_size)) +
         static_cast<double>(panels_bytes(of.type, of.index_size)) +
         (is_quantised(shape) ? static_cast<double>(quantised_block_bytes(of.index_size)) : 0);
}

std::int64_t blocks_of(std::int64_t tokens) { return (tokens + block_keys - 1) / block_keys; }

// Uniform with variance 1, four numbers from each draw.
void fill_row(support::Random& random, float* to, std::size_t count) {
  constexpr float scale = 1.7320508F / 32768.0F;
  for (std::size_t k = 0; k < count; k += 4) {
    const std::uint64_t bits = random.next();
    for (std::size_t j = 0; j < std::min<std::size_t>(4, count - k); ++j) {
      to[k + j] = static_cast<float>(static_cast<std::int16_t>(bits >> (16 * j))) * scale;
    }
  }
}

}  // namespace

AttentionCache::AttentionCache(const AttentionLayerShape& shape, const AttentionRequest& request, int layers,
                               std::span<const int> tokens, std::uint64_t seed, Seats& seats)
    : shape_(shape), request_(request), layers_(layers), tokens_(tokens.begin(), tokens.end()) {
  const std::int64_t blocks = std::max<std::int64_t>(1, count_blocks());
  require_memory(bytes_of_block(shape), blocks, seats.threads_of(0));
  bytes_ = static_cast<std::int64_t>(bytes_of_block(shape)) * blocks;
  pool_ = std::make_unique<BlockPool>(shape.attention, static_cast<int>(blocks), is_quantised(shape));
  const int most = tokens_.empty() ? 0 : *std::max_element(tokens_.begin(), tokens_.end());
  const int count = request.shared_context ? std::min(1, most) : sequences_of(request, most);
  contexts_.resize(static_cast<std::size_t>(layers));
  seats.run(1, [&](int, Team& team) {
    for (int layer = 0; layer < layers; ++layer) {
      for (int number = 0; number < count; ++number) {
        auto& context = contexts_[static_cast<std::size_t>(layer)].emplace_back(*pool_);
        const auto stream = static_cast<std::uint64_t>(layer) * 1'000'003 + static_cast<std::uint64_t>(number);
        fill(context, support::Random(seed, context_stream + stream).next(), team);
      }
    }
    touch_free_blocks(team);
  });
}

// Contexts; the last, incomplete block of every fork; what the largest micro-step appends.
std::int64_t AttentionCache::count_blocks() const {
  const std::int64_t context = blocks_of(request_.context);
  std::int64_t contexts = 0;
  std::int64_t forks = 0;
  std::int64_t appended = 0;
  for (const int tokens : tokens_) {
    const std::vector<int> begin = rows_of_sequences(request_, tokens);
    const auto sequences = static_cast<std::int64_t>(begin.size()) - 1;
    contexts = std::max(contexts, request_.shared_context ? std::min<std::int64_t>(1, sequences) : sequences);
    if (request_.context % block_keys != 0) forks += sequences;
    std::int64_t more = 0;
    for (std::size_t s = 0; s + 1 < begin.size(); ++s) {
      more += blocks_of(std::int64_t{request_.context} + begin[s + 1] - begin[s]) - context;
    }
    appended = std::max(appended, more);
  }
  return (contexts * context + forks + appended) * layers_;
}

void AttentionCache::require_memory(double block_bytes, std::int64_t blocks, int threads) const {
  const AttentionShape& of = shape_.attention;
  const int most = tokens_.empty() ? 0 : *std::max_element(tokens_.begin(), tokens_.end());
  const int sequences = sequences_of(request_, most);
  const auto depth = static_cast<double>(blocks_of(std::int64_t{request_.context} + most));
  double forks = 1;
  for (const int tokens : tokens_) forks += sequences_of(request_, tokens);
  // Bounds of two blocks each, and the table.
  const double tables = forks * layers_ * depth * (is_quantised(shape_) ? 4.0 * of.index_size + 8 : 4);
  const double outputs = (of.query_heads + 2.0 * of.groups) * of.head_size + (of.groups + 1.0) * of.index_size;
  const double rows = most * 4.0 * (2.0 * outputs + 2.0 * of.query_heads * of.head_size + 3.0 * shape_.width);
  const double scores = shape_.sparse ? std::min(8.0 * most * of.groups * depth, 0x1p27) : 0;
  // attend.cpp splits few tiles into chunks, whose sums are kept.
  const double tiles = std::min(8.0 * threads, static_cast<double>(most) * of.groups);
  const double partials = shape_.sparse ? 0 : tiles * depth / chunk_blocks * 4.0 * tile_rows * (of.head_size + 2);
  const double cache = block_bytes * static_cast<double>(blocks);
  const double all = cache + tables + rows + scores + partials;
  if (all < static_cast<double>(available_memory()) && blocks <= std::numeric_limits<std::int32_t>::max()) return;
  const auto megabytes = [](double bytes) { return std::to_string(static_cast<std::int64_t>(bytes / 1e6)) + " MB"; };
  throw Error(
      ErrorCode::memory,
      "the attention of " + std::to_string(layers_) + " layers takes about " + megabytes(all) + ", " +
          megabytes(cache) + " of it keys and values of " + std::to_string(sequences) + " sequences of " +
          std::to_string(request_.context) + " tokens, and " + megabytes(static_cast<double>(available_memory())) +
          " are available",
      {},
      request_.shared_context || sequences < 2
          ? "Maybe run fewer layers (--layers 2), or a shorter --context."
          : "Maybe run fewer layers (--layers 2), fewer --sequences, a shorter --context, or --shared-context.");
}

void AttentionCache::fill(Sequence& sequence, std::uint64_t seed, Team& team) const {
  const AttentionShape& of = shape_.attention;
  const auto keys = static_cast<std::size_t>(of.groups) * static_cast<std::size_t>(of.head_size);
  const auto index = static_cast<std::size_t>(of.index_size);
  const auto room = static_cast<std::size_t>(std::min(tokens_at_once, request_.context));
  std::vector<float> key_rows(room * keys);
  std::vector<float> value_rows(room * keys);
  std::vector<float> index_rows(room * index);
  for (int first = 0; first < request_.context; first += tokens_at_once) {
    const int count = std::min(tokens_at_once, request_.context - first);
    team.run(count, [&](int token, int) {
      support::Random random(seed, static_cast<std::uint64_t>(first + token));
      const auto row = static_cast<std::size_t>(token);
      fill_row(random, key_rows.data() + row * keys, keys);
      fill_row(random, value_rows.data() + row * keys, keys);
      fill_row(random, index_rows.data() + row * index, index);
    });
    sequence.append(count, key_rows.data(), value_rows.data(), index > 0 ? index_rows.data() : nullptr, team);
  }
}

// Pages come with the first write: before the clock runs.
void AttentionCache::touch_free_blocks(Team& team) {
  const AttentionShape& of = shape_.attention;
  std::vector<int> blocks;
  while (pool_->free_blocks() > 0) blocks.push_back(pool_->take());
  team.run(static_cast<int>(blocks.size()), [&](int number, int) {
    const int block = blocks[static_cast<std::size_t>(number)];
    for (int group = 0; group < of.groups; ++group) {
      std::memset(pool_->keys(block, group), 0, panels_bytes(of.type, of.head_size));
      std::memset(pool_->values(block, group), 0, panels_bytes(of.type, of.head_size));
    }
    if (of.index_size == 0) return;
    std::memset(pool_->index_keys(block), 0, panels_bytes(of.type, of.index_size));
    if (pool_->quantised()) std::memset(pool_->quantised_keys(block), 0, quantised_block_bytes(of.index_size));
  });
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) pool_->release(*block);
}

void AttentionCache::begin_run() {
  forks_.clear();
  for (const int tokens : tokens_) {
    auto& layers = forks_.emplace_back(static_cast<std::size_t>(layers_));
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const std::vector<Sequence>& contexts = contexts_[layer];
      for (int sequence = 0; sequence < sequences_of(request_, tokens); ++sequence) {
        layers[layer].push_back(contexts[request_.shared_context ? 0 : static_cast<std::size_t>(sequence)].fork());
      }
    }
  }
}

std::span<Sequence> AttentionCache::sequences(int microstep, int layer) {
  return forks_[static_cast<std::size_t>(microstep)][static_cast<std::size_t>(layer)];
}

void AttentionCache::end_microstep(int microstep) { forks_[static_cast<std::size_t>(microstep)].clear(); }

}  // namespace plimsoll::executor
