// The attention half of the layers of a run: weights and caches, on all threads as one team whatever the devices are.
// A window of the plan is the experts' half alone; this comes before it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "executor/run/attention_cache.hpp"
#include "executor/run/attention_counts.hpp"
#include "executor/telemetry/recorder.hpp"
#include "executor/threads/seats.hpp"

namespace plimsoll::executor {

class AttentionWork {
 public:
  // tokens: [micro-steps] of the runs that follow. As many threads as the seats have: their own team where there is one
  // seat, another one otherwise, which sleeps while experts are computed. Throws Error(memory).
  AttentionWork(const AttentionLayerShape& shape, const AttentionRequest& request, int layers,
                std::span<const int> tokens, Isa isa, std::uint64_t seed, Seats& seats);

  // Every micro-step begins with the context again.
  void begin_run() { cache_->begin_run(); }
  // x += attention(x) for all tokens of the micro-step; x [tokens][width].
  void run(int microstep, int layer, float* x, WindowAttention& result, Lane* lane);
  void end_microstep(int microstep) { cache_->end_microstep(microstep); }

  [[nodiscard]] const AttentionLayerShape& shape() const { return shape_; }
  [[nodiscard]] const AttentionRequest& request() const { return request_; }
  [[nodiscard]] int sequences() const;  // of the largest micro-step
  [[nodiscard]] std::int64_t weight_bytes() const;
  [[nodiscard]] std::int64_t cache_bytes() const { return cache_->bytes(); }

 private:
  void record(const WindowAttention& window, std::int64_t begin, const SpanArguments& arguments, Lane* lane) const;

  AttentionLayerShape shape_;
  AttentionRequest request_;
  std::vector<int> tokens_;
  std::optional<Seats> own_seats_;
  Seats& seats_;  // one that has all threads
  std::vector<AttentionLayer> layers_;
  std::optional<AttentionCache> cache_;
  AttentionWorkspace workspace_;
  std::vector<NewTokens> new_tokens_;
};

}  // namespace plimsoll::executor
