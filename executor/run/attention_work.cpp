#include "executor/run/attention_work.hpp"

#include <algorithm>

#include "executor/telemetry/clock.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::uint64_t weight_stream = 2'000'003;  // far from the streams of experts and routers

}  // namespace

AttentionWork::AttentionWork(const AttentionLayerShape& shape, const AttentionRequest& request, int layers,
                             std::span<const int> tokens, Isa isa, std::uint64_t seed, Seats& seats)
    : shape_(shape),
      request_(request),
      tokens_(tokens.begin(), tokens.end()),
      seats_(seats.seats() == 1 ? seats : own_seats_.emplace(1, seats.threads())) {
  cache_.emplace(shape, request, layers, tokens, seed, seats_);
  layers_.reserve(static_cast<std::size_t>(layers));
  seats_.run(1, [&](int, Team& team) {
    for (int layer = 0; layer < layers; ++layer) {
      support::Random random(seed, weight_stream + static_cast<std::uint64_t>(layer));
      layers_.emplace_back(shape, isa, random.next(), team);
    }
  });
}

void AttentionWork::run(int microstep, int layer, float* x, WindowAttention& result, Lane* lane) {
  const int tokens = tokens_[static_cast<std::size_t>(microstep)];
  if (tokens == 0) return;
  const std::span<Sequence> sequences = cache_->sequences(microstep, layer);
  const std::vector<int> begin = rows_of_sequences(request_, tokens);
  new_tokens_.clear();
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    new_tokens_.push_back({&sequences[s], begin[s], begin[s + 1] - begin[s]});
  }
  const std::int64_t start = now_ns();
  std::int64_t parts_start = start;
  seats_.run(1, [&](int, Team& team) {
    parts_start = now_ns();
    layers_[static_cast<std::size_t>(layer)].run(new_tokens_, tokens, x, workspace_, team, &result.times);
  });
  const std::int64_t end = now_ns();
  result.seconds = static_cast<double>(end - start) * 1e-9;
  result.counts = attention_counts(shape_, request_, tokens, result.times.traffic);
  if (lane == nullptr) return;
  const SpanArguments arguments{layer, microstep, -1, tokens};
  record_span(lane, {"attention", "attention", start, end, arguments});
  record(result, parts_start, arguments, lane);
}

void AttentionWork::record(const WindowAttention& window, std::int64_t begin, const SpanArguments& arguments,
                           Lane* lane) const {
  PartCounts sum;
  for (std::size_t part = 0; part < window.times.ns.size(); ++part) {
    sum.flops += window.counts[part].flops;
    sum.bytes += window.counts[part].bytes;
    // One after the other, without a gap.
    const std::int64_t end = begin + window.times.ns[part];
    if (end > begin) {
      record_span(lane, {name_of(static_cast<AttentionPart>(part)).data(), "attention", begin, end, arguments});
    }
    begin = end;
  }
  record_count(lane, "attention flops", begin, sum.flops);
  record_count(lane, "attention bytes", begin, sum.bytes);
}

int AttentionWork::sequences() const {
  return tokens_.empty() ? 0 : sequences_of(request_, *std::max_element(tokens_.begin(), tokens_.end()));
}

std::int64_t AttentionWork::weight_bytes() const {
  std::int64_t sum = 0;
  for (const AttentionLayer& layer : layers_) sum += layer.weight_bytes();
  return sum;
}

}  // namespace plimsoll::executor
